/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evaluate/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "lp/room.h"
#include "sim/clock.h"

static enum status check_memory(const struct decode_case *c,
				const struct plan *plan, struct memory *out,
				struct diag *d)
{
	plan->policy->memory(&c->model, &c->workload, plan, out);
	return memory_check(out, &c->hardware, d);
}

static enum status make_plan(const struct decode_case *c,
			     const struct policy *policy,
			     const struct plan *like, struct plan *out,
			     struct diag *d)
{
	struct planner_options options = like ? planner_like(like, policy)
					      : c->planner;
	enum status s;

	if (c->has_plan && policy == c->policy) {
		*out = c->plan;
		out->split = xcalloc(out->steps, sizeof *out->split);
		memcpy(out->split, c->plan.split,
		       out->steps * sizeof *out->split);
		return planner_check_figures(&c->model, &c->workload,
					     &c->hardware, out, d);
	}
	s = planner_plan(&c->model, &c->workload, &c->hardware, policy,
			 &options, out, d);
	return s == STATUS_INVALID ? STATUS_USAGE : s;
}

enum status evaluate_plan(const struct decode_case *c,
			  const struct policy *policy, struct plan *out,
			  struct diag *d)
{
	struct memory memory;
	struct plan plan = { 0 };
	enum status s = make_plan(c, policy, NULL, &plan, d);

	if (s == STATUS_OK)
		s = check_memory(c, &plan, &memory, d);
	if (s != STATUS_OK)
		plan_clear(&plan);
	else
		*out = plan;
	return s;
}

static enum status simulate(const struct decode_case *c,
			    struct timeline *timeline, struct outcome *o,
			    struct diag *d)
{
	struct graph *g = policy_graph(&o->plan, &c->model, &c->workload,
				       &c->hardware, SPAN_STEP);
	struct run_options options = run_whole(&o->plan);
	enum status s;

	o->step_end_s = xcalloc(o->plan.steps, sizeof *o->step_end_s);
	options.step_end_s = o->step_end_s;
	options.timeline = timeline;
	s = clock_run(g, &c->workload, &o->plan, &c->hardware, &options,
		      &o->clock, &o->run, d);
	graph_free(g);
	return s;
}

/* Prefill's sizes depend on no step: its graph runs once. */
static enum status simulate_prefill(const struct decode_case *c,
				    struct outcome *o, struct diag *d)
{
	struct graph *g = policy_graph(&o->plan, &c->model, &c->workload,
				       &c->hardware, SPAN_PREFILL);
	double *step_end_s = xcalloc(o->plan.steps, sizeof *step_end_s);
	const struct run_options once = { .end_step = 1,
					  .step_end_s = step_end_s };
	struct run_result result;
	enum status s = run_graph(g, &c->workload, &o->plan, &c->hardware,
				  &once, &result, d);

	graph_free(g);
	if (s == STATUS_OK) {
		o->prefill_s = result.makespan_s;
		o->first_token_s = step_end_s[0];
	}
	free(step_end_s);
	return s;
}

static void summarise(const struct decode_case *c, struct outcome *o)
{
	double requests = (double)(workload_requests(&c->workload) *
				   c->workload.gpus);
	double steps = (double)o->plan.steps;

	o->decode_s = o->run.makespan_s;
	o->step_s = o->decode_s / steps;
	o->tokens_per_s = requests * steps / o->decode_s;
	o->total_s = o->prefill_s + o->decode_s;
	o->total_tokens_per_s = requests * (double)c->workload.gen /
				o->total_s;
	for (int e = 0; e < ENGINE_COUNT; e++)
		if (o->run.engine[e].busy_s > o->run.engine[o->bound].busy_s)
			o->bound = (enum engine)e;
}

/* How sure the decode's time is, if it is from a calibration. */
static void find_trust(const struct decode_case *c, struct outcome *o)
{
	size_t last = o->plan.steps - 1;
	const size_t steps[] = { last / 2, 0, last };
	struct graph *g;

	if (c->hardware.calibration == NULL)
		return;
	g = policy_graph(&o->plan, &c->model, &c->workload, &c->hardware,
			 SPAN_LAYER);
	for (size_t i = 0; i < 3; i++) {
		size_t step = steps[i];
		struct trust t = trust_make(
			g, &c->hardware,
			(double)workload_cached(&c->workload, step),
			(double)o->plan.split[step], o->bound);

		if (i == 0)
			o->trust = t;
		trust_add(&o->trust, &t);
	}
	graph_free(g);
}

enum status evaluate(const struct decode_case *c, const struct policy *policy,
		     const struct plan *like, struct timeline *timeline,
		     struct outcome *out, struct diag *d)
{
	struct outcome o = { .bound = ENGINE_H2D };
	enum status s = make_plan(c, policy, like, &o.plan, d);

	if (s == STATUS_OK)
		s = check_memory(c, &o.plan, &o.memory, d);	/* a file's */
	if (s == STATUS_OK)
		s = simulate_prefill(c, &o, d);
	if (s == STATUS_OK)
		s = simulate(c, timeline, &o, d);
	if (s != STATUS_OK) {
		outcome_clear(&o);
		return s;
	}
	summarise(c, &o);
	find_trust(c, &o);
	*out = o;
	return STATUS_OK;
}

enum status evaluate_best(const struct decode_case *c,
			  const struct policy **policy, struct outcome *out,
			  struct diag *d)
{
	size_t n;
	const struct policy *const *all = policy_list(&n);
	struct outcome best = { .bound = ENGINE_H2D };
	enum status why = STATUS_OK;
	double lack, least_lack = INFINITY;

	*policy = NULL;
	for (size_t i = 0; i < n; i++) {
		struct outcome o;
		struct diag mine;
		enum status s = evaluate(c, all[i], NULL, NULL, &o, &mine);

		if (s == STATUS_INFEASIBLE || s == STATUS_USAGE) {
			lack = s == STATUS_INFEASIBLE
				? room_lack(&c->model, &c->workload,
					    &c->hardware, all[i], &c->planner,
					    &mine)
				: INFINITY;
			if (why == STATUS_INFEASIBLE && !(lack < least_lack))
				continue;
			if (s == STATUS_INFEASIBLE)
				diag_prefix(&mine, s, "policy %s",
					    all[i]->name);
			why = s;
			*d = mine;
			least_lack = lack;
			continue;
		}
		if (s != STATUS_OK) {
			outcome_clear(&best);
			*d = mine;
			return s;
		}
		if (*policy == NULL || o.decode_s < best.decode_s) {
			outcome_clear(&best);
			best = o;
			*policy = all[i];
		} else {
			outcome_clear(&o);
		}
	}
	if (*policy == NULL)
		return why;
	*out = best;
	return STATUS_OK;
}

void outcome_clear(struct outcome *o)
{
	plan_clear(&o->plan);
	free(o->step_end_s);
	*o = (struct outcome){ .bound = ENGINE_H2D };
}

double outcome_busy_pct(const struct outcome *o, enum engine e)
{
	return 100.0 * o->run.engine[e].busy_s / o->run.makespan_s;
}

double outcome_step_s(const struct outcome *o, size_t step)
{
	return o->step_end_s[step] -
	       (step > 0 ? o->step_end_s[step - 1] : 0.0);
}

void outcome_split(const struct outcome *o, char *text, size_t size)
{
	size_t least = o->plan.split[0], most = least;

	for (size_t i = 1; i < o->plan.steps; i++) {
		size_t split = o->plan.split[i];

		least = split < least ? split : least;
		most = split > most ? split : most;
	}
	if (least == most)
		snprintf(text, size, "%zu", least);
	else
		snprintf(text, size, "%zu to %zu", least, most);
}

void outcome_warn(const struct outcome *o, const struct hardware *hw)
{
	char text[TRUST_SIZE];

	if (o->trust.noutside == 0)
		return;
	trust_say(&o->trust, text);
	fprintf(stderr, "kvplan: warning: %s: %s\n", hw->name, text);
}

void outcome_print_engines(const struct outcome *o, FILE *out)
{
	static const struct table_column columns[] = {
		{ "engine", "engine", QUANTITY_NUMBER },
		{ "busy_pct", "busy", QUANTITY_PERCENT },
		{ "busy_s", "time", QUANTITY_SECONDS },
		{ "bytes", "moved", QUANTITY_BYTES },
		{ "flop", "computed", QUANTITY_FLOP },
	};
	struct table *t = table_new(columns, 5);

	for (int i = 0; i < ENGINE_COUNT; i++) {
		enum engine e = (enum engine)i;
		const struct run_usage *u = &o->run.engine[e];

		if (u->tasks == 0)
			continue;
		table_text(t, engine_title(e));
		table_number(t, outcome_busy_pct(o, e));
		table_number(t, u->busy_s);
		table_number(t, u->bytes);
		if (e == ENGINE_SM)
			table_number(t, u->flop);
		else
			table_empty(t);
	}
	table_print(t, TABLE_TEXT, out);
	table_free(t);
}

void outcome_print_memory(const struct outcome *o, const struct hardware *hw,
			  FILE *out)
{
	static const struct table_column columns[] = {
		{ "memory", "memory", QUANTITY_NUMBER },
		{ "used_bytes", "used", QUANTITY_BYTES },
		{ "capacity_bytes", "capacity", QUANTITY_NUMBER },
	};
	struct table *t = table_new(columns, 3);
	const struct memory *mem = &o->memory;

	for (int i = 0; i < MEMORY_PLACES; i++) {
		enum memory_place place = (enum memory_place)i;
		double capacity = memory_capacity(hw, place);
		char text[QUANTITY_SIZE] = "not stated";

		if (capacity > 0.0)
			quantity_format(capacity, QUANTITY_BYTES, text);
		table_text(t, memory_place_name(place));
		table_number(t, memory_used(mem, place));
		table_text(t, text);
		for (size_t k = 0; k < mem->n; k++) {
			if (mem->items[k].place != place)
				continue;
			snprintf(text, sizeof text, "  %s",
				 mem->items[k].what);
			table_text(t, text);
			table_number(t, mem->items[k].bytes);
			table_text(t, "");
		}
	}
	table_print(t, TABLE_TEXT, out);
	table_free(t);
}

static void add_memory(const struct memory *mem, const struct hardware *hw,
		       cJSON *json)
{
	cJSON *all = cJSON_AddObjectToObject(json, "memory");

	for (int i = 0; i < MEMORY_PLACES; i++) {
		enum memory_place place = (enum memory_place)i;
		double capacity = memory_capacity(hw, place);
		cJSON *at = cJSON_AddObjectToObject(
			all, memory_place_name(place));
		cJSON *items;

		cJSON_AddNumberToObject(at, "used_bytes",
					memory_used(mem, place));
		if (capacity > 0.0)
			cJSON_AddNumberToObject(at, "capacity_bytes",
						capacity);
		else
			cJSON_AddNullToObject(at, "capacity_bytes");
		items = cJSON_AddObjectToObject(at, "items");
		for (size_t k = 0; k < mem->n; k++)
			if (mem->items[k].place == place)
				cJSON_AddNumberToObject(items,
							mem->items[k].what,
							mem->items[k].bytes);
	}
}

void outcome_add_total(const struct outcome *o, cJSON *json)
{
	cJSON_AddNumberToObject(json, "first_token_s", o->first_token_s);
	cJSON_AddNumberToObject(json, "prefill_s", o->prefill_s);
	cJSON_AddNumberToObject(json, "total_s", o->total_s);
	cJSON_AddNumberToObject(json, "total_tokens_per_s",
				o->total_tokens_per_s);
}

void outcome_add_json(const struct outcome *o, const struct hardware *hw,
		      cJSON *json)
{
	cJSON *busy;

	cJSON_AddStringToObject(json, "bound", engine_name(o->bound));
	if (hw->calibration != NULL)
		cJSON_AddNumberToObject(json, "error_pct",
					100.0 * o->trust.spread);
	cJSON_AddNumberToObject(json, "clock", o->clock);
	busy = cJSON_AddObjectToObject(json, "utilisation");
	for (int e = 0; e < ENGINE_COUNT; e++)
		cJSON_AddNumberToObject(
			busy, engine_name((enum engine)e),
			outcome_busy_pct(o, (enum engine)e) / 100.0);
	add_memory(&o->memory, hw, json);
}
