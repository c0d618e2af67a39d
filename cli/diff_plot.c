/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/diff_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "cli/gantt.h"
#include "plots/gnuplot.h"

enum { SIDES = 2 };

/* From the first start to the last end of the layer. */
struct window {
	double from_s, to_s;
};

static bool is_drawn(const struct trace_event *e)
{
	return e->gpu == 0 && e->op != OP_COUNT;
}

static bool in_layer(const struct trace_event *e, size_t step, size_t layer)
{
	return e->step == step && e->layer == layer && e->op != OP_HEAD;
}

static enum status find_window(const struct trace *t, char name, size_t step,
			       size_t layer, struct window *out,
			       struct diag *d)
{
	struct window w = { INFINITY, -INFINITY };

	for (size_t i = 0; i < t->n; i++) {
		const struct trace_event *e = &t->events[i];

		if (!is_drawn(e) || !in_layer(e, step, layer))
			continue;
		w.from_s = fmin(w.from_s, e->start_s);
		w.to_s = fmax(w.to_s, e->end_s);
	}
	if (!(w.from_s < w.to_s))
		return diag_fail(d, STATUS_INVALID, "%c has no task of layer "
				 "%zu in step %zu to draw", name, layer, step);
	*out = w;
	return STATUS_OK;
}

/* Rows from below, A above B for each process; 0: it has no task. */
static int find_rows(const struct trace traces[SIDES],
		     int rows[PROCESS_COUNT][SIDES])
{
	int n = 0;

	for (int k = 0; k < SIDES; k++)
		for (size_t i = 0; i < traces[k].n; i++)
			if (is_drawn(&traces[k].events[i]))
				rows[op_process(traces[k].events[i].op)][k] =
					1;
	for (int p = PROCESS_COUNT - 1; p >= 0; p--)
		for (int k = SIDES - 1; k >= 0; k--)
			if (rows[p][k] != 0)
				rows[p][k] = ++n;
	return n;
}

static void write_events(const struct trace *t, const struct window *w,
			 size_t step, size_t layer, int side,
			 int rows[PROCESS_COUNT][SIDES],
			 bool shown[OP_COUNT + 1], FILE *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct trace_event *e = &t->events[i];
		bool ours = in_layer(e, step, layer);

		if (!is_drawn(e) || e->end_s <= w->from_s ||
		    e->start_s >= w->to_s)
			continue;
		shown[ours ? e->op : OP_COUNT] = true;
		fprintf(out, "%d %.9g %.9g %u \"%s\"\n",
			rows[op_process(e->op)][side],
			1e3 * (e->start_s - w->from_s),
			1e3 * (e->end_s - w->from_s),
			ours ? gantt_colour(e->op) : GANTT_OTHERS,
			ours ? op_name(e->op) : "");
	}
}

static void write_legend(int rows[PROCESS_COUNT][SIDES], int nrows,
			 const bool shown[OP_COUNT + 1], FILE *out)
{
	gantt_write_key(shown, shown[OP_COUNT], out);
	fputs("$rows << EOD\n", out);
	for (int p = 0; p < PROCESS_COUNT; p++)
		for (int k = 0; k < SIDES; k++)
			if (rows[p][k] != 0)
				fprintf(out, "%d \"%c: %s\"\n", rows[p][k],
					"AB"[k], gantt_row((enum process)p));
	fputs("EOD\n", out);
	gantt_write_rows(nrows, out);
}

static enum status find_windows(const struct trace traces[SIDES], size_t step,
				size_t layer, struct window out[SIDES],
				struct diag *d)
{
	enum status s = STATUS_OK;

	for (int k = 0; k < SIDES && s == STATUS_OK; k++)
		s = find_window(&traces[k], "AB"[k], step, layer, &out[k], d);
	return s;
}

enum status diff_plot_check(const struct trace traces[SIDES], size_t step,
			    size_t layer, struct diag *d)
{
	struct window w[SIDES];

	return find_windows(traces, step, layer, w, d);
}

enum status diff_plot(const struct trace traces[SIDES],
		      const char *const titles[SIDES], size_t step,
		      size_t layer, const char *path, struct diag *d)
{
	int rows[PROCESS_COUNT][SIDES] = { { 0 } };
	int nrows = find_rows(traces, rows);
	bool shown[OP_COUNT + 1] = { false };	/* and other layers' */
	struct window w[SIDES];
	double longest_s = 0.0;
	char text[256], *commands;
	enum status s = find_windows(traces, step, layer, w, d);
	size_t size;
	FILE *out;

	if (s != STATUS_OK)
		return s;
	for (int k = 0; k < SIDES; k++)
		longest_s = fmax(longest_s, w[k].to_s - w[k].from_s);
	out = xmemstream(&commands, &size);
	snprintf(text, sizeof text, "Layer %zu of decode step %zu in two "
		 "timelines", layer, step);
	gnuplot_assign(out, "TITLE", text);
	snprintf(text, sizeof text, "A: %.100s; B: %.100s", titles[0],
		 titles[1]);
	gnuplot_assign(out, "SUBTITLE", text);
	fprintf(out, "T0 = 0\nT1 = %.9g\n$slices << EOD\n",
		1e3 * longest_s);
	for (int k = 0; k < SIDES; k++)
		write_events(&traces[k], &w[k], step, layer, k, rows, shown,
			     out);
	fputs("EOD\n", out);
	write_legend(rows, nrows, shown, out);
	xmemstream_close(out);
	s = gnuplot_draw("gantt", commands, path, NULL, d);
	free(commands);
	return s;
}
