/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A number over two axes, as a colour. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "cli/grid.h"
#include "cli/plot.h"
#include "plots/palette.h"

/* Numbers that differ by more than this factor are coloured by theirs. */
#define LEAST_LOG 30.0

/* More of them nobody can tell apart. */
#define SHADES 250.0

static enum status write_heat(const struct grid *g, struct plot_picture *out,
			      struct diag *d)
{
	const char *name = sheet_name(g->s, g->color);
	char title[CHART_TITLE_SIZE];
	double scale, low = INFINITY, high = -INFINITY, same;
	FILE *to;
	bool gaps, log;
	enum status s = chart_check_numbers(g->s, g->color, "--color", d);

	if (s != STATUS_OK)
		return s;
	chart_title(name, chart_most(g->s, g->color), title, &scale);
	for (size_t r = 0; r < sheet_rows(g->s); r++) {
		low = fmin(low, scale * sheet_number(g->s, g->color, r));
		high = fmax(high, scale * sheet_number(g->s, g->color, r));
	}
	to = xmemstream(&out->commands, &out->size);
	chart_write_head(g->s, title, to);
	/* shares have their whole as a measure, other numbers each other */
	log = sheet_quantity(name) != QUANTITY_PERCENT && low > 0.0 &&
	      high > LEAST_LOG * low;
	same = log ? low * (pow(high / low, 1.0 / SHADES) - 1.0)
		   : (high - low) / SHADES;
	fprintf(to, "CATEGORIES = 0\nCBLOW = %.9g\nCBHIGH = %.9g\nCBLOG = %d\n",
		low, high > low ? high : low + 1.0, log);
	grid_write_axes(g, to);
	gaps = grid_write_cells(g, false, scale, same / scale, to);
	fputs("$borders << EOD\nEOD\n$contours << EOD\nEOD\n"
	      "$labels << EOD\nEOD\n$key << EOD\n", to);
	if (gaps)
		grid_write_gap(to);
	fputs("EOD\n", to);
	palette_write(NULL, 0, to);
	xmemstream_close(to);
	return STATUS_OK;
}

static enum status make(const struct chart *c, struct plot_picture *out,
			     struct diag *d)
{
	struct grid g = { .s = c->sheet };
	enum status s = sheet_want(c->sheet, "--color",
				   c->color ? c->color : "split_fraction",
				   &g.color, d);

	if (s == STATUS_OK)
		s = grid_want_axes(c, d);
	if (s == STATUS_OK)
		s = sheet_read(c->sheet, d);
	if (s == STATUS_OK)
		s = grid_make_axes(c, &g, d);
	if (s == STATUS_OK)
		s = grid_lay_out(&g, false, d);
	if (s == STATUS_OK)
		s = write_heat(&g, out, d);
	grid_clear(&g);
	return s;
}

const struct plot plot_heat = {
	.name = "heat", .script = "grid", .takes_color = true,
	.make_file = make,
};
