/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/xalloc.h"
#include "cli/case.h"
#include "cli/evaluate.h"
#include "plots/gnuplot.h"
#include "schedule/bound.h"
#include "sim/run.h"

enum { OPT_OUTPUT = CASE_OPTIONS, OPT_FORMAT, OPT_DATA, OPT_STEP, OPT_LAYER,
       OPTIONS };

static const struct option_spec own[] = {
	{ "output", 'o', "FILE", "picture to write: .png, .svg or .pdf" },
	{ "format", '\0', "FORMAT",
	  "png, svg or pdf, whatever FILE's name" },
	{ "data", '\0', "FILE", "write the numbers of the picture as CSV" },
	{ "step", '\0', "N", "decode step, from 0 (default: the middle)" },
	{ "layer", '\0', "N", "gantt: layer, from 0 (default: the middle)" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan plot split|gantt --model NAME --hardware NAME "
		 "--batch N --prompt N\n"
		 "                   --gen N -o FILE [OPTION]...\n"
		 "   or: kvplan plot split|gantt PLAN -o FILE [OPTION]...\n"
		 "Draw a decode step's time against the split, or one layer of "
		 "it over time.\n",
	.shared = case_options, .nshared = CASE_OPTIONS,
	.own = own, .nown = OPTIONS - CASE_OPTIONS,
	.most_operands = 2,
};

struct request {
	struct case_request c;
	const char *output, *format, *data;
	bool has_step, has_layer;
	size_t step, layer;
};

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct request *r = context;

	switch (index) {
	case OPT_OUTPUT:
		r->output = text;
		return STATUS_OK;
	case OPT_FORMAT:
		r->format = text;
		return STATUS_OK;
	case OPT_DATA:
		r->data = text;
		return STATUS_OK;
	case OPT_STEP:
		r->has_step = true;
		return options_size(text, 0, SIZE_MAX, &r->step, d);
	case OPT_LAYER:
		r->has_layer = true;
		return options_size(text, 0, SIZE_MAX, &r->layer, d);
	}
	return case_option(&r->c, index, text, d);
}

/* What a picture is made from: numbers for people, commands for gnuplot. */
struct picture {
	const char *script;
	struct table *numbers;
	char *commands;			/* freed by picture_clear() */
	size_t size;
};

static void picture_clear(struct picture *p)
{
	table_free(p->numbers);
	free(p->commands);
}

/*
 * Run step `step` of `plan` with the step before it, if there is one, to
 * find the pipeline as it is in the midst of a decode.  Returns the step's
 * time [s] through `*step_s`.
 */
static enum status run_step(const struct cli_case *c, const struct graph *g,
			    const struct plan *plan, size_t step,
			    struct timeline *timeline, double *step_s,
			    struct diag *d)
{
	double *ends = xcalloc(plan->steps, sizeof *ends);
	const struct run_options options = {
		.first_step = step > 0 ? step - 1 : 0,
		.end_step = step + 1,
		.step_end_s = ends,
		.timeline = timeline,
	};
	struct run_result result;
	enum status s = run_graph(g, &c->workload, plan, &c->hardware,
				  &options, &result, d);

	if (s == STATUS_OK)
		*step_s = ends[step] - (step > 0 ? ends[step - 1] : 0.0);
	free(ends);
	return s;
}

/* Time and floor of `step` under `plan` with split `l` all along. */
static enum status try_split(const struct cli_case *c,
			     const struct plan *plan, size_t step, size_t l,
			     double *step_s, double *floor_s, struct diag *d)
{
	struct plan fixed = *plan;
	struct graph *g;
	enum status s;

	fixed.split = xcalloc(plan->steps, sizeof *fixed.split);
	for (size_t i = 0; i < plan->steps; i++) {
		size_t limit = plan_split_limit(plan, &c->workload, i);

		fixed.split[i] = l < limit ? l : limit;
	}
	g = plan->policy->graph(&c->model, &c->workload, &fixed,
				SPAN_STEP);
	s = run_step(c, g, &fixed, step, NULL, step_s, d);
	*floor_s = bound_step(g, &c->hardware,
			      (double)workload_cached(&c->workload, step),
			      (double)fixed.split[step]);
	graph_free(g);
	plan_clear(&fixed);
	return s;
}

static enum status load_all_time(const struct cli_case *c, size_t step,
				 double *step_s, struct diag *d)
{
	const struct planner_options defaults = { .program = PROGRAM_ROW };
	const struct policy *policy;
	struct plan plan;
	double floor_s;
	enum status s = policy_find("load-all", &policy, d);

	if (s == STATUS_OK)
		s = planner_plan(&c->model, &c->workload, &c->hardware,
				 policy, &defaults, &plan, d);
	if (s == STATUS_INFEASIBLE) {
		*step_s = 0.0;
		return STATUS_OK;
	}
	if (s != STATUS_OK)
		return s;
	s = try_split(c, &plan, step, 0, step_s, &floor_s, d);
	plan_clear(&plan);
	return s;
}

/* Step times and floors for all splits 0 .. limit. */
struct curve {
	size_t limit, best, paper;
	double *step_s, *floor_s;
	double load_all_s;		/* 0: it does not fit */
};

static enum status trace_curve(const struct cli_case *c,
			       const struct plan *plan, size_t step,
			       struct curve *curve, struct diag *d)
{
	size_t limit = plan_split_limit(plan, &c->workload, step);
	struct paper_split program = planner_paper_program(
		&c->model, &c->workload, &c->hardware,
		c->planner.program == PROGRAM_COLUMN ? PAPER_COLUMN
						     : PAPER_ROW,
		workload_cached(&c->workload, step), limit);
	enum status s = load_all_time(c, step, &curve->load_all_s, d);

	curve->limit = limit;
	curve->paper = paper_split_closed_form(&program);
	curve->step_s = xcalloc(limit + 1, sizeof *curve->step_s);
	curve->floor_s = xcalloc(limit + 1, sizeof *curve->floor_s);
	for (size_t l = 0; l <= limit && s == STATUS_OK; l++) {
		s = try_split(c, plan, step, l, &curve->step_s[l],
			      &curve->floor_s[l], d);
		if (curve->step_s[l] < curve->step_s[curve->best])
			curve->best = l;
	}
	return s;
}

static void subtitle(const struct cli_case *c, size_t step, char *text,
		     size_t size)
{
	snprintf(text, size, "%s, batch %zu, %zu cached tokens (decode step "
		 "%zu of %zu), %s", c->model.name, c->workload.batch,
		 workload_cached(&c->workload, step), step + 1,
		 workload_steps(&c->workload), c->hardware.name);
}

static void describe_curve(const struct cli_case *c, size_t step,
			   const struct curve *curve, struct picture *p)
{
	static const struct table_column columns[] = {
		{ "split", "split", QUANTITY_NUMBER },
		{ "step_s", "step", QUANTITY_SECONDS },
		{ "lower_bound_s", "lower bound", QUANTITY_SECONDS },
	};
	char text[256];
	FILE *out = xmemstream(&p->commands, &p->size);

	p->script = "split";
	p->numbers = table_new(columns, 3);
	snprintf(text, sizeof text, "Decode step time against the split: %s",
		 c->policy->name);
	gnuplot_assign(out, "TITLE", text);
	subtitle(c, step, text, sizeof text);
	gnuplot_assign(out, "SUBTITLE", text);
	if (curve->load_all_s > 0.0)
		fprintf(out, "LOAD_MS = %.9g\n", 1e3 * curve->load_all_s);
	fprintf(out, "OPT_SPLIT = %zu\nOPT_MS = %.9g\nPAPER_SPLIT = %zu\n"
		"PAPER_MS = %.9g\nLIMIT = %zu\n$curve << EOD\n",
		curve->best, 1e3 * curve->step_s[curve->best], curve->paper,
		1e3 * curve->step_s[curve->paper], curve->limit);
	for (size_t l = 0; l <= curve->limit; l++) {
		fprintf(out, "%zu %.9g %.9g\n", l, 1e3 * curve->step_s[l],
			1e3 * curve->floor_s[l]);
		table_number(p->numbers, (double)l);
		table_number(p->numbers, curve->step_s[l]);
		table_number(p->numbers, curve->floor_s[l]);
	}
	fputs("EOD\n", out);
	xmemstream_close(out);
}

static enum status make_split(const struct cli_case *c,
			      const struct plan *plan, size_t step,
			      struct picture *p, struct diag *d)
{
	struct curve curve = { 0 };
	enum status s;

	if (plan->policy->split != SPLIT_OPEN)
		return diag_fail(d, STATUS_USAGE,
				 "policy %s has no split to vary",
				 plan->policy->name);
	s = trace_curve(c, plan, step, &curve, d);
	if (s == STATUS_OK)
		describe_curve(c, step, &curve, p);
	free(curve.step_s);
	free(curve.floor_s);
	return s;
}

/* Indices into the palette of plots/style.gp. */
enum { COLOUR_OTHER_LAYER = 8 };

static int op_colour(enum op op)
{
	static const int colours[OP_COUNT] = {
		[OP_LOAD_WEIGHT] = 5, [OP_LOAD_ACTIVATION] = 2,
		[OP_LOAD_CACHE] = 5, [OP_PROJECT] = 4, [OP_RECOMPUTE] = 6,
		[OP_APPEND] = 4, [OP_ATTEND] = 3, [OP_OUTPUT] = 1, [OP_FFN] = 1,
		[OP_HEAD] = 1, [OP_STORE_CACHE] = 7,
		[OP_STORE_ACTIVATION] = 7,
	};

	return colours[op];
}

static const char *row_label(enum process p)
{
	static const char *const labels[PROCESS_COUNT] = {
		"load_weight (H2D)", "load_activation (H2D)",
		"load_cache (H2D)", "compute (GPU)", "store_cache (D2H)",
		"store_activation (D2H)",
	};

	return labels[p];
}

/* From the first start to the last end of `layer` in `step`. */
static void find_window(const struct timeline *t, const struct graph *g,
			size_t step, size_t layer, double *from_s,
			double *to_s)
{
	*from_s = INFINITY;
	*to_s = 0.0;
	for (size_t i = 0; i < t->n; i++) {
		const struct slice *s = &t->slices[i];

		if (s->step != step || g->tasks[s->task].layer != layer ||
		    g->tasks[s->task].op == OP_HEAD)
			continue;
		*from_s = fmin(*from_s, s->start_s);
		*to_s = fmax(*to_s, s->end_s);
	}
}

static void write_slice(const struct slice *s, const struct task *t,
			bool ours, double zero_s, FILE *out, struct table *n)
{
	enum process p = op_process(t->op);

	fprintf(out, "%d %.9g %.9g %d \"%s\"\n", PROCESS_COUNT - (int)p,
		1e3 * (s->start_s - zero_s), 1e3 * (s->end_s - zero_s),
		ours ? op_colour(t->op) : COLOUR_OTHER_LAYER,
		ours ? op_name(t->op) : "");
	table_text(n, process_name(p));
	table_text(n, op_name(t->op));
	table_number(n, (double)t->layer);
	table_number(n, s->start_s - zero_s);
	table_number(n, s->end_s - zero_s);
}

static void write_legend(const bool shown[OP_COUNT], bool others, FILE *out)
{
	fputs("$kinds << EOD\n", out);
	for (int i = 0; i < OP_COUNT; i++)
		if (shown[i] && op_process((enum op)i) == PROCESS_COMPUTE &&
		    i != OP_FFN)
			fprintf(out, "%d \"%s\"\n", op_colour((enum op)i),
				i == OP_OUTPUT ? "output, ffn"
					       : op_name((enum op)i));
	if (others)
		fprintf(out, "%d \"other layers\"\n", COLOUR_OTHER_LAYER);
	fputs("EOD\n$rows << EOD\n", out);
	for (int i = 0; i < PROCESS_COUNT; i++)
		fprintf(out, "%d \"%s\"\n", PROCESS_COUNT - i,
			row_label((enum process)i));
	fprintf(out, "EOD\nNROWS = %d\n", PROCESS_COUNT);
}

static void describe_gantt(const struct cli_case *c, const struct plan *plan,
			   const struct graph *g, const struct timeline *t,
			   size_t step, size_t layer, struct picture *p)
{
	static const struct table_column columns[] = {
		{ "process", "process", QUANTITY_NUMBER },
		{ "task", "task", QUANTITY_NUMBER },
		{ "layer", "layer", QUANTITY_NUMBER },
		{ "start_s", "start", QUANTITY_SECONDS },
		{ "end_s", "end", QUANTITY_SECONDS },
	};
	bool shown[OP_COUNT] = { false }, others = false;
	double from_s, to_s;
	char text[256];
	FILE *out = xmemstream(&p->commands, &p->size);

	p->script = "gantt";
	p->numbers = table_new(columns, 5);
	find_window(t, g, step, layer, &from_s, &to_s);
	snprintf(text, sizeof text, "Layer %zu of a decode step: %s, split "
		 "%zu of %zu tokens", layer, c->policy->name,
		 plan->split[step], workload_cached(&c->workload, step));
	gnuplot_assign(out, "TITLE", text);
	subtitle(c, step, text, sizeof text);
	gnuplot_assign(out, "SUBTITLE", text);
	fprintf(out, "T0 = 0\nT1 = %.9g\n$slices << EOD\n",
		1e3 * (to_s - from_s));
	for (size_t i = 0; i < t->n; i++) {
		const struct slice *s = &t->slices[i];
		const struct task *task = &g->tasks[s->task];
		bool ours = s->step == step && task->layer == layer &&
			    task->op != OP_HEAD;

		if (s->end_s <= from_s || s->start_s >= to_s)
			continue;
		shown[task->op] = shown[task->op] || ours;
		others = others || !ours;
		write_slice(s, task, ours, from_s, out, p->numbers);
	}
	fputs("EOD\n", out);
	write_legend(shown, others, out);
	xmemstream_close(out);
}

static enum status make_gantt(const struct cli_case *c,
			      const struct plan *plan, size_t step,
			      size_t layer, struct picture *p,
			      struct diag *d)
{
	struct graph *g = plan->policy->graph(&c->model, &c->workload, plan,
					      SPAN_STEP);
	struct timeline t = { 0 };
	double step_s;
	enum status s = run_step(c, g, plan, step, &t, &step_s, d);

	if (s == STATUS_OK && step_s <= 0.0)
		s = diag_fail(d, STATUS_INVALID,
			      "nothing to draw: the step takes no time");
	if (s == STATUS_OK)
		describe_gantt(c, plan, g, &t, step, layer, p);
	timeline_clear(&t);
	graph_free(g);
	return s;
}

static enum status write_numbers(const struct table *t, const char *path,
				 struct diag *d)
{
	struct file_writer w;
	enum status s = file_create(path, &w, d);

	if (s != STATUS_OK)
		return s;
	table_print(t, TABLE_CSV, w.stream);
	return file_commit(&w, d);
}

/* The index asked for, or the middle one. */
static enum status pick(const char *what, bool given, size_t asked, size_t n,
			size_t *out, struct diag *d)
{
	*out = given ? asked : n / 2;
	if (*out < n)
		return STATUS_OK;
	return diag_fail(d, STATUS_USAGE,
			 "--%s: found %zu, expected 0 to %zu", what, asked,
			 n - 1);
}

static enum status draw(const struct request *r, size_t which,
			const struct cli_case *c, const struct plan *plan,
			struct diag *d)
{
	struct picture p = { 0 };
	size_t step, layer;
	enum status s = pick("step", r->has_step, r->step, plan->steps,
			     &step, d);

	if (s == STATUS_OK)
		s = pick("layer", r->has_layer, r->layer, c->model.layers,
			 &layer, d);
	if (s != STATUS_OK)
		return s;
	s = which == 0 ? make_split(c, plan, step, &p, d)
		       : make_gantt(c, plan, step, layer, &p, d);
	if (s == STATUS_OK && r->data != NULL)
		s = write_numbers(p.numbers, r->data, d);
	if (s == STATUS_OK && r->output != NULL)
		s = gnuplot_draw(p.script, p.commands, r->output, r->format,
				 d);
	picture_clear(&p);
	return s;
}

static enum status plot(const struct request *r, const char *kind,
			const char *plan_path, struct diag *d)
{
	static const char *const kinds[] = { "split", "gantt" };
	struct outcome o = { .bound = ENGINE_H2D };
	struct cli_case c;
	size_t which;
	enum status s;

	if (kind == NULL)
		return diag_fail(d, STATUS_USAGE,
				 "plot: expected split or gantt");
	s = options_word(kind, kinds, 2, &which, d);
	if (s != STATUS_OK)
		return diag_prefix(d, s, "plot");
	if (r->output == NULL && r->data == NULL)
		return diag_fail(d, STATUS_USAGE,
				 "plot: -o FILE or --data FILE is missing");
	if (r->output != NULL && r->data != NULL &&
	    strcmp(r->output, r->data) == 0)
		return diag_fail(d, STATUS_USAGE,
				 "plot: -o and --data name the same file");
	if (r->output == NULL && r->format != NULL)
		return diag_fail(d, STATUS_USAGE,
				 "--format is for a picture: -o FILE is "
				 "missing");
	if (which == 0 && r->c.given[CASE_SPLIT])
		return diag_fail(d, STATUS_USAGE,
				 "--split cannot be used with 'plot split', "
				 "which varies it");
	if (which == 0 && r->has_layer)
		return diag_fail(d, STATUS_USAGE,
				 "--layer is for 'plot gantt' alone");
	s = case_load(&r->c, plan_path, &c, d);
	if (s != STATUS_OK)
		return s;
	s = evaluate(&c, c.policy, NULL, &o, d);
	if (s == STATUS_OK)
		s = draw(r, which, &c, &o.plan, d);
	outcome_clear(&o);
	case_clear(&c);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request r = { .has_step = false };
	struct option_result parsed;
	enum status s;

	s = options_parse(argc, argv, &set, handle, &r, &parsed, d);
	if (s == STATUS_OK && !parsed.done)
		s = plot(&r, parsed.noperands > 0 ? parsed.operands[0] : NULL,
			 parsed.noperands > 1 ? parsed.operands[1] : NULL, d);
	case_request_clear(&r.c);
	return s;
}

const struct command command_plot = {
	"plot", "draw step time against split, or a Gantt chart", run
};
