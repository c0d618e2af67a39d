/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sweep_plot.h"

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

enum status sweep_plot_check(const struct sweep *s, const char *path,
			     struct diag *d)
{
	const char *names[2], *format = NULL;
	size_t n = find_axes(s, names);

	if (n < 1 || n > 2)
		return diag_fail(d, STATUS_USAGE, "--plot: found %zu inputs "
				 "that vary beside the policy, expected one "
				 "or two; 'kvplan plot --where' draws a slice",
				 n);
	return gnuplot_format(path, &format, d);
}

enum status sweep_plot_draw(const struct sweep *s, const char *rows,
			    const char *path, struct diag *d)
{
	const char *names[2] = { NULL, NULL };
	size_t n = find_axes(s, names);
	const struct plot_file_options o = { .x = names[0], .y = names[1],
					     .path = rows };
	const struct plot *plot = n == 1 ? &plot_line
		: s->npolicies > 1 || s->policies[0] == NULL ? &plot_map
							     : &plot_heat;
	FILE *in;
	enum status st = file_open(rows, &in, d);

	if (st != STATUS_OK)
		return st;
	st = plot_file(plot, in, rows, &o, path, NULL, d);
	file_close(in);
	return st;
}
