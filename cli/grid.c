/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/grid.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "plots/palette.h"

/* Fewer rows than this part of the cells are no grid with gaps. */
#define LEAST_FILLED 0.4

size_t *grid_cell(const struct grid *g, size_t i, size_t j)
{
	return &g->row[j * g->x.n + i];
}

/* Of two rows at one point the faster, if only their policies differ. */
static enum status settle(const struct grid *g, size_t *cell, size_t row,
			  bool fastest, struct diag *d)
{
	const size_t used[] = { g->x.column, g->y.column, g->color };
	double old_s, new_s;

	for (size_t i = 0; i < sheet_columns(g->s); i++)
		if (sheet_varies(g->s, i) && i != used[0] && i != used[1] &&
		    (!fastest || i != g->color) &&
		    sheet_index(g->s, i, row) != sheet_index(g->s, i, *cell))
			return chart_ambiguous(g->s, used, fastest ? 3 : 2, d);
	if (!fastest)
		return chart_ambiguous(g->s, used, 2, d);
	old_s = sheet_number(g->s, g->step, *cell);
	new_s = sheet_number(g->s, g->step, row);
	if (isnan(old_s) || new_s < old_s)
		*cell = row;
	return STATUS_OK;
}

/* `fastest`: of the rows at a point the one with the least step_s counts. */
enum status grid_lay_out(struct grid *g, bool fastest, struct diag *d)
{
	size_t rows = sheet_rows(g->s);
	enum status s = STATUS_OK;

	g->scattered = (double)rows < LEAST_FILLED * (double)g->x.n *
					      (double)g->y.n;
	if (g->scattered)
		return s;
	g->row = xcalloc(g->x.n * g->y.n, sizeof *g->row);
	for (size_t k = 0; k < g->x.n * g->y.n; k++)
		g->row[k] = GRID_NO_ROW;
	for (size_t r = 0; r < rows && s == STATUS_OK; r++) {
		double x = chart_position(g->s, &g->x, r);
		double y = chart_position(g->s, &g->y, r);
		size_t *cell;

		if (isnan(x) || isnan(y))
			continue;
		cell = grid_cell(g, chart_place(&g->x, x),
			       chart_place(&g->y, y));
		if (*cell == GRID_NO_ROW)
			*cell = r;
		else
			s = settle(g, cell, r, fastest, d);
	}
	return s;
}

/* The axes that were named, or the first inputs that vary. */
enum status grid_make_axes(const struct chart *c, struct grid *g,
			       struct diag *d)
{
	size_t columns[2] = { SIZE_MAX, SIZE_MAX };
	const char *const names[] = { c->x, c->y };
	const char *const options[] = { "--x", "--y" };
	enum status s = STATUS_OK;

	for (size_t i = 0; i < 2 && s == STATUS_OK; i++)
		if (names[i] != NULL)
			s = sheet_want(c->sheet, options[i], names[i],
				       &columns[i], d);
	for (size_t i = 0; i < 2 && s == STATUS_OK; i++)
		if (names[i] == NULL)
			s = chart_input(c->sheet, options[i], true, columns,
					2, &columns[i], d);
	if (s == STATUS_OK && columns[0] == columns[1])
		s = diag_fail(d, STATUS_USAGE,
			      "--y: found %s, which is --x already", c->y);
	if (s == STATUS_OK)
		s = chart_axis_make(c->sheet, columns[0], &g->x, d);
	if (s == STATUS_OK)
		s = chart_axis_make(c->sheet, columns[1], &g->y, d);
	return s;
}

enum status grid_want_axes(const struct chart *c, struct diag *d)
{
	size_t unused;
	enum status s = STATUS_OK;

	if (c->x != NULL)
		s = sheet_want(c->sheet, "--x", c->x, &unused, d);
	if (s == STATUS_OK && c->y != NULL)
		s = sheet_want(c->sheet, "--y", c->y, &unused, d);
	return s;
}

void grid_clear(struct grid *g)
{
	chart_axis_clear(&g->x);
	chart_axis_clear(&g->y);
	free(g->row);
}

/* Between places i - 1 and i of `a`; beyond its ends as far as within. */
double grid_edge(const struct chart_axis *a, size_t i)
{
	if (a->n == 1)
		return a->place[0] + (i == 0 ? -0.5 : 0.5);
	if (i == 0)
		return 1.5 * a->place[0] - 0.5 * a->place[1];
	if (i == a->n)
		return 1.5 * a->place[a->n - 1] - 0.5 * a->place[a->n - 2];
	return 0.5 * (a->place[i - 1] + a->place[i]);
}

/* Whole cells, or room for whole points. */
void grid_write_axes(const struct grid *g, FILE *out)
{
	const struct chart_axis *const axes[] = { &g->x, &g->y };

	for (size_t i = 0; i < 2; i++) {
		const struct chart_axis *a = axes[i];
		double first = a->place[0], last = a->place[a->n - 1];
		double range = last > first ? last - first : 1.0;
		double low = g->scattered ? 0.04
					  : (first - grid_edge(a, 0)) / range;
		double high = g->scattered
			? 0.04 : (grid_edge(a, a->n) - last) / range;

		chart_write_axis(g->s, a, "xy"[i], low, high, out);
	}
}

double grid_color(const struct grid *g, size_t row, bool category)
{
	if (!category)
		return sheet_number(g->s, g->color, row);
	/* an input is there even where the point failed */
	if (g->has_step && isnan(sheet_number(g->s, g->step, row)))
		return NAN;
	return sheet_text(g->s, g->color, row)[0] == '\0' ? NAN
		: (double)sheet_index(g->s, g->color, row);
}

/* The colour of the cell at places `i` and `j`; NAN for a gap. */
static double cell_color(const struct grid *g, size_t i, size_t j,
			 bool category)
{
	size_t row = *grid_cell(g, i, j);

	return row == GRID_NO_ROW ? NAN : grid_color(g, row, category);
}

/* With more cells than this, those side by side that look the same are one:
 * gnuplot takes a minute for half a million. */
enum { MOST_SINGLE = 10000 };

/* The end of cells from `i` on in line `j` that differ by `same` at most. */
static size_t run_end(const struct grid *g, size_t i, size_t j,
		      bool category, double same)
{
	double color = cell_color(g, i, j, category);
	size_t end = i + 1;

	while (g->x.n * g->y.n > MOST_SINGLE && end < g->x.n &&
	       fabs(cell_color(g, end, j, category) - color) <= same)
		end++;
	return end;
}

/* x y low high low high colour; whether there are gaps. */
static bool write_line(const struct grid *g, size_t j, bool category,
		       double same, double scale, FILE *out)
{
	bool gaps = false;

	for (size_t i = 0, end; i < g->x.n; i = end) {
		double color = cell_color(g, i, j, category);
		double low = grid_edge(&g->x, i), high;

		end = run_end(g, i, j, category, same);
		high = grid_edge(&g->x, end);
		gaps = gaps || isnan(color);
		if (!isnan(color))
			fprintf(out, "%.9g %.9g %.9g %.9g %.9g %.9g %.9g\n",
				end == i + 1 ? g->x.place[i]
					     : 0.5 * (low + high),
				g->y.place[j], low, high,
				grid_edge(&g->y, j), grid_edge(&g->y, j + 1),
				scale * color);
	}
	return gaps;
}

bool grid_write_cells(const struct grid *g, bool category, double scale,
		      double same, FILE *out)
{
	bool gaps = false;

	fputs("$cells << EOD\n", out);
	for (size_t j = 0; !g->scattered && j < g->y.n; j++)
		if (write_line(g, j, category, same, scale, out))
			gaps = true;
	fputs("EOD\n$dots << EOD\n", out);
	for (size_t r = 0; g->scattered && r < sheet_rows(g->s); r++) {
		double x = chart_position(g->s, &g->x, r);
		double y = chart_position(g->s, &g->y, r);
		double color = grid_color(g, r, category);

		if (!isnan(x) && !isnan(y) && !isnan(color))
			fprintf(out, "%.9g %.9g %.9g\n", x, y, scale * color);
	}
	fputs("EOD\n", out);
	return gaps;
}

void grid_write_gap(FILE *out)
{
	const struct palette_style ground = { .rgb = 0xDDDDDD,
					      .pattern = PALETTE_SOLID };

	palette_write_key("box", ground, "no plan", out);
}
