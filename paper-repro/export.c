/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/wrap.h"
#include "base/xalloc.h"
#include "paper-repro/words.h"

enum { WIDTH = 78 };

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

static void print_headline(const struct band *b, FILE *out)
{
	const struct item_headline *h = b->headline;
	enum quantity q = reproduce_band_quantity(b);
	char paper[QUANTITY_SIZE], base[QUANTITY_SIZE];

	fprintf(out, "\n%s\n  ", h->title);
	reproduce_words_joint(b, out);
	putc('\n', out);
	for (size_t p = 0; p < h->nparts; p++) {
		quantity_format(h->parts[p].paper.value, q, paper);
		quantity_format(b->parts[p].first, q, base);
		fprintf(out, "  %s: paper %s (%s), base set %s\n"
			"    as the paper describes it: ",
			h->parts[p].title, paper,
			h->parts[p].paper.confidence,
			isnan(b->parts[p].first) ? "none" : base);
		reproduce_words_verdict(b, p, &b->parts[p].stated, out);
		fputs("\n    all that was tried: ", out);
		reproduce_words_verdict(b, p, &b->parts[p].all, out);
		putc('\n', out);
	}
	if (h->ordered) {
		fputs("  Order: ", out);
		reproduce_words_order(b, out);
		putc('\n', out);
	}
	fprintf(out, "  Nearest of %zu sets as the paper describes it: ",
		b->nstated);
	reproduce_words_nearest(b, true, out);
	fprintf(out, "\n  Nearest of all %zu: ", b->nsets);
	reproduce_words_nearest(b, false, out);
	putc('\n', out);
}

static void print_measured(const struct reproduction *r, FILE *out)
{
	char *text;
	size_t size;
	FILE *stream = xmemstream(&text, &size);

	reproduce_words_measured(r, 1, stream);
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
