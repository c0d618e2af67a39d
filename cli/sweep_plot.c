/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sweep_plot.h"

#include <string.h>

#include "base/file.h"
#include "cli/plot_file.h"
#include "plots/gnuplot.h"

/* The first names of the axes that vary, policies apart: how many. */
static size_t find_axes(const struct sweep *s, const char *names[2])
{
	size_t n = 0;

	for (size_t i = 0; i < s->space.naxes; i++) {
		const struct sweep_axis *a = &s->space.axes[i];
		bool sampled = s->space.sample != SWEEP_GRID && a->ranges;

		if (a->names[0].kind == SWEEP_POLICY ||
		    (a->n == 1 && !sampled))
			continue;
		if (n < 2)
			names[n] = a->names[0].text;
		n++;
	}
	return n;
}

static const struct plot *choose(const struct sweep *s, size_t axes)
{
	return axes == 1 ? &plot_line
		: s->npolicies > 1 || s->policies[0] == NULL ? &plot_map
							     : &plot_heat;
}

static bool has_column(const struct sweep *s, const char *name)
{
	for (size_t i = 0; i < s->columns.n; i++)
		if (strcmp(s->columns.list[i].name, name) == 0)
			return true;
	return false;
}

/* Whether the rows will have what the picture is made of. */
static enum status check_columns(const struct sweep *s,
				 const struct plot *plot, struct diag *d)
{
	const char *need = plot == &plot_line ? "gain_pct"
		: plot == &plot_heat ? "split_fraction"
		: s->npolicies > 1 ? "step_s" : "policy";

	if (has_column(s, need) ||
	    (strcmp(need, "policy") == 0 && has_column(s, "bound")))
		return STATUS_OK;
	return diag_fail(d, STATUS_USAGE, "--plot needs column %s, which is "
			 "not among --columns; 'kvplan plot' draws others",
			 need);
}

enum status sweep_plot_check(const struct sweep *s, const char *path,
			     struct diag *d)
{
	const char *names[2], *format = NULL;
	size_t n = find_axes(s, names);
	enum status st;

	if (n < 1 || n > 2)
		return diag_fail(d, STATUS_USAGE, "--plot: found %zu inputs "
				 "that vary beside the policy, expected one "
				 "or two; 'kvplan plot --where' draws a slice",
				 n);
	st = check_columns(s, choose(s, n), d);
	return st == STATUS_OK ? gnuplot_format(path, &format, d) : st;
}

enum status sweep_plot_draw(const struct sweep *s, const char *rows,
			    const char *path, struct diag *d)
{
	const char *names[2] = { NULL, NULL };
	size_t n = find_axes(s, names);
	const struct plot_file_options o = { .x = names[0], .y = names[1],
					     .path = rows };
	const struct plot *plot = choose(s, n);
	FILE *in;
	enum status st = file_open(rows, &in, d);

	if (st != STATUS_OK)
		return st;
	st = plot_file(plot, in, rows, &o, path, NULL, d);
	file_close(in);
	return st;
}
