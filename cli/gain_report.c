/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/gain_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "base/xalloc.h"

enum { NAME_SIZE = 128 };

/* What is not known is a dash. */
static void add_number(struct table *t, double value)
{
	if (isnan(value))
		table_empty(t);
	else
		table_number(t, value);
}

static struct table *gain_table(const struct gains *g)
{
	static const struct table_column columns[] = {
		{ "policy", "policy", QUANTITY_NUMBER },
		{ "workload", "workload", QUANTITY_NUMBER },
		{ "layers", "layers", QUANTITY_NUMBER },
		{ "steps", "steps", QUANTITY_NUMBER },
		{ "load_all_s", "load-all", QUANTITY_SECONDS },
		{ "split", "split", QUANTITY_NUMBER },
		{ "measured_s", "its step", QUANTITY_SECONDS },
		{ "gain_pct", "gain", QUANTITY_PERCENT },
		{ "predicted_gain_pct", "predicted", QUANTITY_PERCENT },
		{ "paper_split", "paper's", QUANTITY_NUMBER },
		{ "paper_s", "its step", QUANTITY_SECONDS },
		{ "over_paper_pct", "gain", QUANTITY_PERCENT },
		{ "predicted_over_paper_pct", "predicted", QUANTITY_PERCENT },
		{ "exact_over_paper_pct", "exact", QUANTITY_PERCENT },
	};
	struct table *t = table_new(columns, 14);

	for (size_t i = 0; i < g->n; i++) {
		const struct gain *one = &g->of[i];
		char text[NAME_SIZE];

		bundle_policy(one->planned, text, sizeof text);
		table_text(t, text);
		bundle_workload(one->planned, text, sizeof text);
		table_text(t, text);
		table_number(t, (double)one->planned->model.layers);
		table_number(t, (double)one->planned->steps);
		table_number(t, one->measured.load_all_s);
		table_number(t, one->split);
		table_number(t, one->measured.planned_s);
		table_number(t, gain_over_load_all_pct(&one->measured));
		table_number(t, gain_over_load_all_pct(&one->predicted));
		table_number(t, one->paper_split);
		add_number(t, one->measured.paper_s);
		add_number(t, gain_over_paper_pct(&one->measured));
		add_number(t, gain_over_paper_pct(&one->predicted));
		table_number(t, gain_over_paper_pct(&one->exact));
	}
	return t;
}

/* A row for one of the two gains under `policy`. */
static void add_range(struct table *t, const struct gains *g,
		      const char *policy, const char *over,
		      double (*pct)(const struct gain_steps *s))
{
	double *measured = xcalloc(g->n + 1, sizeof *measured);
	double *predicted = xcalloc(g->n + 1, sizeof *predicted);
	double *exact = xcalloc(g->n + 1, sizeof *exact);
	struct gain_range m;
	char name[NAME_SIZE];
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		bundle_policy(g->of[i].planned, name, sizeof name);
		if (strcmp(policy, name) != 0)
			continue;
		measured[n] = pct(&g->of[i].measured);
		predicted[n] = pct(&g->of[i].predicted);
		exact[n] = isnan(measured[n]) ? NAN : pct(&g->of[i].exact);
		n++;
	}
	m = gain_range(measured, n);
	table_text(t, policy);
	table_text(t, over);
	table_number(t, (double)m.n);
	add_number(t, m.least);
	add_number(t, m.mean);
	add_number(t, m.most);
	add_number(t, gain_range(predicted, n).mean);
	add_number(t, gain_range(exact, n).mean);
	free(measured);
	free(predicted);
	free(exact);
}

static void add_ranges(struct table *t, const struct gains *g,
		       const char *policy)
{
	add_range(t, g, policy, "load-all", gain_over_load_all_pct);
	add_range(t, g, policy, "paper's split", gain_over_paper_pct);
}

static struct table *range_table(const struct gains *g)
{
	static const struct table_column columns[] = {
		{ "policy", "policy", QUANTITY_NUMBER },
		{ "over", "gain over", QUANTITY_NUMBER },
		{ "gains", "gains", QUANTITY_NUMBER },
		{ "least_pct", "least", QUANTITY_PERCENT },
		{ "mean_pct", "mean", QUANTITY_PERCENT },
		{ "most_pct", "most", QUANTITY_PERCENT },
		{ "predicted_mean_pct", "predicted", QUANTITY_PERCENT },
		{ "exact_mean_pct", "exact", QUANTITY_PERCENT },
	};
	struct table *t = table_new(columns, 8);
	char (*seen)[NAME_SIZE] = xcalloc(g->n + 1, sizeof *seen);
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		size_t k = 0;

		bundle_policy(g->of[i].planned, seen[n], sizeof seen[n]);
		while (strcmp(seen[k], seen[n]) != 0)
			k++;
		if (k == n)
			add_ranges(t, g, seen[n++]);
	}
	free(seen);
	return t;
}

void gain_report_print(const struct gains *g)
{
	struct table *t;

	if (g->n == 0)
		return;
	printf("\nMeasured gain of the planned split over load-all, and over "
	       "the paper's split,\nwhose step is on the straight line between "
	       "the measured splits next to it;\npredicted the same way, and "
	       "with exactly that split\n\n");
	t = gain_table(g);
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
	putchar('\n');
	t = range_table(g);
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
}

void gain_report_json(const struct gains *g, cJSON *o)
{
	struct table *t = gain_table(g);

	cJSON_AddItemToObject(o, "gains", table_json(t));
	table_free(t);
	t = range_table(g);
	cJSON_AddItemToObject(o, "gain_ranges", table_json(t));
	table_free(t);
}
