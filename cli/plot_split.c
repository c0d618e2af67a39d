/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "cli/plot.h"
#include "lp/paper_split.h"
#include "plots/gnuplot.h"
#include "plots/palette.h"
#include "schedule/bound.h"

/* Time and floor of `step` under `plan` with split `l` all along. */
static enum status try_split(const struct decode_case *c,
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
	g = policy_graph(&fixed, &c->model, &c->workload, &c->hardware,
			 SPAN_STEP);
	s = plot_run_step(c, g, &fixed, step, NULL, step_s, d);
	*floor_s = bound_step(g, &c->hardware,
			      (double)workload_cached(&c->workload, step),
			      (double)fixed.split[step]);
	graph_free(g);
	plan_clear(&fixed);
	return s;
}

static enum status load_all_time(const struct decode_case *c,
				 const struct plan *like, size_t step,
				 double *step_s, struct diag *d)
{
	struct planner_options options;
	const struct policy *policy;
	struct plan plan;
	double floor_s;
	enum status s = policy_find("load-all", &policy, d);

	if (s != STATUS_OK)
		return s;
	options = planner_like(like, policy);
	s = planner_plan(&c->model, &c->workload, &c->hardware, policy,
			 &options, &plan, d);
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
struct split_curve {
	size_t limit, best, paper;
	double *step_s, *floor_s;
	double load_all_s;		/* 0: it does not fit */
};

static enum status trace_curve(const struct decode_case *c,
			       const struct plan *plan, size_t step,
			       struct split_curve *curve, struct diag *d)
{
	size_t limit = plan_split_limit(plan, &c->workload, step);
	enum paper_form form =
		c->planner.program == PROGRAM_COLUMN ? PAPER_COLUMN :
		c->planner.program == PROGRAM_ROW ? PAPER_ROW :
						    paper_split_form(plan);
	const struct paper_split program = paper_split_at(
		&c->model, &c->workload, &c->hardware, plan, form, step);
	enum status s = load_all_time(c, plan, step, &curve->load_all_s, d);

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

static void write_point(const char *sample, struct palette_style style,
			const char *what, const struct split_curve *curve,
			size_t split, FILE *out)
{
	char text[128], time[QUANTITY_SIZE];

	quantity_format(curve->step_s[split], QUANTITY_SECONDS, time);
	snprintf(text, sizeof text, "%s l = %zu, %s", what, split, time);
	palette_write_key(sample, style, text, out);
}

static void write_looks(const struct policy *p,
			const struct split_curve *curve, FILE *out)
{
	const struct palette_style styles[] = {
		palette_style("policy", p->name, 0),
		{ .rgb = PALETTE_DARK, .dash = 2 },
		palette_style("policy", "load-all", 0),
	};
	char text[128], time[QUANTITY_SIZE];

	palette_write(styles, 3, out);
	fputs("$key << EOD\n", out);
	palette_write_key("plain", styles[0], "simulated", out);
	write_point("dot", styles[0], "best", curve, curve->best, out);
	palette_write_key("plain", styles[1], "lower bound: busiest engine",
			  out);
	write_point("paper", styles[0], "paper's", curve, curve->paper, out);
	quantity_format(curve->load_all_s, QUANTITY_SECONDS, time);
	snprintf(text, sizeof text, "load-all, %s", time);
	if (curve->load_all_s > 0.0)
		palette_write_key("plain", styles[2], text, out);
	fputs("EOD\n", out);
}

static void describe_curve(const struct decode_case *c, size_t step,
			   const struct split_curve *curve,
			   struct plot_picture *p)
{
	static const struct table_column columns[] = {
		{ "split", "split", QUANTITY_NUMBER },
		{ "step_s", "step", QUANTITY_SECONDS },
		{ "lower_bound_s", "lower bound", QUANTITY_SECONDS },
	};
	char text[256];
	FILE *out = xmemstream(&p->commands, &p->size);

	p->numbers = table_new(columns, 3);
	snprintf(text, sizeof text, "Decode step time against the split: %s",
		 c->policy->name);
	gnuplot_assign(out, "TITLE", text);
	plot_subtitle(c, step, text, sizeof text);
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
	write_looks(c->policy, curve, out);
	xmemstream_close(out);
}

static enum status make(const struct plot_subject *s, struct plot_picture *p,
			struct diag *d)
{
	struct split_curve curve = { 0 };
	enum status st;

	if (s->plan->policy->split != SPLIT_OPEN)
		return diag_fail(d, STATUS_USAGE,
				 "policy %s has no split to vary",
				 s->plan->policy->name);
	st = trace_curve(s->c, s->plan, s->step, &curve, d);
	if (st == STATUS_OK)
		describe_curve(s->c, s->step, &curve, p);
	free(curve.step_s);
	free(curve.floor_s);
	return st;
}

const struct plot plot_split = {
	.name = "split", .script = "split", .varies_split = true, .make = make,
};
