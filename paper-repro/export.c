/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/wrap.h"
#include "base/xalloc.h"

enum { WIDTH = 78 };

/* The metric's dimension, which all numbers of a headline share. */
static enum quantity quantity_of(const struct band *b)
{
	return b->study->metrics[b->headline->parts[0].metric[0]]->quantity;
}

void reproduce_export_distance(const struct band *b, double value,
			       char out[QUANTITY_SIZE])
{
	enum quantity q = quantity_of(b);

	if (q == QUANTITY_PERCENT)
		snprintf(out, QUANTITY_SIZE, "%.3g points", value);
	else
		quantity_format(value, q, out);
}

void reproduce_export_set(const struct band *b, size_t set, FILE *out)
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

	reproduce_export_distance(b, reproduce_band_off(b, set), far);
	fprintf(out, "%.3g %% off%s (%s)",
		100.0 * reproduce_band_relative(b, set),
		b->headline->nparts > 1 ? " at most" : "", far);
}

void reproduce_export_nearest(const struct band *b, bool stated, FILE *out)
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
	reproduce_export_set(b, set, out);
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

void reproduce_export_joint(const struct band *b, FILE *out)
{
	const char *all = b->headline->nparts > 1 ? "all numbers at once"
						  : "the number";

	if (b->ngiving_stated > 0 && b->headline->inferred != NULL) {
		fprintf(out, "consistent by construction, no independent "
			"reproduction: %s", b->headline->inferred);
		return;
	}
	if (b->ngiving_stated > 0) {
		fprintf(out, "reproduced: %zu of %zu sets give %s",
			b->ngiving_stated, b->nstated, all);
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

void reproduce_export_crossing(const struct band *b, FILE *out)
{
	const struct band_crossing *c = &b->crossing;

	if (c->n == 0)
		return;
	fputs("The nearest pair is [", out);
	reproduce_export_set(b, c->low, out);
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

void reproduce_export_order(const struct band *b, FILE *out)
{
	fputs("from the largest down the paper has ", out);
	write_order(b, STUDY_ANY, out);
	fprintf(out, ": so have %zu of %zu sets", b->nordered, b->nfull);
	if (b->usual == STUDY_ANY)
		return;
	fprintf(out, "; %zu have ", b->nusual);
	write_order(b, b->usual, out);
}

void reproduce_export_verdict(const struct band *b, size_t part,
			      const struct band_range *range, FILE *out)
{
	enum quantity q = quantity_of(b);
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
	reproduce_export_distance(b, reproduce_band_miss(b, part, range),
				  miss);
	fprintf(out, "OUTSIDE %s to %s, by %s", least, most, miss);
}

static void add_number(struct table *t, double value)
{
	if (isnan(value))
		table_empty(t);
	else
		table_number(t, value);
}

/* What a part has in `set`, if there is one. */
static double value_in(const struct band_part *p, size_t set)
{
	return set == STUDY_ANY ? (double)NAN : p->value[set];
}

static void add_range(struct table *t, const struct band_range *r)
{
	add_number(t, r->least);
	add_number(t, r->most);
	table_text(t, r->wide ? "wide" : r->inside ? "yes" : "no");
}

static void add_headline(struct table *t, const char *item,
			 const struct band *b, size_t p)
{
	const struct band_part *part = &b->parts[p];
	const struct item_part *of = &b->headline->parts[p];

	table_text(t, item);
	table_text(t, b->headline->name);
	table_text(t, of->title);
	table_number(t, of->paper.value);
	table_text(t, of->paper.confidence);
	add_number(t, part->first);
	add_range(t, &part->stated);
	add_range(t, &part->all);
	add_number(t, value_in(part, b->nearest_stated));
	add_number(t, value_in(part, b->nearest));
	table_number(t, (double)b->nsets);
	table_number(t, (double)b->ngiving);
	table_number(t, (double)b->nstated);
	table_number(t, (double)b->ngiving_stated);
	table_number(t, (double)b->noutcomes);
	table_number(t, (double)b->ncombinations);
	table_number(t, (double)b->crossing.n);
	add_number(t, b->crossing.least);
	add_number(t, b->crossing.most);
}

struct table *reproduce_export_headlines(const struct reproduction *r,
					 size_t n)
{
	static const struct table_column columns[] = {
		{ "item", "item", QUANTITY_NUMBER },
		{ "headline", "headline", QUANTITY_NUMBER },
		{ "number", "number", QUANTITY_NUMBER },
		{ "paper", "paper", QUANTITY_NUMBER },
		{ "confidence", "confidence", QUANTITY_NUMBER },
		{ "first", "first set", QUANTITY_NUMBER },
		{ "stated_least", "", QUANTITY_NUMBER },
		{ "stated_most", "", QUANTITY_NUMBER },
		{ "inside_stated", "", QUANTITY_NUMBER },
		{ "least", "least", QUANTITY_NUMBER },
		{ "most", "most", QUANTITY_NUMBER },
		{ "inside", "inside", QUANTITY_NUMBER },
		{ "joint_stated", "", QUANTITY_NUMBER },
		{ "joint", "joint", QUANTITY_NUMBER },
		{ "sets", "sets", QUANTITY_NUMBER },
		{ "sets_giving", "", QUANTITY_NUMBER },
		{ "sets_stated", "", QUANTITY_NUMBER },
		{ "sets_stated_giving", "", QUANTITY_NUMBER },
		{ "outcomes", "", QUANTITY_NUMBER },
		{ "combinations_giving", "", QUANTITY_NUMBER },
		{ "crossed", "", QUANTITY_NUMBER },
		{ "fitted_least", "", QUANTITY_NUMBER },
		{ "fitted_most", "", QUANTITY_NUMBER },
	};
	struct table *t = table_new(columns, 23);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < r[i].item.nheadlines; k++)
			for (size_t p = 0;
			     p < r[i].item.headlines[k].nparts; p++)
				add_headline(t, r[i].item.name,
					     &r[i].bands[k], p);
	return t;
}

void reproduce_export_measured(const struct reproduction *r, FILE *out)
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

static void print_headline(const struct band *b, FILE *out)
{
	const struct item_headline *h = b->headline;
	char paper[QUANTITY_SIZE], base[QUANTITY_SIZE];

	fprintf(out, "\n%s\n  ", h->title);
	reproduce_export_joint(b, out);
	putc('\n', out);
	for (size_t p = 0; p < h->nparts; p++) {
		quantity_format(h->parts[p].paper.value, quantity_of(b),
				paper);
		quantity_format(b->parts[p].first, quantity_of(b), base);
		fprintf(out, "  %s: paper %s (%s), base set %s\n"
			"    as the paper describes it: ",
			h->parts[p].title, paper,
			h->parts[p].paper.confidence,
			isnan(b->parts[p].first) ? "none" : base);
		reproduce_export_verdict(b, p, &b->parts[p].stated, out);
		fputs("\n    all that was tried: ", out);
		reproduce_export_verdict(b, p, &b->parts[p].all, out);
		putc('\n', out);
	}
	if (h->ordered) {
		fputs("  Order: ", out);
		reproduce_export_order(b, out);
		putc('\n', out);
	}
	fprintf(out, "  Nearest of %zu sets as the paper describes it: ",
		b->nstated);
	reproduce_export_nearest(b, true, out);
	fprintf(out, "\n  Nearest of all %zu: ", b->nsets);
	reproduce_export_nearest(b, false, out);
	putc('\n', out);
}

static void print_measured(const struct reproduction *r, FILE *out)
{
	char *text;
	size_t size;
	FILE *stream = xmemstream(&text, &size);

	reproduce_export_measured(r, stream);
	xmemstream_close(stream);
	if (text[0] != '\0')
		wrap_print(text, WIDTH, out);
	free(text);
}

void reproduce_export_text(const struct reproduction *r, FILE *out)
{
	const struct item *item = &r->item;

	fprintf(out, "%s\n\n", item->title);
	for (size_t i = 0; i < item->nfindings; i++)
		wrap_print(r->findings[i], WIDTH, out);
	print_measured(r, out);
	for (size_t i = 0; i < item->nheadlines; i++)
		print_headline(&r->bands[i], out);
	for (size_t i = 0; i < r->nviews; i++) {
		const struct view *v = &r->views[i];

		fprintf(out, "\n%s: %s\n", v->results->study->title,
			reproduce_view_metric(v)->title);
		reproduce_view_print(v, out);
	}
}

enum { MOST_KEYS = 32 };

/* The machines of all studies, in the order in which they come first. */
static size_t machine_keys(const struct reproduction *r,
			   const char *keys[MOST_KEYS])
{
	size_t n = 0;

	for (size_t i = 0; i < r->nviews; i++)
		for (size_t m = 0; m < r->views[i].nmachines; m++) {
			const char *key = r->views[i].key[m];
			size_t k = 0;

			while (k < n && strcmp(keys[k], key) != 0)
				k++;
			if (k == n && n < MOST_KEYS)
				keys[n++] = key;
		}
	return n;
}

static void add_row(struct table *t, const struct view *v,
		    const struct view_row *row,
		    const char *const keys[MOST_KEYS], size_t n)
{
	char label[VIEW_LABEL];

	reproduce_view_label(v, row, label);
	table_text(t, v->results->study->name);
	table_text(t, reproduce_view_metric(v)->key);
	table_text(t, label);
	add_number(t, row->fact ? row->fact->value : (double)NAN);
	if (row->fact != NULL)
		table_text(t, row->fact->confidence);
	else
		table_empty(t);
	for (size_t k = 0; k < n; k++) {
		double value = NAN;

		for (size_t m = 0; m < v->nmachines; m++)
			if (strcmp(v->key[m], keys[k]) == 0)
				value = row->cell[m].value;
		add_number(t, value);
	}
	add_number(t, row->measured);
	add_number(t, row->predicted);
}

void reproduce_export_csv(const struct reproduction *r, FILE *out)
{
	struct table_column columns[MOST_KEYS + 8] = {
		{ "study", "", QUANTITY_NUMBER },
		{ "metric", "", QUANTITY_NUMBER },
		{ "case", "", QUANTITY_NUMBER },
		{ "paper", "", QUANTITY_NUMBER },
		{ "confidence", "", QUANTITY_NUMBER },
	};
	const char *keys[MOST_KEYS];
	size_t n = machine_keys(r, keys);
	struct table *t;

	for (size_t k = 0; k < n; k++)
		columns[5 + k] = (struct table_column){ keys[k], "",
							QUANTITY_NUMBER };
	columns[5 + n] = (struct table_column){ "measured", "",
						QUANTITY_NUMBER };
	columns[6 + n] = (struct table_column){ "same_runs", "",
						QUANTITY_NUMBER };
	t = table_new(columns, n + 7);
	for (size_t i = 0; i < r->nviews; i++)
		for (size_t k = 0; k < r->views[i].n; k++)
			add_row(t, &r->views[i], &r->views[i].rows[k], keys,
				n);
	table_print(t, TABLE_CSV, out);
	table_free(t);
}

static void add(cJSON *o, const char *key, double value)
{
	if (isnan(value))
		cJSON_AddNullToObject(o, key);
	else
		cJSON_AddNumberToObject(o, key, value);
}

static cJSON *row_json(const struct view *v, const struct view_row *row)
{
	cJSON *o = cJSON_CreateObject(), *machines;
	char label[VIEW_LABEL];

	reproduce_view_label(v, row, label);
	cJSON_AddStringToObject(o, "case", label);
	if (row->fact != NULL) {
		cJSON *paper = cJSON_AddObjectToObject(o, "paper");

		cJSON_AddNumberToObject(paper, "value", row->fact->value);
		cJSON_AddStringToObject(paper, "confidence",
					row->fact->confidence);
		cJSON_AddStringToObject(paper, "source", row->fact->source);
	} else {
		cJSON_AddNullToObject(o, "paper");
	}
	machines = cJSON_AddObjectToObject(o, "simulated");
	for (size_t m = 0; m < v->nmachines; m++)
		add(machines, v->key[m], row->cell[m].value);
	add(o, "measured", row->measured);
	add(o, "same_runs", row->predicted);
	return o;
}

cJSON *reproduce_export_json(const struct reproduction *r)
{
	cJSON *o = cJSON_CreateObject(), *list;
	struct table *t = reproduce_export_headlines(r, 1);

	cJSON_AddStringToObject(o, "item", r->item.name);
	cJSON_AddStringToObject(o, "title", r->item.title);
	list = cJSON_AddArrayToObject(o, "findings");
	for (size_t i = 0; i < r->item.nfindings; i++)
		cJSON_AddItemToArray(list,
				     cJSON_CreateString(r->findings[i]));
	cJSON_AddItemToObject(o, "headlines", table_json(t));
	table_free(t);
	list = cJSON_AddArrayToObject(o, "tables");
	for (size_t i = 0; i < r->nviews; i++) {
		const struct view *v = &r->views[i];
		cJSON *one = cJSON_CreateObject(), *rows;

		cJSON_AddStringToObject(one, "study",
					v->results->study->name);
		cJSON_AddStringToObject(one, "metric",
					reproduce_view_metric(v)->key);
		rows = cJSON_AddArrayToObject(one, "rows");
		for (size_t k = 0; k < v->n; k++)
			cJSON_AddItemToArray(rows, row_json(v, &v->rows[k]));
		cJSON_AddItemToArray(list, one);
	}
	return o;
}
