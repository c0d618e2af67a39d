/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/where.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/value_set.h"

void where_clear(struct where *w)
{
	for (size_t i = 0; i < w->nother; i++)
		free(w->other[i]);
	*w = (struct where){ .value = NULL };
}

static bool meets(const struct where *w, const char *text, enum quantity q)
{
	struct diag unused;
	double asked, found = value_set_number(text);

	if (strcmp(text, w->value) == 0)
		return true;
	return !isnan(found) &&
	       quantity_parse(w->value, q, &asked, &unused) == STATUS_OK &&
	       fabs(asked - found) <= 1e-9 * fabs(found);
}

bool where_lets(struct where *w, const char *text, enum quantity q)
{
	size_t i = 0;

	if (w->value == NULL)
		return true;
	if (meets(w, text, q)) {
		w->met = true;
		return true;
	}
	while (i < w->nother && strcmp(w->other[i], text) != 0)
		i++;
	if (i == w->nother && i <= WHERE_MOST_LISTED)
		w->other[w->nother++] = xstrdup(text);
	return false;
}

void where_list(const struct where *w, char text[WHERE_LIST])
{
	text[0] = '\0';
	for (size_t k = 0; k < w->nother && k < WHERE_MOST_LISTED; k++) {
		size_t n = strlen(text);

		snprintf(text + n, WHERE_LIST - n, "%s%.30s",
			 k > 0 ? ", " : "", w->other[k]);
	}
	if (w->nother > WHERE_MOST_LISTED) {
		size_t n = strlen(text);

		snprintf(text + n, WHERE_LIST - n, ", ...");
	}
}
