/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "base/xalloc.h"
#include "cli/gantt.h"
#include "cli/plot.h"
#include "plots/gnuplot.h"

/*
 * From the first start to the last end of `layer` in `step`; it may have been
 * issued long before.
 */
static void find_window(const struct timeline *t, const struct graph *g,
			size_t step, size_t layer, double *from_s,
			double *to_s)
{
	*from_s = INFINITY;
	*to_s = 0.0;
	for (size_t i = 0; i < t->n; i++) {
		const struct slice *s = &t->slices[i];

		if (s->step != step || g->tasks[s->task].layer != layer ||
		    g->tasks[s->task].op == OP_HEAD ||
		    g->tasks[s->task].op == OP_ISSUE)
			continue;
		*from_s = fmin(*from_s, s->start_s);
		*to_s = fmax(*to_s, s->end_s);
	}
}

/* The row of each process from below, 1 for the last; 0: it has no task. */
struct rows {
	int of[PROCESS_COUNT];
	int n;
};

static struct rows find_rows(const struct graph *g)
{
	struct rows r = { .n = 0 };

	for (size_t i = 0; i < g->ntasks; i++)
		r.of[op_process(g->tasks[i].op)] = 1;
	for (int p = PROCESS_COUNT - 1; p >= 0; p--)
		if (r.of[p] != 0)
			r.of[p] = ++r.n;
	return r;
}

static void write_slice(const struct slice *s, const struct task *t,
			const struct rows *rows, bool ours, double zero_s,
			FILE *out, struct table *n)
{
	enum process p = op_process(t->op);

	fprintf(out, "%d %.9g %.9g %u \"%s\"\n", rows->of[p],
		1e3 * (s->start_s - zero_s), 1e3 * (s->end_s - zero_s),
		ours ? gantt_colour(t->op) : GANTT_OTHERS,
		ours ? op_name(t->op) : "");
	table_text(n, process_name(p));
	table_text(n, op_name(t->op));
	table_number(n, (double)t->layer);
	table_number(n, (double)t->batch);
	table_number(n, s->start_s - zero_s);
	table_number(n, s->end_s - zero_s);
}

static void write_legend(const bool shown[OP_COUNT], bool others,
			 const struct rows *rows, FILE *out)
{
	gantt_write_key(shown, others, out);
	fputs("$rows << EOD\n", out);
	for (int i = 0; i < PROCESS_COUNT; i++)
		if (rows->of[i] != 0)
			fprintf(out, "%d \"%s\"\n", rows->of[i],
				gantt_row((enum process)i));
	fputs("EOD\n", out);
	gantt_write_rows(rows->n, out);
}

static void describe_gantt(const struct decode_case *c, const struct plan *plan,
			   const struct graph *g, const struct timeline *t,
			   size_t step, size_t layer, struct plot_picture *p)
{
	static const struct table_column columns[] = {
		{ "process", "process", QUANTITY_NUMBER },
		{ "task", "task", QUANTITY_NUMBER },
		{ "layer", "layer", QUANTITY_NUMBER },
		{ "batch", "batch", QUANTITY_NUMBER },
		{ "start_s", "start", QUANTITY_SECONDS },
		{ "end_s", "end", QUANTITY_SECONDS },
	};
	const struct rows rows = find_rows(g);
	bool shown[OP_COUNT] = { false }, others = false;
	double from_s, to_s;
	char text[256];
	FILE *out = xmemstream(&p->commands, &p->size);

	p->numbers = table_new(columns, 6);
	find_window(t, g, step, layer, &from_s, &to_s);
	snprintf(text, sizeof text, "Layer %zu of a decode step: %s, split "
		 "%zu of %zu tokens", layer, c->policy->name,
		 plan->split[step], workload_cached(&c->workload, step));
	gnuplot_assign(out, "TITLE", text);
	plot_subtitle(c, step, text, sizeof text);
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
		write_slice(s, task, &rows, ours, from_s, out, p->numbers);
	}
	fputs("EOD\n", out);
	write_legend(shown, others, &rows, out);
	xmemstream_close(out);
}

static enum status make(const struct plot_subject *s, struct plot_picture *p,
			struct diag *d)
{
	const struct decode_case *c = s->c;
	struct graph *g = policy_graph(s->plan, &c->model, &c->workload,
				       &c->hardware, SPAN_STEP);
	struct timeline t = { 0 };
	double step_s;
	enum status st = plot_run_step(c, g, s->plan, s->step, &t, &step_s,
				       d);

	if (st == STATUS_OK && step_s <= 0.0)
		st = diag_fail(d, STATUS_INVALID,
			       "nothing to draw: the step takes no time");
	if (st == STATUS_OK)
		describe_gantt(c, s->plan, g, &t, s->step, s->layer, p);
	timeline_clear(&t);
	graph_free(g);
	return st;
}

const struct plot plot_gantt = {
	.name = "gantt", .script = "gantt", .of_layer = true, .make = make,
};
