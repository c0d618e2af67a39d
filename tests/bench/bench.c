/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench - how fast planning and simulating are: `make bench`.
 *
 *   bench [--json]
 *
 * Each figure is the median of five runs on one core, with the least and the
 * most beside it: machines are shared and noisy.  The cases are the paper's
 * headline (opt-6.7b, batch 64, prompt 128, 128 tokens, an A100 40 GB),
 * OPT-30B's 48 layers, the same with so many layers that a step has 2000
 * tasks, and OPT-30B's placement on the T4 that FlexGen's cost model fits
 * (prompt 512, 32 tokens), all batch sizes open.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/table.h"
#include "base/xalloc.h"
#include "lp/paper_split.h"
#include "lp/period.h"
#include "lp/place.h"
#include "lp/planner.h"
#include "lp/steady.h"
#include "model/profile.h"
#include "sim/run.h"
#include "sweep/row.h"

enum { RUNS = 5 };

/* What is measured: `run` does `n` things; a figure is n over its time. */
struct subject {
	struct llm model;
	struct hardware hw;
	struct workload w;
	struct plan plan;
	struct graph *step, *layer;
	struct steady *steady_step, *steady_layer;
	struct offload machine;
	struct sweep *sweep;
	struct sweep_worker *worker;
};

static void stop(const char *message)
{
	fprintf(stderr, "bench: %s\n", message);
	exit(1);
}

static void must(enum status s, const struct diag *d)
{
	if (s != STATUS_OK)
		stop(d->text);
}

/* With `layers`, unless 0, in place of the model's own; `batches` > 1 are
 * kvpr-column's. */
static struct subject prepare(const char *model, size_t layers,
			      size_t batches)
{
	const struct planner_options options = { .program = PROGRAM_ROW };
	struct subject s = { .w = { .batch = 64, .num_batches = 1,
				   .prompt = 128, .gen = 128, .gpus = 1 } };
	const struct policy *policy;
	struct diag d;
	char *text;

	must(llm_load(model, &s.model, &d), &d);
	if (layers > 0)
		s.model.layers = layers;
	must(profile_read(PROFILE_HARDWARE, "a100-40gb-pcie4", &text, &d),
	     &d);
	must(hardware_parse(text, &s.hw, &d), &d);
	free(text);
	s.hw.memory_bytes = 1e15;	/* speed does not depend on it */
	s.w.num_batches = batches;
	must(policy_find(batches > 1 ? "kvpr-column" : "kvpr-row", &policy,
			 &d), &d);
	must(planner_plan(&s.model, &s.w, &s.hw, policy, &options, &s.plan,
			  &d), &d);
	must(profile_read(PROFILE_OFFLOAD, "flexgen-t4", &text, &d), &d);
	must(offload_parse(text, &s.machine, &d), &d);
	free(text);
	s.step = policy->build(&s.model, &s.w, &s.plan, SPAN_STEP);
	s.layer = policy->build(&s.model, &s.w, &s.plan, SPAN_LAYER);
	s.steady_step = steady_new(s.step, &s.hw);
	s.steady_layer = steady_new(s.layer, &s.hw);
	return s;
}

static struct paper_split program(const struct subject *s, size_t cached)
{
	return paper_split_of(&s->model, &s->w, &s->hw, PAPER_ROW,
				     cached, s->w.prompt);
}

/* Answers are summed so that no work can be left out. */
static double sink;

static size_t run_closed_form(const struct subject *s)
{
	enum { N = 500000 };

	for (size_t i = 0; i < N; i++) {
		struct paper_split p = program(s, 128 + i % 4096);

		sink += (double)paper_split_closed_form(&p);
	}
	return N;
}

static size_t run_paper_program(const struct subject *s)
{
	enum { N = 5000 };
	struct diag d;

	for (size_t i = 0; i < N; i++) {
		struct paper_split p = program(s, 128 + i % 128);
		size_t l;

		must(paper_split_solve(&p, &l, &d), &d);
		sink += (double)l;
	}
	return N;
}

static size_t solve_periods(const struct subject *s, const struct graph *g,
			    size_t n)
{
	struct diag d;

	for (size_t i = 0; i < n; i++) {
		struct period p;

		must(period_solve(g, &s->hw, (double)(128 + i % 128), 0.0,
				  128.0, &p, &d), &d);
		sink += p.period_s;
		period_clear(&p);
	}
	return n;
}

static size_t run_layer_period(const struct subject *s)
{
	return solve_periods(s, s->layer, 1000);
}

static size_t run_step_period(const struct subject *s)
{
	return solve_periods(s, s->step, 5);
}

/* Another split each time, and now and then another length. */
static size_t evaluate(struct steady *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sink += steady_at(s, (double)(128 + i / 128 % 128),
				  (double)(i * 37 % 128)).period_s;
	return n;
}

static size_t run_layer_evaluation(const struct subject *s)
{
	return evaluate(s->steady_layer, 200000);
}

static size_t run_step_evaluation(const struct subject *s)
{
	return evaluate(s->steady_step, 2000);
}

/* Step after step, as a decode goes. */
static size_t choose_splits(struct steady *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double period_s;

		sink += (double)steady_best_split(s, 128 + i % 128, 128,
						  &period_s);
	}
	return n;
}

static size_t run_layer_splits(const struct subject *s)
{
	return choose_splits(s->steady_layer, 100000);
}

static size_t run_step_splits(const struct subject *s)
{
	return choose_splits(s->steady_step, 1000);
}

static size_t run_prepare(const struct subject *s)
{
	enum { N = 50 };

	for (size_t i = 0; i < N; i++)
		steady_free(steady_new(s->step, &s->hw));
	return N;
}

static size_t run_large_period(const struct subject *s)
{
	return solve_periods(s, s->step, 1);
}

static size_t run_plan(const struct subject *s)
{
	const struct planner_options options = { .program = PROGRAM_PERIOD };
	struct plan plan;
	struct diag d;

	must(planner_plan(&s->model, &s->w, &s->hw, s->plan.policy, &options,
			  &plan, &d), &d);
	sink += (double)plan.split[0];
	plan_clear(&plan);
	return 1;
}

static size_t run_simulation(const struct subject *s)
{
	const struct run_options options = run_whole(&s->plan);
	struct run_result result;
	struct diag d;

	must(run_graph(s->step, &s->w, &s->plan, &s->hw, &options, &result,
		       &d), &d);
	sink += result.makespan_s;
	return s->plan.steps;
}

static size_t place(const struct subject *s, bool flexgen)
{
	enum { N = 10 };
	const struct place_request r = {
		.c = { .model = s->model, .prompt = 512, .gen = 32,
		       .machine = s->machine, .flexgen = flexgen },
		.limit_s = INFINITY,
	};
	struct diag d;

	for (size_t i = 0; i < N; i++) {
		struct place_result found;

		must(place_search(&r, &found, &d), &d);
		sink += found.outcome.request_s;
	}
	return N;
}

static size_t run_flexgen_placement(const struct subject *s)
{
	return place(s, true);
}

static size_t run_kvplan_placement(const struct subject *s)
{
	return place(s, false);
}

/*
 * OPT-30B on an H200: batch, prompt, link and rate vary, rates the fastest; or
 * batch and prompt, decodes of 128 tokens simulated.
 */
static struct subject prepare_sweep(const char *machine, bool simulate)
{
	const struct {
		size_t option;
		const char *text;
	} given[] = { { CASE_MODEL, "opt-30b" }, { CASE_HARDWARE, machine },
		      { CASE_GEN, "128" } };
	static const char *const axes[] = {
		"batch=1:64:log10", "prompt=128:1900:log10",
		"link.h2d.bytes_per_s+link.d2h.bytes_per_s="
		"13GB/s:450GB/s:log10",
		"gpu.flop_per_s=100TFLOP/s:5PFLOP/s:log20",
	};
	struct subject s = { .sweep = xcalloc(1, sizeof *s.sweep) };
	struct diag d;

	*s.sweep = sweep_new();
	s.sweep->simulate = simulate;
	for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
		must(sweep_option(s.sweep, given[i].option, given[i].text,
				  &d), &d);
	for (size_t i = 0; i < (simulate ? 2 : 4); i++)
		must(sweep_space_vary(&s.sweep->space, axes[i], &d), &d);
	must(sweep_load(s.sweep, simulate ? "decode_s" : NULL, &d), &d);
	s.worker = sweep_worker_new(s.sweep);
	return s;
}

static size_t run_sweep(const struct subject *s)
{
	struct sweep_text rows = { .length = 0 };
	uint64_t points = s->sweep->space.points;

	for (uint64_t i = 0; i < points; i++) {
		rows.length = 0;
		sweep_row_add(s->sweep, s->worker, i, &rows);
		sink += (double)rows.length;
	}
	free(rows.text);
	return (size_t)points;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(struct table *t, const char *what,
		    size_t (*run)(const struct subject *),
		    const struct subject *s)
{
	double each[RUNS];

	run(s);			/* warm */
	for (size_t i = 0; i < RUNS; i++) {
		double start = now_s();
		size_t n = run(s);

		each[i] = (now_s() - start) / (double)n;
	}
	qsort(each, RUNS, sizeof each[0], by_value);
	table_text(t, what);
	table_number(t, each[RUNS / 2]);
	table_number(t, each[0]);
	table_number(t, each[RUNS - 1]);
	table_number(t, 1.0 / each[RUNS / 2]);
}

/* The bundle's, below $top_srcdir or from where this is run. */
static struct subject prepare_calibrated_sweep(void)
{
	const char *top = getenv("top_srcdir");
	char path[4096];

	snprintf(path, sizeof path, "%s/traces/h200-sxm/hardware.json",
		 top != NULL ? top : ".");
	return prepare_sweep(path, false);
}

int main(int argc, char **argv)
{
	static const struct table_column columns[] = {
		{ "what", "what", QUANTITY_NUMBER },
		{ "median_s", "each", QUANTITY_SECONDS },
		{ "least_s", "least", QUANTITY_SECONDS },
		{ "most_s", "most", QUANTITY_SECONDS },
		{ "per_s", "a second", QUANTITY_NUMBER },
	};
	struct table *t = table_new(columns, 5);
	struct subject headline = prepare("opt-6.7b", 0, 1);
	struct subject large = prepare("opt-30b", 0, 1);
	struct subject huge = prepare("opt-30b", 250, 1);
	struct subject column = prepare("opt-30b", 0, 8);
	struct subject column_step = prepare("opt-30b", 32, 8);
	struct subject planned = prepare_sweep("h200", false);
	struct subject curves = prepare_calibrated_sweep();
	struct subject simulated = prepare_sweep("h200", true);

	measure(t, "paper's split, closed form", run_closed_form, &headline);
	measure(t, "paper's program, GLPK", run_paper_program, &headline);
	measure(t, "period LP, a layer", run_layer_period, &headline);
	measure(t, "period LP, a 32-layer step", run_step_period, &headline);
	measure(t, "period LP, a 48-layer step", run_step_period, &large);
	measure(t, "period LP, a layer of 8 batches", run_layer_period,
		&column);
	measure(t, "period LP, 8 batches, 2100 tasks", run_large_period,
		&column_step);
	measure(t, "period, a layer", run_layer_evaluation, &headline);
	measure(t, "period, a 48-layer step", run_step_evaluation, &large);
	measure(t, "period, 2000 tasks", run_step_evaluation, &huge);
	measure(t, "best split, a layer", run_layer_splits, &headline);
	measure(t, "best split, a 48-layer step", run_step_splits, &large);
	measure(t, "best split, 2000 tasks", run_step_splits, &huge);
	measure(t, "prepared, 2000 tasks", run_prepare, &huge);
	measure(t, "whole plan, 127 steps", run_plan, &headline);
	measure(t, "whole plan, 8 batches", run_plan, &column);
	measure(t, "placement, FlexGen's costs", run_flexgen_placement,
		&large);
	measure(t, "placement, kvplan's costs", run_kvplan_placement, &large);
	measure(t, "simulated 32-layer step", run_simulation, &headline);
	measure(t, "simulated 48-layer step", run_simulation, &large);
	measure(t, "sweep, a point", run_sweep, &planned);
	measure(t, "sweep, a point with curves", run_sweep, &curves);
	measure(t, "sweep, a simulated decode", run_sweep, &simulated);
	measure(t, "simulated step of 2000 tasks", run_simulation, &huge);
	if (!isfinite(sink))
		stop("a result is not finite");
	table_print(t, argc > 1 && strcmp(argv[1], "--json") == 0
			       ? TABLE_JSON : TABLE_TEXT, stdout);
	table_free(t);
	return 0;
}
