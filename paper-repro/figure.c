/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "paper-repro/measured.h"
#include "plots/gnuplot.h"

/* What numbers are divided by, and the unit that is left. */
struct scale {
	double by;
	const char *unit;
};

static struct scale find_scale(enum quantity q, double most)
{
	switch (q) {
	case QUANTITY_SECONDS:
		return most >= 1.0 ? (struct scale){ 1.0, "s" }
		     : most >= 1e-3 ? (struct scale){ 1e-3, "ms" }
				    : (struct scale){ 1e-6, "us" };
	case QUANTITY_BYTES:
		return (struct scale){ 1048576.0, "MiB" };
	case QUANTITY_PERCENT:
		return (struct scale){ 1.0, "%" };
	default:
		return (struct scale){ 1.0, "" };
	}
}

static void write_number(double value, FILE *out)
{
	if (isnan(value))
		fputs(" NaN", out);
	else
		fprintf(out, " %.9g", value);
}

static size_t count(const struct study *s, size_t axis)
{
	return axis == STUDY_ANY ? 1 : s->axes[axis].n;
}

/* Which column along the x axis `row` stands in, from 0. */
static size_t column_of(const struct study *s, const struct item_figure *f,
			size_t row)
{
	size_t n = 0;

	for (size_t i = 0; i < f->nx; i++)
		n = n * s->axes[f->x[i]].n +
		    reproduce_study_choice(s, row, f->x[i]);
	return n;
}

static size_t choice_of(const struct study *s, size_t row, size_t axis)
{
	return axis == STUDY_ANY ? 0 : reproduce_study_choice(s, row, axis);
}

bool reproduce_figure_empty(const struct item_figure *f,
			    const struct study_results *r)
{
	size_t rows = reproduce_study_rows(r->study);

	for (size_t i = 0; i < rows; i++)
		if (reproduce_study_at(r->study, &f->place, i) &&
		    !isnan(r->cells[i].value[f->metric]))
			return false;
	return true;
}

static void assign_panels(const struct study *s, size_t axis, FILE *out)
{
	size_t n = count(s, axis);
	char name[48];

	fprintf(out, "N_PANEL = %zu\narray PANEL[%zu]\n", n, n);
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof name, "PANEL[%zu]", i + 1);
		gnuplot_assign(out, name, axis == STUDY_ANY ? ""
			       : s->axes[axis].choices[i].title);
	}
}

/* Whether choice `i` of the series is the baseline against itself. */
static bool is_baseline(const struct item_figure *f,
			const struct study_results *r, size_t i)
{
	size_t rows = reproduce_study_rows(r->study);

	if (!r->study->metrics[f->metric]->relative)
		return false;
	for (size_t row = 0; row < rows; row++)
		if (choice_of(r->study, row, f->series) == i &&
		    r->cells[row].subject != r->cells[row].against)
			return false;
	return true;
}

/* Numbers, from 1, for the series that are drawn; 0 for the others. */
static size_t number_series(const struct item_figure *f,
			    const struct study_results *r, size_t *number)
{
	size_t n = 0;

	for (size_t i = 0; i < count(r->study, f->series); i++)
		number[i] = is_baseline(f, r, i) ? 0 : ++n;
	return n;
}

static void assign_series(const struct study *s, size_t axis,
			  const size_t *number, size_t n, FILE *out)
{
	char name[48];

	fprintf(out, "N_SERIES = %zu\narray SERIES[%zu]\n", n, n);
	for (size_t i = 0; i < count(s, axis); i++) {
		if (number[i] == 0)
			continue;
		snprintf(name, sizeof name, "SERIES[%zu]", number[i]);
		gnuplot_assign(out, name, axis == STUDY_ANY ? ""
			       : s->axes[axis].choices[i].title);
	}
}

/* The names along the x axis; '|' parts their lines. */
static void assign_columns(const struct study *s, const struct item_figure *f,
			   FILE *out)
{
	size_t rows = reproduce_study_rows(s), n = 1;
	char name[48];

	for (size_t i = 0; i < f->nx; i++)
		n *= s->axes[f->x[i]].n;
	fprintf(out, "N_X = %zu\narray X[%zu]\n", n, n);
	for (size_t row = 0, done = 0; row < rows && done < n; row++) {
		char *text;
		size_t size;
		FILE *label;

		if (!reproduce_study_at(s, &f->place, row) ||
		    column_of(s, f, row) != done)
			continue;
		label = xmemstream(&text, &size);
		for (size_t i = 0; i < f->nx; i++)
			fprintf(label, "%s%s", i ? "|" : "",
				s->axes[f->x[i]].choices[
					choice_of(s, row, f->x[i])].title);
		xmemstream_close(label);
		snprintf(name, sizeof name, "X[%zu]", ++done);
		gnuplot_assign(out, name, text);
		free(text);
		row = (size_t)-1;	/* from the first again */
	}
}

static void assign_axes(const struct study *s, const struct item_figure *f,
			const struct scale *scale, FILE *out)
{
	const struct metric *m = s->metrics[f->metric];
	char *text;
	size_t size;
	FILE *label = xmemstream(&text, &size);

	for (size_t i = 0; i < f->nx; i++)
		fprintf(label, "%s%s", i ? " / " : "",
			s->axes[f->x[i]].title);
	xmemstream_close(label);
	gnuplot_assign(out, "XLABEL", text);
	free(text);
	label = xmemstream(&text, &size);
	fputs(m->title, label);
	if (scale->unit[0] != '\0')
		fprintf(label, " [%s]", scale->unit);
	xmemstream_close(label);
	gnuplot_assign(out, "YLABEL", text);
	free(text);
}

/* What was measured of a row of the bundle's machine; 1 if it was. */
static size_t write_measured(const struct item_figure *f,
			     const struct study_results *r, size_t row,
			     double at, size_t series,
			     const struct scale *scale, FILE *out)
{
	struct measured m;

	if (!reproduce_run_on_bundle(r->study, row) ||
	    !reproduce_measured(reproduce_run_bundle(r->cases), &r->cells[row],
				    r->study->metrics[f->metric], &m))
		return 0;
	fprintf(out, "%zu %.9g %zu %.9g %.9g %.9g\n",
		choice_of(r->study, row, f->panel) + 1, at, series,
		m.value / scale->by, m.least / scale->by, m.most / scale->by);
	return 1;
}

/* Rows: panel, column, series from 1, and for lines x; value or NaN. */
static void write_rows(const struct item_figure *f,
		       const struct study_results *r, const size_t *number,
		       const struct scale *scale, FILE *out)
{
	const struct study *s = r->study;
	size_t rows = reproduce_study_rows(s);
	char *paper, *missing;
	size_t size, other_size, facts = 0;
	FILE *points = xmemstream(&paper, &size);
	FILE *none = xmemstream(&missing, &other_size);
	char *runs;
	size_t runs_size, nruns = 0;
	FILE *measured = xmemstream(&runs, &runs_size);

	fputs("$rows << EOD\n", out);
	for (size_t i = 0; i < rows; i++) {
		size_t x = column_of(s, f, i);
		double at = (double)x + 1.0;
		double v = r->cells[i].value[f->metric];
		size_t series = number[choice_of(s, i, f->series)];

		if (!reproduce_study_at(s, &f->place, i) || series == 0)
			continue;
		if (f->lines)
			at = strtod(s->axes[f->x[0]].choices[x].name, NULL);
		fprintf(out, "%zu %.9g %zu", choice_of(s, i, f->panel) + 1,
			at, series);
		write_number(v / scale->by, out);
		putc('\n', out);
		nruns += write_measured(f, r, i, at, series, scale, measured);
		if (r->cells[i].why != NULL)
			fprintf(none, "%zu %.9g %zu 0\n",
				choice_of(s, i, f->panel) + 1, at, series);
		for (size_t k = 0; k < s->nfacts; k++) {
			if (s->facts[k].metric != f->metric ||
			    !reproduce_study_at(s, &s->facts[k].place, i))
				continue;
			fprintf(points, "%zu %.9g %zu %.9g\n",
				choice_of(s, i, f->panel) + 1, at, series,
				s->facts[k].value / scale->by);
			facts++;
		}
	}
	xmemstream_close(points);
	xmemstream_close(none);
	xmemstream_close(measured);
	fprintf(out, "EOD\nN_MEASURED = %zu\n$measured << EOD\n%s", nruns,
		nruns ? runs : "0 0 0 NaN NaN NaN\n");
	free(runs);
	fprintf(out, "EOD\nN_PAPER = %zu\n$paper << EOD\n%sEOD\n"
		"$none << EOD\n%sEOD\n", facts, facts ? paper : "0 0 0 NaN\n",
		missing[0] ? missing : "0 0 0 NaN\n");
	free(paper);
	free(missing);
}

/* Whether the part states the figure's metric, of subject or baseline. */
static bool states(const struct study *of, const struct item_part *p,
		   const char *key)
{
	static const char baseline[] = "baseline_";
	const char *stated = of->metrics[p->metric[0]]->key;

	if (strncmp(stated, baseline, strlen(baseline)) == 0)
		stated += strlen(baseline);
	return strcmp(stated, key) == 0;
}

/* Whether the part's place is in panel `i`: it does not say, or says so. */
static bool in_panel(const struct study *of, const struct item_part *p,
		     const struct study *s, size_t panel, size_t i)
{
	size_t axis, at;

	if (panel == STUDY_ANY)
		return true;
	axis = reproduce_study_axis(of, s->axes[panel].name);
	at = axis == STUDY_ANY ? STUDY_ANY : p->place.at[axis];
	return at == STUDY_ANY || strcmp(of->axes[axis].choices[at].name,
					 s->axes[panel].choices[i].name) == 0;
}

/* Numbers of a headline whose case the paper does not say: a line across. */
static void write_claims(const struct item *item,
			 const struct item_figure *f,
			 const struct scale *scale, FILE *out)
{
	const struct study *s = &item->studies[f->study];
	const struct item_headline *h = f->headline == STUDY_ANY ? NULL
		: &item->headlines[f->headline];
	size_t n = 0;

	fputs("$claims << EOD\n", out);
	for (size_t p = 0; h != NULL && p < h->nparts; p++)
		for (size_t i = 0; i < count(s, f->panel); i++) {
			const struct study *of = &item->studies[h->study];
			const struct item_part *part = &h->parts[p];

			if (!states(of, part, s->metrics[f->metric]->key) ||
			    !in_panel(of, part, s, f->panel, i))
				continue;
			fprintf(out, "%zu %.9g\n", i + 1,
				part->paper.value / scale->by);
			n++;
		}
	fprintf(out, "%sEOD\nN_CLAIM = %zu\n", n ? "" : "0 NaN\n", n);
}

static double largest(const struct item_figure *f,
		      const struct study_results *r)
{
	size_t rows = reproduce_study_rows(r->study);
	double most = 0.0;

	for (size_t i = 0; i < rows; i++)
		if (reproduce_study_at(r->study, &f->place, i))
			most = fmax(most,
				    fabs(r->cells[i].value[f->metric]));
	return most;
}

enum status reproduce_figure_draw(const struct item *item,
				  const struct item_figure *f,
				  const struct study_results *r,
				  const char *path, struct diag *d)
{
	const struct study *s = r->study;
	struct scale scale = find_scale(s->metrics[f->metric]->quantity,
					largest(f, r));
	size_t *number = xcalloc(count(s, f->series), sizeof *number), n;
	char *commands;
	size_t size;
	FILE *out = xmemstream(&commands, &size);
	enum status status;

	fputs("TITLE = ''\nSUBTITLE = ''\n", out);
	n = number_series(f, r, number);
	assign_panels(s, f->panel, out);
	assign_series(s, f->series, number, n, out);
	assign_columns(s, f, out);
	assign_axes(s, f, &scale, out);
	write_rows(f, r, number, &scale, out);
	write_claims(item, f, &scale, out);
	/* heights over the width: see plots/bars.gp */
	fprintf(out, "KEYS = (N_SERIES > 1) * N_SERIES + "
		"(N_PAPER + N_CLAIM > 0) + (N_MEASURED > 0)\n"
		"RATIO = 0.05 * ((KEYS + 1) / 2) + "
		"0.40 * N_PANEL + %g\n", 0.06 + 0.045 * (double)f->nx);
	xmemstream_close(out);
	status = gnuplot_draw(f->lines ? "series" : "bars", commands, path,
			      NULL, d);
	free(commands);
	free(number);
	return status;
}

enum status reproduce_figure_band(const struct band *b, const char *path,
				  struct diag *d)
{
	const struct item_headline *h = b->headline;
	const struct metric *m = b->study->metrics[h->parts[0].metric[0]];
	struct scale scale = { 1.0, "" };
	double most = 0.0;
	char *commands, name[48];
	size_t size;
	FILE *out;
	enum status s;

	for (size_t p = 0; p < h->nparts; p++)
		most = fmax(most, h->parts[p].paper.value);
	scale = find_scale(m->quantity, most);
	out = xmemstream(&commands, &size);
	fprintf(out, "TITLE = ''\nSUBTITLE = ''\nN_PART = %zu\n"
		"array PART[%zu]\n", h->nparts, h->nparts);
	gnuplot_assign(out, "UNIT", scale.unit);
	for (size_t p = 0; p < h->nparts; p++) {
		snprintf(name, sizeof name, "PART[%zu]", p + 1);
		gnuplot_assign(out, name, h->parts[p].title);
	}
	fputs("$points << EOD\n", out);
	for (size_t p = 0; p < h->nparts; p++) {
		const struct band_part *part = &b->parts[p];
		double near = b->nearest_stated == STUDY_ANY ? (double)NAN
			: part->value[b->nearest_stated];
		const double row[] = { h->parts[p].paper.value, near,
				       part->stated.least, part->stated.most,
				       part->all.least, part->all.most };

		fprintf(out, "%zu", p + 1);
		for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
			write_number(row[i] / scale.by, out);
		putc('\n', out);
	}
	fputs("EOD\nRATIO = 0.175 + 0.105 * N_PART\n", out);
	xmemstream_close(out);
	s = gnuplot_draw("band", commands, path, NULL, d);
	free(commands);
	return s;
}
