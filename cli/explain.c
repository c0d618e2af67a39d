/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/explain.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/table.h"
#include "base/wrap.h"
#include "base/xalloc.h"

/* Less of the time than this would print as 0.0 %. */
#define SMALL_SHARE 5e-4

/* A derivative is not to be stretched further than this share of a figure. */
#define MOST_MORE 0.1

/* Which of that has most of the cycle; BOUND_SHARED: none. */
static int most_shared(const struct certificate *c)
{
	int i = 0;

	while (i < BOUND_SHARED && c->shared_share[i] <= 0.5)
		i++;
	return i;
}

static const char *bound_name(const struct certificate *c)
{
	int i = most_shared(c);

	return i < BOUND_SHARED ? bound_limits[i].name : engine_name(c->bound);
}

static const char *bound_title(const struct certificate *c)
{
	int i = most_shared(c);

	return i < BOUND_SHARED ? bound_limits[i].title
				: engine_title(c->bound);
}

static void print_cycle(const struct certificate *c, FILE *out)
{
	char *text;
	size_t size;
	FILE *line = xmemstream(&text, &size);
	bool first = true;

	fprintf(line, "Critical cycle, most of it on the %s:",
		bound_title(c));
	for (int i = 0; i < BOUND_SHARED; i++) {
		if (c->shared_share[i] < SMALL_SHARE)
			continue;
		fprintf(line, "%s %s %.1f %%", first ? "" : ",",
			bound_limits[i].part, 100.0 * c->shared_share[i]);
		first = false;
	}
	for (int i = 0; i < OP_COUNT; i++) {
		if (c->cycle_share[i] < SMALL_SHARE)
			continue;
		fprintf(line, "%s %s %.1f %%", first ? "" : ",",
			op_name((enum op)i), 100.0 * c->cycle_share[i]);
		first = false;
	}
	if (c->handoff_share >= SMALL_SHARE)
		fprintf(line, ", from engine to engine %.1f %%",
			100.0 * c->handoff_share);
	putc('.', line);
	xmemstream_close(line);
	wrap_print(text, 78, out);
	free(text);
}

/* A readable amount of a figure to be more of. */
static double handy_step(enum quantity q)
{
	switch (q) {
	case QUANTITY_BYTES:
	case QUANTITY_BYTES_PER_S:
		return 1e9;
	case QUANTITY_FLOP:
	case QUANTITY_FLOP_PER_S:
		return 1e12;
	case QUANTITY_SECONDS:
		return 1e-6;
	case QUANTITY_NUMBER:
	case QUANTITY_PERCENT:
		break;
	}
	return 0.01;
}

/* A row for a step of a figure of `size`, unless it changes next to nothing. */
static void add_worth(struct table *t, const struct certificate *c,
		      const char *what, enum quantity q, double size,
		      double worth)
{
	double step = handy_step(q), change;
	char more[QUANTITY_SIZE];

	if (step > MOST_MORE * size)
		step = 0.01 * size;
	change = worth * step;
	if (fabs(change) < SMALL_SHARE * c->layer_s)
		return;
	quantity_format(step, q, more);
	table_text(t, what);
	table_text(t, more);
	table_number(t, change);
	table_number(t, 100.0 * change / c->layer_s);
}

static void print_worth(const struct certificate *c, FILE *out)
{
	static const struct table_column columns[] = {
		{ "figure", "what more would be worth", QUANTITY_NUMBER },
		{ "more", "more", QUANTITY_NUMBER },
		{ "change_s", "layer time", QUANTITY_SECONDS },
		{ "change_pct", "of it", QUANTITY_PERCENT },
	};
	struct table *t = table_new(columns, 4);
	size_t n;
	const struct figure *fields = hardware_fields(&n);

	for (size_t i = 0; i < n; i++)
		add_worth(t, c, fields[i].path, fields[i].quantity,
			  c->figure[i], c->worth[i]);
	add_worth(t, c, c->memory_for == DECISION_CACHE_ON_GPU
				? "GPU memory for KV"
				: "GPU memory for weights",
		  QUANTITY_BYTES, c->memory_bytes, c->memory_worth);
	if (table_rows(t) > 0) {
		putc('\n', out);
		table_print(t, TABLE_TEXT, out);
	}
	table_free(t);
}

/* What the split could be, and what the paper would have said. */
static void write_split(const struct certificate *c, FILE *out)
{
	fprintf(out, " Split %zu", c->split);
	if (c->split_regret_pct >= 0.05)
		fprintf(out, " is %.1f %% slower than the best, %zu",
			c->split_regret_pct, c->best_split);
	fprintf(out, "; %zu to %zu are within 1 %% of the best. At this "
		"prefetch depth the paper's %s formula would give %zu, "
		"%.1f %% slower than the best.", c->split_low, c->split_high,
		c->paper_form == PAPER_ROW ? "row" : "column",
		c->paper_split, c->paper_regret_pct);
}

/*
 * At what clock all this is, and where the simulated layer is another, what the
 * steady state leaves out.
 */
static void write_simulated(const struct certificate *c, double simulated_s,
			    FILE *out)
{
	bool longer = simulated_s > 1.01 * c->layer_s;
	char simulated[QUANTITY_SIZE];

	if (c->clock < 1.0)
		fprintf(out, " All times are at the power limit: products run "
			"at %.1f %% of their rested rate.", 100.0 * c->clock);
	if (!longer && simulated_s >= 0.99 * c->layer_s)
		return;
	quantity_format(simulated_s, QUANTITY_SECONDS, simulated);
	fprintf(out, " Simulated it takes %s: ", simulated);
	if (longer)
		fprintf(out, "the steady state leaves out the output head, how "
			"a step begins and ends, and that the two directions "
			"of the link slow each other%s.",
			c->in_order ? "" : ", and serves each engine in the "
					   "order of issue");
	else if (c->in_order)
		fprintf(out, "the step ends before it has come to its steady "
			"state.");
	else
		fprintf(out, "the steady state serves each engine in the order "
			"of issue, the simulation what is ready first.");
}

void explain_print(const struct certificate *c, size_t steps, size_t gpus,
		   double simulated_s, bool chosen, FILE *out)
{
	char period[QUANTITY_SIZE], least[QUANTITY_SIZE];
	char *text;
	size_t size;
	FILE *line = xmemstream(&text, &size);

	quantity_format(c->layer_s, QUANTITY_SECONDS, period);
	quantity_format(c->lower_bound_s, QUANTITY_SECONDS, least);
	fprintf(line,
		"Certificate, decode step %zu of %zu (%zu cached tokens): in "
		"the steady state a layer takes %s, %.1f %% above the floor "
		"of any order of these tasks%s, %s.", c->step + 1, steps,
		c->cached, period, c->gap_pct,
		gpus > 1 ? " on GPUs that run in step" : "", least);
	write_simulated(c, simulated_s, line);
	if (chosen)
		write_split(c, line);
	xmemstream_close(line);
	wrap_print(text, 78, out);
	free(text);
	print_cycle(c, out);
	print_worth(c, out);
}

cJSON *explain_json(const struct certificate *c)
{
	cJSON *o = cJSON_CreateObject(), *list;
	size_t n;
	const struct figure *fields = hardware_fields(&n);

	cJSON_AddNumberToObject(o, "step", (double)c->step);
	cJSON_AddNumberToObject(o, "cached", (double)c->cached);
	cJSON_AddNumberToObject(o, "split", (double)c->split);
	cJSON_AddNumberToObject(o, "best_split", (double)c->best_split);
	cJSON_AddNumberToObject(o, "split_regret_pct", c->split_regret_pct);
	list = cJSON_AddArrayToObject(o, "split_interval_1pct");
	cJSON_AddItemToArray(list, cJSON_CreateNumber((double)c->split_low));
	cJSON_AddItemToArray(list, cJSON_CreateNumber((double)c->split_high));
	cJSON_AddNumberToObject(o, "clock", c->clock);
	cJSON_AddNumberToObject(o, "layer_s", c->layer_s);
	cJSON_AddNumberToObject(o, "lower_bound_s", c->lower_bound_s);
	cJSON_AddNumberToObject(o, "gap_pct", c->gap_pct);
	cJSON_AddStringToObject(o, "bound", bound_name(c));
	/* not -0, where nothing of it is on the cycle */
	for (int i = 0; i < BOUND_SHARED; i++)
		cJSON_AddNumberToObject(o, bound_limits[i].key,
					c->shared_share[i] + 0.0);
	cJSON_AddNumberToObject(o, "handoff_share", c->handoff_share + 0.0);
	list = cJSON_AddArrayToObject(o, "critical_cycle");
	for (int i = 0; i < OP_COUNT; i++) {
		cJSON *item;

		if (c->cycle_share[i] < SMALL_SHARE)
			continue;
		item = cJSON_CreateObject();
		cJSON_AddStringToObject(item, "task", op_name((enum op)i));
		cJSON_AddNumberToObject(item, "share", c->cycle_share[i]);
		cJSON_AddItemToArray(list, item);
	}
	list = cJSON_AddObjectToObject(o, "worth");
	for (size_t i = 0; i < n; i++)
		if (c->worth[i] != 0.0)
			cJSON_AddNumberToObject(list, fields[i].path,
						c->worth[i]);
	if (c->memory_worth != 0.0)
		cJSON_AddNumberToObject(
			list, decision_specs[c->memory_for].name,
			c->memory_worth);
	cJSON_AddStringToObject(o, "paper_form", c->paper_form == PAPER_ROW
							 ? "row" : "column");
	cJSON_AddNumberToObject(o, "paper_split", (double)c->paper_split);
	cJSON_AddNumberToObject(o, "paper_regret_pct", c->paper_regret_pct);
	return o;
}
