/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/columns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/xalloc.h"
#include "lp/period.h"

typedef struct sweep_cell column_of(const struct sweep_result *r,
				    size_t figure);

struct sweep_column_spec {
	const char *name;
	column_of *of;
	enum quantity quantity;		/* of its numbers, as printed */
	/* When it is there unasked: always, in simulations, with draws, or
	 * never. */
	enum { ALWAYS, SIMULATED, UNCERTAIN, ASKED } when;
	struct sweep_needs needs;
	const char *meaning;
};

static struct sweep_cell text(const char *t)
{
	return (struct sweep_cell){ .text = t, .number = NAN };
}

static struct sweep_cell number(double x)
{
	return (struct sweep_cell){ .number = x };
}

/* A function of a column is one expression. */
#define COLUMN(name, value)						\
	static struct sweep_cell of_##name(const struct sweep_result *r, \
					   size_t figure)		\
	{								\
		(void)r;						\
		(void)figure;						\
		return value;						\
	}

/* By how much `less` is below `more` [%]; rounding is nothing. */
static double saved_pct(double less, double more)
{
	double pct = 100.0 * (1.0 - less / more);

	return fabs(pct) < 1e-9 ? 0.0 : pct;
}

/* By how much `more` is above `less` [%]; rounding is nothing. */
static double excess_pct(double more, double less)
{
	double excess = more / less - 1.0;

	return fabs(excess) < PERIOD_SAME ? 0.0 : 100.0 * excess;
}

static struct sweep_cell decision(const struct sweep_result *r,
				  enum decision which)
{
	const struct decision_spec *spec = &decision_specs[which];
	double value = r->plan.decision[which];

	return spec->words ? text(spec->words[(size_t)value])
			   : number(value);
}

static double requests(const struct sweep_result *r)
{
	return (double)(workload_requests(&r->w) * r->w.gpus);
}

static double memory(const struct sweep_result *r, enum memory_place place)
{
	struct memory mem = step_memory(r->model, &r->w, &r->plan);

	return memory_used(&mem, place);
}

COLUMN(policy, text(r->plan.policy->name))
COLUMN(prefetch, decision(r, DECISION_PREFETCH))
COLUMN(pipeline, decision(r, DECISION_PIPELINE))
COLUMN(cached, number((double)r->plan.cached))
COLUMN(split, number((double)r->plan.split))
COLUMN(fraction, number((double)r->plan.split / (double)r->plan.cached))
COLUMN(step, number(r->step_s))
COLUMN(tokens, number(requests(r) / r->step_s))
COLUMN(load_all, number(r->load_all_s))
COLUMN(gain, number(saved_pct(r->step_s, r->load_all_s)))
COLUMN(bound, text(r->plan.shared < BOUND_SHARED
			   ? bound_limits[r->plan.shared].name
			   : engine_name(r->plan.bound)))
COLUMN(floor, number(r->floor_s))
COLUMN(gap, number(excess_pct(r->step_s, r->floor_s)))
COLUMN(prefill, number(r->prefill_s))
COLUMN(decode, number(r->decode_s))
COLUMN(decode_tokens, number(requests(r) * (double)workload_steps(&r->w) /
			     r->decode_s))
COLUMN(load_all_decode, number(r->load_all_decode_s))
COLUMN(decode_gain, number(saved_pct(r->decode_s, r->load_all_decode_s)))
COLUMN(paper_split, number((double)r->plan.paper_split))
COLUMN(gpu_bytes, number(memory(r, MEMORY_GPU)))
COLUMN(host_bytes, number(memory(r, MEMORY_HOST)))
COLUMN(split_mean, number(r->spread[SWEEP_SPLIT].mean))
COLUMN(split_p05, number(r->spread[SWEEP_SPLIT].p05))
COLUMN(split_p50, number(r->spread[SWEEP_SPLIT].p50))
COLUMN(split_p95, number(r->spread[SWEEP_SPLIT].p95))
COLUMN(step_mean, number(r->spread[SWEEP_STEP].mean))
COLUMN(step_p05, number(r->spread[SWEEP_STEP].p05))
COLUMN(step_p50, number(r->spread[SWEEP_STEP].p50))
COLUMN(step_p95, number(r->spread[SWEEP_STEP].p95))
COLUMN(gain_mean, number(r->spread[SWEEP_GAIN].mean))
COLUMN(gain_p05, number(r->spread[SWEEP_GAIN].p05))
COLUMN(gain_p50, number(r->spread[SWEEP_GAIN].p50))
COLUMN(gain_p95, number(r->spread[SWEEP_GAIN].p95))
COLUMN(unfit, number(r->unfit_pct))
COLUMN(win, number(r->win_pct))
COLUMN(worth, number(r->worth[figure]))

static const struct sweep_column_spec specs[] = {
	{ "policy", of_policy, QUANTITY_NUMBER, ALWAYS, { 0 },
	  "the schedule" },
	{ "chosen_policy", of_policy, QUANTITY_NUMBER, ASKED, { 0 },
	  "the same, where policy is varied and auto" },
	{ "prefetch", of_prefetch, QUANTITY_NUMBER, ALWAYS, { 0 },
	  "its prefetch depth" },
	{ "cached", of_cached, QUANTITY_NUMBER, ALWAYS, { 0 },
	  "tokens in the cache at the step that is planned" },
	{ "split", of_split, QUANTITY_NUMBER, ALWAYS, { 0 },
	  "tokens recomputed in it" },
	{ "split_fraction", of_fraction, QUANTITY_NUMBER, ALWAYS, { 0 },
	  "split over cached" },
	{ "step_s", of_step, QUANTITY_SECONDS, ALWAYS, { 0 },
	  "time per token: all layers in steady state" },
	{ "tokens_per_s", of_tokens, QUANTITY_NUMBER, ALWAYS, { 0 },
	  "of all requests and GPUs" },
	{ "load_all_s", of_load_all, QUANTITY_SECONDS, ALWAYS,
	  { .load_all = true }, "time per token of load-all" },
	{ "gain_pct", of_gain, QUANTITY_PERCENT, ALWAYS, { .load_all = true },
	  "time saved against it" },
	{ "bound", of_bound, QUANTITY_NUMBER, ALWAYS, { 0 },
	  "what binds: h2d, d2h, sm, cpu, copy, issue, duplex or memory" },
	{ "floor_s", of_floor, QUANTITY_SECONDS, ALWAYS, { 0 },
	  "no order of this work takes less" },
	{ "gap_pct", of_gap, QUANTITY_PERCENT, ALWAYS, { 0 },
	  "step_s over floor_s, less 1" },
	{ "prefill_s", of_prefill, QUANTITY_SECONDS, ASKED,
	  { .prefill = true }, "prefill, simulated" },
	{ "decode_s", of_decode, QUANTITY_SECONDS, SIMULATED,
	  { .decode = true }, "all decode steps, simulated" },
	{ "decode_tokens_per_s", of_decode_tokens, QUANTITY_NUMBER, ASKED,
	  { .decode = true }, "of them" },
	{ "load_all_decode_s", of_load_all_decode, QUANTITY_SECONDS, ASKED,
	  { .load_all_decode = true }, "the same of load-all" },
	{ "decode_gain_pct", of_decode_gain, QUANTITY_PERCENT, ASKED,
	  { .decode = true, .load_all_decode = true },
	  "time saved against it" },
	{ "pipeline", of_pipeline, QUANTITY_NUMBER, ASKED, { 0 },
	  "coarse or fine" },
	{ "paper_split", of_paper_split, QUANTITY_NUMBER, ASKED, { 0 },
	  "what the paper's form would choose" },
	{ "gpu_bytes", of_gpu_bytes, QUANTITY_BYTES, ASKED, { 0 },
	  "memory on the GPU" },
	{ "host_bytes", of_host_bytes, QUANTITY_BYTES, ASKED, { 0 },
	  "on the host" },
	{ "split_mean", of_split_mean, QUANTITY_NUMBER, UNCERTAIN, { 0 },
	  "of split over all draws: mean, and percentiles" },
	{ "split_p05", of_split_p05, QUANTITY_NUMBER, UNCERTAIN, { 0 }, "" },
	{ "split_p50", of_split_p50, QUANTITY_NUMBER, UNCERTAIN, { 0 }, "" },
	{ "split_p95", of_split_p95, QUANTITY_NUMBER, UNCERTAIN, { 0 }, "" },
	{ "step_s_mean", of_step_mean, QUANTITY_SECONDS, UNCERTAIN, { 0 },
	  "the same of step_s" },
	{ "step_s_p05", of_step_p05, QUANTITY_SECONDS, UNCERTAIN, { 0 }, "" },
	{ "step_s_p50", of_step_p50, QUANTITY_SECONDS, UNCERTAIN, { 0 }, "" },
	{ "step_s_p95", of_step_p95, QUANTITY_SECONDS, UNCERTAIN, { 0 }, "" },
	{ "gain_pct_mean", of_gain_mean, QUANTITY_PERCENT, UNCERTAIN,
	  { .load_all = true }, "the same of gain_pct" },
	{ "gain_pct_p05", of_gain_p05, QUANTITY_PERCENT, UNCERTAIN,
	  { .load_all = true }, "" },
	{ "gain_pct_p50", of_gain_p50, QUANTITY_PERCENT, UNCERTAIN,
	  { .load_all = true }, "" },
	{ "gain_pct_p95", of_gain_p95, QUANTITY_PERCENT, UNCERTAIN,
	  { .load_all = true }, "" },
	{ "unfit_pct", of_unfit, QUANTITY_PERCENT, UNCERTAIN, { 0 },
	  "draws that it does not fit, left out of the rest" },
	{ "win_pct", of_win, QUANTITY_PERCENT, UNCERTAIN, { 0 },
	  "draws in which a policy of --against is faster" },
};

enum { SPECS = sizeof specs / sizeof specs[0] };

/* worth.PATH for each figure of the hardware */
static const struct sweep_column_spec worth = {
	"worth.", of_worth, QUANTITY_PERCENT, ASKED, { .worth = true },
	"change of step_s [%] for each % more of that figure"
};

static void add_column(struct sweep_columns *c,
		       const struct sweep_column_spec *spec,
		       const char *name, size_t figure)
{
	struct sweep_column *to;

	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->list[i].name, name) == 0)
			return;
	c->list = xrealloc_array(c->list, c->n + 1, sizeof *c->list);
	to = &c->list[c->n++];
	*to = (struct sweep_column){ .spec = spec, .figure = figure };
	snprintf(to->name, sizeof to->name, "%s", name);
	c->needs.load_all |= spec->needs.load_all;
	c->needs.prefill |= spec->needs.prefill;
	c->needs.decode |= spec->needs.decode;
	c->needs.load_all_decode |= spec->needs.load_all_decode;
	c->needs.worth |= spec->needs.worth;
}

/* More memory is worth what it is filled with, which a point does not say. */
static enum status add_worth(struct sweep_columns *c, const char *name,
			     const struct figure *field, size_t index,
			     struct diag *d)
{
	if (field->quantity == QUANTITY_BYTES)
		return diag_fail(d, STATUS_USAGE, "%s: found a memory, "
				 "expected a rate, latency or derate; "
				 "'kvplan worth' fills it", name);
	add_column(c, &worth, name, index);
	return STATUS_OK;
}

static bool is_varied(const struct sweep_space *space, const char *name)
{
	for (size_t i = 0; i < sweep_space_names(space); i++)
		if (strcmp(sweep_space_name(space, i)->text, name) == 0)
			return true;
	return false;
}

static void add_default(struct sweep_columns *c,
			const struct sweep_space *space, bool simulate,
			bool uncertain)
{
	for (size_t i = 0; i < SPECS; i++) {
		const struct sweep_column_spec *s = &specs[i];

		if ((s->when == ALWAYS ||
		     (s->when == SIMULATED && simulate) ||
		     (s->when == UNCERTAIN && uncertain)) &&
		    !is_varied(space, s->name))
			add_column(c, s, s->name, 0);
	}
}

/* Of all figures that can have one. */
static void add_worths(struct sweep_columns *c)
{
	size_t n;
	const struct figure *fields = hardware_fields(&n);

	for (size_t i = 0; i < n; i++) {
		char name[sizeof c->list[0].name];

		if (fields[i].quantity == QUANTITY_BYTES)
			continue;
		snprintf(name, sizeof name, "%s%s", worth.name,
			 fields[i].path);
		add_column(c, &worth, name, i);
	}
}

/* The figure of "worth.PATH", or NULL. */
static const struct figure *find_worth(const char *name, size_t *index)
{
	size_t n, prefix = strlen(worth.name);
	const struct figure *fields = hardware_fields(&n);

	if (strncmp(name, worth.name, prefix) != 0)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (strcmp(name + prefix, fields[i].path) == 0) {
			*index = i;
			return &fields[i];
		}
	return NULL;
}

static enum status add_named(struct sweep_columns *c, const char *name,
			     bool simulate, bool uncertain, struct diag *d)
{
	const char *names[SPECS], *near;
	const struct figure *field;
	size_t figure;

	for (size_t i = 0; i < SPECS; i++) {
		names[i] = specs[i].name;
		if (strcmp(specs[i].name, name) != 0)
			continue;
		if (specs[i].when == UNCERTAIN && !uncertain)
			return diag_fail(d, STATUS_USAGE, "%s is for "
					 "--uncertain", name);
		if ((specs[i].needs.decode || specs[i].needs.prefill ||
		     specs[i].needs.load_all_decode) && !simulate)
			return diag_fail(d, STATUS_USAGE, "%s is for "
					 "--simulate", name);
		add_column(c, &specs[i], name, 0);
		return STATUS_OK;
	}
	field = find_worth(name, &figure);
	if (field != NULL)
		return add_worth(c, name, field, figure, d);
	near = nearest_name(name, names, SPECS);
	return diag_fail(d, STATUS_USAGE, "found '%.60s', expected a column"
			 "; %s%s", name,
			 near ? "the nearest is " : "--columns help lists them",
			 near ? near : "");
}

enum status sweep_columns_choose(struct sweep_columns *c, const char *text_,
				 const struct sweep_space *space,
				 bool simulate, bool uncertain,
				 struct diag *d)
{
	char *copy = xstrdup(text_ ? text_ : "default"), *rest = copy, *name;
	enum status s = STATUS_OK;

	while (s == STATUS_OK && (name = strsep(&rest, ",")) != NULL) {
		if (strcmp(name, "default") == 0)
			add_default(c, space, simulate, uncertain);
		else if (strcmp(name, "worth") == 0)
			add_worths(c);
		else if (is_varied(space, name))
			s = diag_fail(d, STATUS_USAGE, "%s is varied, so it "
				      "is a column already", name);
		else
			s = add_named(c, name, simulate, uncertain, d);
	}
	free(copy);
	return s == STATUS_OK ? s : diag_prefix(d, s, "--columns");
}

void sweep_columns_clear(struct sweep_columns *c)
{
	free(c->list);
	*c = (struct sweep_columns){ .n = 0 };
}

cJSON *sweep_columns_json(const struct sweep_columns *c)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < c->n; i++)
		cJSON_AddItemToArray(list,
				     cJSON_CreateString(c->list[i].name));
	return list;
}

struct sweep_cell sweep_columns_value(const struct sweep_column *c,
				  const struct sweep_result *r)
{
	return c->spec->of(r, c->figure);
}

bool sweep_columns_is_worth(const struct sweep_column *c)
{
	return c->spec == &worth;
}

bool sweep_columns_find(const char *name, enum quantity *quantity)
{
	const struct sweep_column_spec *found = NULL;
	size_t unused;

	for (size_t i = 0; i < SPECS && found == NULL; i++)
		if (strcmp(specs[i].name, name) == 0)
			found = &specs[i];
	if (found == NULL && find_worth(name, &unused) != NULL)
		found = &worth;
	if (found != NULL)
		*quantity = found->quantity;
	return found != NULL;
}

void sweep_columns_describe(FILE *out)
{
	for (size_t i = 0; i < SPECS; i++)
		fprintf(out, "  %-20s%s%s\n", specs[i].name,
			specs[i].when == ASKED ? "(not by default) " : "",
			specs[i].meaning);
	fprintf(out, "  %-20s(not by default) %s\n", "worth.PATH",
		worth.meaning);
	fprintf(out, "  %-20s(not by default) that of all figures\n",
		"worth");
}
