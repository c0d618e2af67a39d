/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds over two axes: which is where, with lines of equal gain. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/grid.h"
#include "cli/plot.h"
#include "model/work.h"
#include "plots/contour.h"
#include "plots/palette.h"
#include "schedule/bound.h"

/* Lines between cells of different categories. */
static void write_borders(const struct grid *g, FILE *out)
{
	fputs("$borders << EOD\n", out);
	for (size_t k = 0; !g->scattered && k < g->x.n * g->y.n; k++) {
		size_t i = k % g->x.n, j = k / g->x.n;
		double here = g->row[k] == GRID_NO_ROW ? NAN
			: grid_color(g, g->row[k], true);

		for (size_t up = 0; up < 2; up++) {
			size_t a = i + (up ? 0 : 1), b = j + (up ? 1 : 0);
			size_t *next;
			double x, y;

			if (a == g->x.n || b == g->y.n)
				continue;
			next = grid_cell(g, a, b);
			if (isnan(here) || *next == GRID_NO_ROW ||
			    isnan(grid_color(g, *next, true)) ||
			    here == grid_color(g, *next, true))
				continue;
			x = grid_edge(&g->x, a);
			y = grid_edge(&g->y, b);
			fprintf(out, "%.9g %.9g %.9g %.9g\n", x, y,
				up ? grid_edge(&g->x, a + 1) - x : 0.0,
				up ? 0.0 : grid_edge(&g->y, b + 1) - y);
		}
	}
	fputs("EOD\n", out);
}

enum { MOST_LABELS = 24 };

/* Lines of equal gain, and where their labels stand. */
struct lines {
	const struct grid *g;
	double x[MOST_LABELS], y[MOST_LABELS];
	size_t n;
	FILE *segments, *labels;
};

static double share(const struct chart_axis *a, double position)
{
	double low = grid_edge(a, 0);

	return (position - low) / (grid_edge(a, a->n) - low);
}

/* How much room there is at (x, y), as a share of the picture. */
static double room_at(const struct lines *l, double x, double y)
{
	/* a label is wide, and stays clear of the frame */
	double room = fmin(fmin(x, 1.0 - x) * 1.6,
			   fmin(y, 1.0 - y) * 3.0);

	for (size_t i = 0; i < l->n; i++)
		room = fmin(room, hypot(x - l->x[i], 1.4 * (y - l->y[i])));
	return room;
}

#define LEAST_ROOM 0.09

static void label_level(struct lines *l, const struct contour_segment *all,
			size_t n, double level)
{
	double best = LEAST_ROOM, x = 0.0, y = 0.0, at_x = 0.0, at_y = 0.0;

	for (size_t i = 0; i < n; i++) {
		double mx = 0.5 * (all[i].x0 + all[i].x1);
		double my = 0.5 * (all[i].y0 + all[i].y1);
		double sx = share(&l->g->x, mx), sy = share(&l->g->y, my);
		double room = room_at(l, sx, sy);

		if (room <= best)
			continue;
		best = room;
		x = sx;
		y = sy;
		at_x = mx;
		at_y = my;
	}
	if (best <= LEAST_ROOM || l->n == MOST_LABELS)
		return;
	l->x[l->n] = x;
	l->y[l->n++] = y;
	fprintf(l->labels, "%.9g %.9g \"%.4g %%\"\n", at_x, at_y, level);
}

enum { MOST_LEVELS = 6 };

#define LEAST_RISE 0.02

static void trace_levels(struct lines *l, const struct contour_grid *c,
			 double low, double high)
{
	double step = chart_step(high - low, MOST_LEVELS);

	/* where it is all but flat, a line would be rounding */
	for (double i = ceil((low + LEAST_RISE * (high - low)) / step);
	     i * step < high; i += 1.0) {
		size_t n;
		struct contour_segment *all = contour_lines(c, i * step, &n);

		for (size_t k = 0; k < n; k++)
			fprintf(l->segments, "%.9g %.9g %.9g %.9g\n",
				all[k].x0, all[k].y0, all[k].x1 - all[k].x0,
				all[k].y1 - all[k].y0);
		label_level(l, all, n, i * step);
		free(all);
	}
}

static void write_contours(const struct grid *g, FILE *out)
{
	size_t cells = g->scattered ? 0 : g->x.n * g->y.n, size;
	double *z = xcalloc(cells + 1, sizeof *z);
	const struct contour_grid c = { .x = g->x.place, .y = g->y.place,
					.z = z, .nx = g->x.n, .ny = g->y.n };
	double low = INFINITY, high = -INFINITY;
	char *labels;
	struct lines l = { .g = g, .segments = out,
			   .labels = xmemstream(&labels, &size) };

	for (size_t k = 0; k < cells; k++) {
		z[k] = !g->has_gain || g->row[k] == GRID_NO_ROW ? NAN
			: sheet_number(g->s, g->gain, g->row[k]);
		low = fmin(low, z[k]);
		high = fmax(high, z[k]);
	}
	fputs("$contours << EOD\n", out);
	if (high - low > 1e-6)
		trace_levels(&l, &c, low, high);
	xmemstream_close(l.labels);
	fprintf(out, "EOD\n$labels << EOD\n%sEOD\n", labels);
	free(labels);
	free(z);
}

/* Columns that are shown if they are there. */
static enum status want_if_there(struct sheet *s, const char *name, bool *has,
				 size_t *column, struct diag *d)
{
	*has = sheet_has(s, name);
	return *has ? sheet_want(s, name, name, column, d) : STATUS_OK;
}

/* What a category is called. */
static const char *category_title(const struct grid *g, size_t i)
{
	const char *text = sheet_value(g->s, g->color, i);

	if (strcmp(sheet_name(g->s, g->color), "bound") != 0)
		return text;
	for (int k = 0; k < BOUND_SHARED; k++)
		if (strcmp(text, bound_limits[k].name) == 0)
			return bound_limits[k].title;
	for (int e = 0; e < ENGINE_COUNT; e++)
		if (strcmp(text, engine_name((enum engine)e)) == 0)
			return engine_title((enum engine)e);
	return text;
}

enum { MOST_CATEGORIES = PALETTE_OTHERS };

static enum status write_kinds(const struct grid *g, bool gaps, FILE *out,
			       struct diag *d)
{
	size_t n = sheet_distinct(g->s, g->color), used = 0;
	const char *kind = sheet_name(g->s, g->color);
	struct palette_style *styles = xcalloc(n + 1, sizeof *styles);
	const struct palette_style contour = { .rgb = PALETTE_DARK,
					       .dash = 1 };
	enum status s = STATUS_OK;

	fputs("$key << EOD\n", out);
	for (size_t i = 0; i < n && s == STATUS_OK; i++) {
		if (sheet_value(g->s, g->color, i)[0] == '\0')
			continue;
		if (++used > MOST_CATEGORIES)
			s = diag_fail(d, STATUS_USAGE,
				      "--color %s: found more than %d "
				      "values, expected a few kinds; "
				      "'plot heat' shows numbers", kind,
				      MOST_CATEGORIES);
		styles[i] = palette_style(kind, sheet_value(g->s, g->color, i),
					  used - 1);
		palette_write_key("box", styles[i], category_title(g, i), out);
	}
	if (gaps)
		grid_write_gap(out);
	if (g->has_gain && !g->scattered)
		palette_write_key("plain", contour,
				  "equal time saved against load-all", out);
	fputs("EOD\n", out);
	palette_write(styles, n, out);
	free(styles);
	return s;
}

static enum status write_map(const struct grid *g, struct plot_picture *out,
			     struct diag *d)
{
	const char *name = sheet_name(g->s, g->color);
	FILE *to = xmemstream(&out->commands, &out->size);
	char title[160];
	bool gaps;
	enum status s;

	snprintf(title, sizeof title, "%s",
		 strcmp(name, "policy") == 0 ? "Which policy is the fastest"
		 : strcmp(name, "bound") == 0 ? "Which engine is the busiest"
					      : name);
	chart_write_head(g->s, title, to);
	fputs("CATEGORIES = 1\n", to);
	grid_write_axes(g, to);
	gaps = grid_write_cells(g, true, 1.0, 0.0, to);
	write_borders(g, to);
	write_contours(g, to);
	s = write_kinds(g, gaps, to, d);
	xmemstream_close(to);
	return s;
}

/* Policy, if it is known and not always the same; else what binds. */
static enum status choose_category(const struct chart *c, struct grid *g,
				   struct diag *d)
{
	size_t policy;
	enum status s;

	if (c->color != NULL)
		return sheet_want(c->sheet, "--color", c->color, &g->color,
				  d);
	if (!sheet_has(c->sheet, "policy"))
		return sheet_want(c->sheet, "--color", "bound", &g->color, d);
	s = sheet_want(c->sheet, "--color", "policy", &policy, d);
	g->color = policy;
	if (s == STATUS_OK && sheet_has(c->sheet, "bound"))
		s = sheet_want(c->sheet, "--color", "bound", &g->color, d);
	return s;
}

/* How many kinds there are, failed points apart. */
static size_t count_kinds(const struct sheet *s, size_t column)
{
	size_t n = 0;

	for (size_t i = 0; i < sheet_distinct(s, column); i++)
		n += sheet_value(s, column, i)[0] != '\0';
	return n;
}

static enum status make(const struct chart *c, struct plot_picture *out,
			    struct diag *d)
{
	struct grid g = { .s = c->sheet };
	size_t policy;
	bool fastest;
	enum status s = choose_category(c, &g, d);

	if (s == STATUS_OK)
		s = grid_want_axes(c, d);
	if (s == STATUS_OK)
		s = want_if_there(c->sheet, "gain_pct", &g.has_gain, &g.gain,
				  d);
	if (s == STATUS_OK)
		s = want_if_there(c->sheet, "step_s", &g.has_step, &g.step, d);
	if (s == STATUS_OK)
		s = sheet_read(c->sheet, d);
	if (s != STATUS_OK)
		return s;
	if (c->color == NULL && sheet_has(c->sheet, "policy")) {
		s = sheet_want(c->sheet, "--color", "policy", &policy, d);
		if (s == STATUS_OK && count_kinds(c->sheet, policy) > 1)
			g.color = policy;
	}
	fastest = g.has_step &&
		  strcmp(sheet_name(c->sheet, g.color), "policy") == 0;
	if (s == STATUS_OK)
		s = grid_make_axes(c, &g, d);
	if (s == STATUS_OK)
		s = grid_lay_out(&g, fastest, d);
	if (s == STATUS_OK)
		s = write_map(&g, out, d);
	grid_clear(&g);
	return s;
}

const struct plot plot_map = {
	.name = "map", .script = "grid", .takes_color = true,
	.make_file = make,
};
