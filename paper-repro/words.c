/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/words.h"

#include <math.h>

/* `value`, how far two numbers of `b` are apart, with its unit. */
static void write_distance(const struct band *b, double value,
			   char out[QUANTITY_SIZE])
{
	enum quantity q = reproduce_band_quantity(b);

	if (q == QUANTITY_PERCENT)
		snprintf(out, QUANTITY_SIZE, "%.3g points", value);
	else
		quantity_format(value, q, out);
}

void reproduce_words_set(const struct band *b, size_t set, FILE *out)
{
	const char *comma = "";

	for (size_t i = 0; i <= b->naxes; i++) {
		const char *choice = reproduce_band_choice(b, set, i);

		if (i < b->naxes && b->study->axes[b->axes[i]].n > 1)
			fprintf(out, "%s%s: %s", comma,
				b->study->axes[b->axes[i]].title, choice);
		else if (i == b->naxes && b->headline->ndefinitions > 1)
			fprintf(out, "%s%s", comma, choice);
		else
			continue;
		comma = "; ";
	}
}

void reproduce_words_nearest(const struct band *b, bool stated, FILE *out)
{
	size_t set = stated ? b->nearest_stated : b->nearest;
	double off = stated ? b->distance_stated : b->distance;
	char far[QUANTITY_SIZE];

	if (set == STUDY_ANY) {
		fputs("no set gives all numbers", out);
		return;
	}
	write_distance(b, off, far);
	if (off > 0.0)
		fprintf(out, "%s off%s (", far,
			b->headline->nparts > 1 ? " at most" : "");
	else
		fputs("as printed (", out);
	reproduce_words_set(b, set, out);
	putc(')', out);
}

void reproduce_words_joint(const struct band *b, FILE *out)
{
	const char *all = b->headline->nparts > 1 ? "all numbers at once"
						  : "the number";
	char far[QUANTITY_SIZE];

	if (b->ngiving_stated > 0) {
		fprintf(out, "reproduced: %zu of %zu sets give %s",
			b->ngiving_stated, b->nstated, all);
		return;
	}
	fprintf(out, "NOT reproduced: no set gives %s", all);
	if (b->nearest_stated != STUDY_ANY) {
		write_distance(b, b->distance_stated, far);
		fprintf(out, ", the nearest is %s off%s", far,
			b->headline->nparts > 1 ? " at most" : "");
	}
	if (b->ngiving > 0)
		fprintf(out, "; %zu of %zu sets that depart from the paper do",
			b->ngiving, b->nsets - b->nstated);
}

static void write_order(const struct band *b, size_t set, FILE *out)
{
	size_t order[ITEM_MOST_PARTS];

	reproduce_band_order(b, set, order);
	for (size_t i = 0; i < b->headline->nparts; i++)
		fprintf(out, "%s%s", i ? ", " : "",
			b->headline->parts[order[i]].title);
}

void reproduce_words_order(const struct band *b, FILE *out)
{
	fputs("from the largest down the paper has ", out);
	write_order(b, STUDY_ANY, out);
	fprintf(out, ": so have %zu of %zu sets", b->nordered, b->nfull);
	if (b->usual == STUDY_ANY)
		return;
	fprintf(out, "; %zu have ", b->nusual);
	write_order(b, b->usual, out);
}

void reproduce_words_verdict(const struct band *b, size_t part,
			      const struct band_range *range, FILE *out)
{
	enum quantity q = reproduce_band_quantity(b);
	char least[QUANTITY_SIZE], most[QUANTITY_SIZE], miss[QUANTITY_SIZE];

	if (isnan(range->least)) {
		fputs("no value", out);
		return;
	}
	quantity_format(range->least, q, least);
	quantity_format(range->most, q, most);
	if (range->inside) {
		fprintf(out, "%s %s to %s", range->wide
			? "too wide to test," : "spanned by", least,
			most);
		return;
	}
	write_distance(b, reproduce_band_miss(b, part, range),
				  miss);
	fprintf(out, "OUTSIDE %s to %s, by %s", least, most, miss);
}

void reproduce_words_measured(const struct reproduction *r, FILE *out)
{
	size_t n = 0, all = 0;

	for (size_t i = 0; i < r->nviews; i++)
		for (size_t k = 0; k < r->views[i].n; k++) {
			const struct view_row *row = &r->views[i].rows[k];

			all += r->views[i].has_bundle ? 1 : 0;
			n += isnan(row->measured) ? 0 : 1;
		}
	if (all > 0)
		fprintf(out, "Of %zu cells that are simulated on the measured "
			"GPU, %zu have a measured value.", all, n);
}
