/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/words.h"

#include <math.h>
#include <string.h>

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

/* "12.3 % off at most (4.5 points)": relative, and in the metric's unit. */
static void write_off(const struct band *b, size_t set, FILE *out)
{
	char far[QUANTITY_SIZE];

	write_distance(b, reproduce_band_off(b, set), far);
	fprintf(out, "%.3g %% off%s (%s)",
		100.0 * reproduce_band_relative(b, set),
		b->headline->nparts > 1 ? " at most" : "", far);
}

void reproduce_words_nearest(const struct band *b, bool stated, FILE *out)
{
	size_t set = stated ? b->nearest_stated : b->nearest;

	if (set == STUDY_ANY) {
		fputs("no set gives all numbers", out);
		return;
	}
	if ((stated ? b->distance_stated : b->distance) > 0.0)
		write_off(b, set, out);
	else
		fputs("as printed", out);
	fputs(" [", out);
	reproduce_words_set(b, set, out);
	putc(']', out);
}

/* Which neighbours have the paper's numbers between them, and at what value. */
static void write_crossing(const struct band *b, FILE *out)
{
	const struct band_crossing *c = &b->crossing;
	const struct study_axis *a = &b->study->axes[b->axes[c->axis]];
	const char *it = b->headline->nparts > 1 ? "all of them are" : "it is";
	char least[QUANTITY_SIZE], most[QUANTITY_SIZE];

	fprintf(out, "%zu pair%s of neighbouring sets, the nearest with %s at "
		"%s and at %s; ", c->n, c->n == 1 ? "" : "s", a->title,
		reproduce_band_choice(b, c->low, c->axis),
		reproduce_band_choice(b, c->high, c->axis));
	if (isnan(c->least)) {
		fputs("no value between those gives all", out);
		return;
	}
	snprintf(least, sizeof least, "%.3g", c->least);
	snprintf(most, sizeof most, "%.3g", c->most);
	fprintf(out, "%s given near %s", it, least);
	if (strcmp(least, most) != 0)
		fprintf(out, " to %s", most);
	fprintf(out, " %s: fitted, not confirmed", a->between.unit);
}

static void write_departing(const struct band *b, FILE *out)
{
	bool one = b->ncombinations == 1;

	fprintf(out, "; %zu combination%s that depart%s from the paper do%s "
		"(%zu of %zu sets, alike but for link and GPU where they "
		"repeat one; all sets have %zu distinct outcomes): weak "
		"evidence", b->ncombinations, one ? "" : "s", one ? "s" : "",
		one ? "es" : "", b->ngiving, b->nsets - b->nstated,
		b->noutcomes);
}

void reproduce_words_joint(const struct band *b, FILE *out)
{
	const char *all = b->headline->nparts > 1 ? "all numbers at once"
						  : "the number";

	if (b->ngiving_stated > 0 && b->headline->inferred != NULL) {
		fprintf(out, "consistent by construction, no independent "
			"reproduction: %s", b->headline->inferred);
		return;
	}
	if (b->ngiving_stated > 0) {
		fprintf(out, "reproduced: %zu of %zu sets %s %s",
			b->ngiving_stated, b->nstated,
			b->ngiving_stated == 1 ? "gives" : "give", all);
		return;
	}
	if (b->crossing.n > 0) {
		fprintf(out, "inside, but hit by no set: %s lie%s between ",
			all, b->headline->nparts > 1 ? "" : "s");
		write_crossing(b, out);
	} else {
		fprintf(out, "NOT reproduced: no set gives %s, and no two "
			"neighbours have %s between them", all,
			b->headline->nparts > 1 ? "them" : "it");
	}
	if (b->nearest_stated != STUDY_ANY) {
		fputs("; the nearest is ", out);
		write_off(b, b->nearest_stated, out);
	}
	if (b->ngiving > 0)
		write_departing(b, out);
}

void reproduce_words_crossing(const struct band *b, FILE *out)
{
	const struct band_crossing *c = &b->crossing;

	if (c->n == 0)
		return;
	fputs("The nearest pair is [", out);
	reproduce_words_set(b, c->low, out);
	fprintf(out, "] and the same with %s at %s. ",
		b->study->axes[b->axes[c->axis]].title,
		reproduce_band_choice(b, c->high, c->axis));
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

void reproduce_words_measured(const struct reproduction *r, size_t n,
			      FILE *out)
{
	size_t have = 0, all = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < r[i].nviews; k++) {
			const struct view *v = &r[i].views[k];

			all += v->has_bundle ? v->n : 0;
			for (size_t row = 0; row < v->n; row++)
				have += isnan(v->rows[row].measured) ? 0 : 1;
		}
	if (all > 0)
		fprintf(out, "Of %zu cells that are simulated on the measured "
			"GPU, %zu %s a measured value.", all, have,
			have == 1 ? "has" : "have");
}
