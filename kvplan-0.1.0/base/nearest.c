/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 64 };		/* letters compared; names are short */
enum { SHORTEST_START = 3 };	/* letters that say which name is meant */

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein distance over one row of the table, letters folded. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[LONGEST + 1];

	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t above = row[j];
			int same = tolower((unsigned char)a[i - 1]) ==
				   tolower((unsigned char)b[j - 1]);

			row[j] = min3(above + 1, row[j - 1] + 1,
				      diagonal + !same);
			diagonal = above;
		}
	}
	return row[nb];
}

/* Letters that both begin with: people mistype the end of a name. */
static size_t common(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

const char *nearest_name(const char *name, const char *const *names,
			 size_t n)
{
	size_t len = strlen(name), best_distance = LONGEST + 1;
	const char *best = NULL;

	if (len > LONGEST)
		return NULL;
	for (size_t i = 0; i < n && len >= SHORTEST_START; i++)
		if (common(name, names[i]) == len &&
		    strlen(names[i]) <= LONGEST)
			return names[i];
	for (size_t i = 0; i < n; i++) {
		size_t other = strlen(names[i]), far;

		if (other > LONGEST)
			continue;
		far = distance(name, len, names[i], other);
		if (far < best_distance ||
		    (far == best_distance &&
		     common(name, names[i]) > common(name, best))) {
			best_distance = far;
			best = names[i];
		}
	}
	if (best == NULL || 2 * best_distance > strlen(best))
		return NULL;
	return best;
}
