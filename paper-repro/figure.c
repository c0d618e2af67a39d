/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "paper-repro/figure_points.h"
#include "plots/gnuplot.h"
#include "plots/label.h"
#include "plots/palette.h"

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
	size_t n = reproduce_figure_points_count(s, axis);
	char name[48];

	fprintf(out, "N_PANEL = %zu\narray PANEL[%zu]\n", n, n);
	for (size_t i = 0; i < n; i++) {
		char title[160] = "";

		/* an axis has a title where its choices do not say it */
		if (axis != STUDY_ANY) {
			const struct study_axis *a = &s->axes[axis];
			bool own = strcmp(a->title, a->name) != 0;

			snprintf(title, sizeof title, "%s%s%s",
				 own ? a->title : "", own ? ": " : "",
				 a->choices[i].title);
		}
		snprintf(name, sizeof name, "PANEL[%zu]", i + 1);
		gnuplot_assign(out, name, title);
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
		if (reproduce_figure_points_choice(r->study, row,
						   f->series) == i &&
		    r->cells[row].subject != r->cells[row].against)
			return false;
	return true;
}

/* Numbers, from 1, for the series that are drawn; 0 for the others. */
static size_t number_series(const struct item_figure *f,
			    const struct study_results *r, size_t *number)
{
	size_t choices = reproduce_figure_points_count(r->study, f->series);
	size_t n = 0;

	for (size_t i = 0; i < choices; i++)
		number[i] = is_baseline(f, r, i) ? 0 : ++n;
	return n;
}

/* The look of each series that is drawn, and rows of the key. */
static void assign_series(const struct study *s, size_t axis,
			  const struct figure_marks *marks, bool lines,
			  const size_t *number, size_t n, FILE *out)
{
	struct palette_style *styles = xcalloc(n + 1, sizeof *styles);
	const struct palette_style none = { .rgb = 0 };

	fputs("$key << EOD\n", out);
	for (size_t i = 0; i < reproduce_figure_points_count(s, axis); i++) {
		const struct study_choice *c = axis == STUDY_ANY ? NULL
			: &s->axes[axis].choices[i];

		if (number[i] == 0)
			continue;
		styles[number[i] - 1] = c == NULL ? palette_style("", "", 0)
			: palette_style(s->axes[axis].name, c->name, i);
		if (n > 1)
			palette_write_key(lines ? "line" : "box",
					  styles[number[i] - 1], c->title, out);
	}
	if (marks->paper > 0)
		palette_write_key("paper", none, "stated by the paper", out);
	if (marks->claims > 0)
		palette_write_key("claim", none,
				  "stated by the paper, case not known", out);
	if (marks->measured > 0)
		palette_write_key("measured", none, "measured", out);
	if (marks->none > 0)
		palette_write_key("none", none, "no value", out);
	fprintf(out, "EOD\nN_SERIES = %zu\n", n);
	palette_write(styles, n, out);
	free(styles);
}

/* The choice of the x axis `level` from above, in column `column` from 0. */
static size_t choice_in(const struct study *s, const struct item_figure *f,
			size_t level, size_t column)
{
	for (size_t i = f->nx; i-- > f->nx - level;)
		column /= s->axes[f->x[i]].n;
	return column % s->axes[f->x[f->nx - level - 1]].n;
}

/* A title's lines, separated by '|' after each comma; returns how many. */
static size_t part_title(const char *title, char *text, size_t size)
{
	size_t n = 1;
	char *at;

	snprintf(text, size, "%s", title);
	for (at = text; (at = strstr(at, ", ")) != NULL; n++) {
		at[1] = '|';
		memmove(at, at + 1, strlen(at));
	}
	return n;
}

/*
 * The names along the x axis: the innermost axis on top, and of the others one
 * name for all columns that it stands for.
 */
static void assign_columns(const struct study *s, const struct item_figure *f,
			   FILE *out)
{
	size_t n = 1, most[ITEM_MOST_X] = { 0 };

	for (size_t i = 0; i < f->nx; i++)
		n *= s->axes[f->x[i]].n;
	fprintf(out, "N_X = %zu\nN_LEVELS = %zu\n$names << EOD\n", n, f->nx);
	for (size_t level = 0, width = 1; level < f->nx; level++) {
		const struct study_axis *a =
			&s->axes[f->x[f->nx - level - 1]];

		for (size_t from = 0; from < n; from += width) {
			char text[160];
			size_t lines = part_title(
				a->choices[choice_in(s, f, level, from)].title,
				text, sizeof text);

			most[level] = lines > most[level] ? lines
							  : most[level];
			fprintf(out, "%zu %zu %zu ", level + 1, from + 1,
				from + width);
			gnuplot_write_word(text, out);
			putc('\n', out);
		}
		width *= a->n;
	}
	fprintf(out, "EOD\narray NAME_LINES[%zu]\n", f->nx);
	for (size_t i = 0; i < f->nx; i++)
		fprintf(out, "NAME_LINES[%zu] = %zu\n", i + 1, most[i]);
}

/* "generated / prompt [tokens]": the names from above, a unit once; without
 * those that say themselves what they are. */
static void write_x_title(const struct study *s, const struct item_figure *f,
			  FILE *out)
{
	const char *comma = "";

	for (size_t i = f->nx; i-- > 0;) {
		const struct study_axis *a = &s->axes[f->x[i]];
		const char *words = label_words(a->name), *next = NULL;
		const char *unit;

		if (words == NULL && strcmp(a->title, a->name) == 0)
			continue;
		words = words != NULL ? words : a->title;
		unit = strstr(words, " [");
		if (i > 0)
			next = label_words(s->axes[f->x[i - 1]].name);
		if (unit != NULL && next != NULL && strstr(next, unit) != NULL)
			fprintf(out, "%s%.*s", comma, (int)(unit - words),
				words);
		else
			fprintf(out, "%s%s", comma, words);
		comma = " / ";
	}
}

static void assign_axes(const struct study *s, const struct item_figure *f,
			const char *unit, FILE *out)
{
	const struct metric *m = s->metrics[f->metric];
	char *text;
	size_t size;
	FILE *label = xmemstream(&text, &size);

	write_x_title(s, f, label);
	xmemstream_close(label);
	gnuplot_assign(out, "XLABEL", text);
	free(text);
	label = xmemstream(&text, &size);
	fprintf(label, unit != NULL ? "%s [%s]" : "%s", m->title, unit);
	xmemstream_close(label);
	gnuplot_assign(out, "YLABEL", text);
	free(text);
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

/* A picture of fewer panels has room for higher ones [of its width]. */
static double panel_height(size_t panels)
{
	return panels > 2 ? 0.25 : panels > 1 ? 0.30 : 0.42;
}

enum status reproduce_figure_draw(const struct item *item,
				  const struct item_figure *f,
				  const struct study_results *r,
				  const char *path, struct diag *d)
{
	const struct study *s = r->study;
	size_t panels = reproduce_figure_points_count(s, f->panel);
	size_t choices = reproduce_figure_points_count(s, f->series);
	size_t *number = xcalloc(choices, sizeof *number), n;
	struct figure_marks marks = { 0 };
	double scale;
	const char *unit = label_unit(s->metrics[f->metric]->quantity,
				      largest(f, r), &scale);
	char *commands;
	size_t size;
	FILE *out = xmemstream(&commands, &size);
	enum status status;

	fprintf(out, "TITLE = ''\nSUBTITLE = ''\nLINES = %d\n", f->lines);
	n = number_series(f, r, number);
	assign_panels(s, f->panel, out);
	assign_columns(s, f, out);
	assign_axes(s, f, unit, out);
	reproduce_figure_points_write(item, f, r, number, scale, &marks, out);
	assign_series(s, f->series, &marks, f->lines, number, n, out);
	/* the heights that plots/panels.gp goes through */
	fprintf(out, "PANEL_H = %g\nBODY = 'LINE * (1.3 + 1.15 * %d + "
		"(XLABEL eq \"\" ? 0 : 0.95)) + N_PANEL * (PANEL_H + "
		"LINE * (0.6 + (PANEL[1] ne \"\"))) + (LINES ? 0 : "
		"LINE * sum [k = 1 : N_LEVELS] (NAME_LINES[k] + 0.2))'\n",
		panel_height(panels), f->lines);
	xmemstream_close(out);
	status = gnuplot_draw("panels", commands, path, NULL, d);
	free(commands);
	free(number);
	return status;
}
