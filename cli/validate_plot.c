/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/validate_plot.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "plots/gnuplot.h"
#include "plots/palette.h"

static void write_heading(const struct validation *v, const char *title,
			  FILE *out)
{
	char text[256];

	gnuplot_assign(out, "TITLE", title);
	snprintf(text, sizeof text, "%s: %zu runs, mean error %.2f %%, worst "
		 "%+.1f %%", v->bundle->hardware.title, v->bundle->n,
		 v->all.mean_pct, v->all.worst_pct);
	gnuplot_assign(out, "SUBTITLE", text);
}

/* Error [%] against one repeat rather than their median. */
static double against_pct(const struct bundle_run *r, double repeat_s)
{
	return 100.0 * (r->predicted_s / repeat_s - 1.0);
}

/* Blocks by policy, a row of the key for each. */
enum status validate_plot_runs(const struct validation *v, const char *path,
			       struct diag *d)
{
	const struct policy *seen[32];
	enum { MOST = sizeof seen / sizeof seen[0] };
	struct palette_style styles[MOST];
	char *commands, *rows;
	size_t size, rows_size, n = 0;
	FILE *out = xmemstream(&commands, &size);
	FILE *data = xmemstream(&rows, &rows_size);
	enum status s;

	write_heading(v, "Decode steps: predicted against measured", out);
	for (size_t i = 0; i < v->bundle->n && n < MOST; i++) {
		const struct policy *p = v->bundle->runs[i].plan.policy;
		size_t k = 0;

		while (k < n && seen[k] != p)
			k++;
		if (k == n)
			seen[n++] = p;
	}
	fputs("$key << EOD\n", out);
	for (size_t k = 0; k < n; k++) {
		styles[k] = palette_style("policy", seen[k]->name, k);
		palette_write_key("dot", styles[k], seen[k]->name, out);
		for (size_t i = 0; i < v->bundle->n; i++) {
			const struct bundle_run *r = &v->bundle->runs[i];

			if (r->plan.policy == seen[k])
				fprintf(data, "%.9g %.9g %.9g %.9g\n",
					1e3 * r->measured_s,
					bundle_error_pct(r),
					against_pct(r, r->max_s),
					against_pct(r, r->min_s));
		}
		fputs("\n\n", data);
	}
	xmemstream_close(data);
	fprintf(out, "EOD\nN = %zu\n$runs << EOD\n%sEOD\n", n, rows);
	palette_write(styles, n, out);
	free(rows);
	xmemstream_close(out);
	s = gnuplot_draw("validation", commands, path, NULL, d);
	free(commands);
	return s;
}

/* Splits rise within a block. */
static void write_sweep(const struct validation *v,
			const struct validate_case *c, FILE *out)
{
	size_t done = 0, from = 0;

	while (done < c->n) {
		size_t least = SIZE_MAX;

		for (size_t i = c->first; i < c->first + c->n; i++) {
			size_t l = bundle_split(&v->bundle->runs[i]);

			if (l >= from && l < least)
				least = l;
		}
		for (size_t i = c->first; i < c->first + c->n; i++) {
			const struct bundle_run *r = &v->bundle->runs[i];

			if (bundle_split(r) != least)
				continue;
			fprintf(out, "%zu %.9g %.9g %.9g %.9g\n", least,
				1e3 * r->measured_s, 1e3 * r->min_s,
				1e3 * r->max_s, 1e3 * r->predicted_s);
			done++;
		}
		from = least + 1;
	}
	fputs("\n\n", out);
}

enum status validate_plot_sweeps(const struct validation *v,
				 const char *path, struct diag *d)
{
	char *commands, *rows, name[160], policy[80];
	size_t size, rows_size, n = 0;
	FILE *out = xmemstream(&commands, &size);
	FILE *data = xmemstream(&rows, &rows_size);
	enum status s = STATUS_OK;
	struct palette_style *styles = xcalloc(1000, sizeof *styles);
	const struct palette_style line = { .rgb = PALETTE_DARK, .dash = 1 };

	write_heading(v, "Step time against the split", out);
	fputs("array HEADS[1000]\n", out);
	for (size_t i = 0; i < v->ncases && n < 1000; i++) {
		const struct validate_case *c = &v->cases[i];
		const struct bundle_run *r = &v->bundle->runs[c->first];
		char head[32];

		if (!c->has_regret)
			continue;
		bundle_workload(r, name, sizeof name);
		bundle_policy(r, policy, sizeof policy);
		snprintf(head, sizeof head, "HEADS[%zu]", ++n);
		snprintf(name + strlen(name), sizeof name - strlen(name),
			 "|%.60s", policy);
		gnuplot_assign(out, head, name);
		styles[n - 1] = palette_style("policy", r->plan.policy->name,
					      n - 1);
		write_sweep(v, c, data);
	}
	xmemstream_close(data);
	fprintf(out, "N = %zu\nSWEEP_H = 0.22\nWIDE = 1\nBODY = 'LINE * 1.3 "
		"+ SWEEP_H * ceil(N / 4.0)'\n$sweeps << EOD\n%sEOD\n"
		"$key << EOD\n", n, rows);
	palette_write_key("measured", line, "measured", out);
	palette_write_key("plain", line, "predicted, in the policy's colour",
			  out);
	fputs("EOD\n", out);
	palette_write(styles, n, out);
	free(styles);
	free(rows);
	xmemstream_close(out);
	if (n == 0)
		s = diag_fail(d, STATUS_USAGE, "--plot-sweeps: no plan was "
			      "measured with several splits");
	if (s == STATUS_OK)
		s = gnuplot_draw("sweeps", commands, path, NULL, d);
	free(commands);
	return s;
}
