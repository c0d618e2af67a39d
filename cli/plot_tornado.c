/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each figure is worth, the greatest on top: from `kvplan worth --csv`. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "cli/chart.h"
#include "cli/plot.h"
#include "plots/gnuplot.h"
#include "plots/palette.h"

enum { FIGURE, VALUE, CHANGE, TANGENT, MORE, LESS, COLUMNS };

static const char *const names[COLUMNS] = {
	"figure", "value", "change_pct", "tangent_pct", "more_pct",
	"less_pct",
};

struct bar {
	size_t row;
	double reach;
};

/* Changes below this do not show [%]. */
#define LEAST_REACH 0.05

enum { MOST_BARS = 16 };

/* Changes beyond this are no picture, and more than gnuplot's axis holds. */
#define MOST_PCT 1e9

static int greatest_first(const void *a, const void *b)
{
	const struct bar *p = a, *q = b;

	if (p->reach != q->reach)
		return p->reach > q->reach ? -1 : 1;
	return (p->row > q->row) - (p->row < q->row);
}

static size_t sort_bars(const struct sheet *s, const size_t *column,
			struct bar *bars)
{
	size_t n = 0;

	for (size_t r = 0; r < sheet_rows(s); r++) {
		double reach = 0.0;

		for (size_t k = TANGENT; k <= LESS; k++) {
			double pct = sheet_number(s, column[k], r);

			reach = fmax(reach, isnan(pct) ? 0.0 : fabs(pct));
		}
		if (reach >= LEAST_REACH)
			bars[n++] = (struct bar){ r, reach };
	}
	qsort(bars, n, sizeof *bars, greatest_first);
	return n < MOST_BARS ? n : MOST_BARS;
}

/* "link.h2d (26 GB/s)" */
static void write_figure(const struct sheet *s, const size_t *column,
			 size_t row, FILE *out)
{
	const char *name = sheet_text(s, column[FIGURE], row);
	char text[160], value[QUANTITY_SIZE];

	quantity_format(sheet_number(s, column[VALUE], row),
			sheet_quantity(name), value);
	snprintf(text, sizeof text, "%.80s, %s", name, value);
	gnuplot_write_word(text, out);
}

static void write_bars(const struct sheet *s, const size_t *column,
		       const struct bar *bars, size_t n, FILE *out)
{
	fputs("$bars << EOD\n", out);
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%zu", n - i);
		for (size_t k = MORE; k <= LESS; k++) {
			double pct = sheet_number(s, column[k], bars[i].row);

			fprintf(out, isnan(pct) ? " NaN" : " %.9g", pct);
		}
		fprintf(out, " %.9g ", sheet_number(s, column[TANGENT],
						    bars[i].row));
		write_figure(s, column, bars[i].row, out);
		putc('\n', out);
	}
	fputs("EOD\n", out);
}

static void write_looks(double change, FILE *out)
{
	static const struct palette_style styles[] = {
		{ .rgb = PALETTE_BLUE, .pattern = PALETTE_SOLID },
		{ .rgb = PALETTE_ORANGE, .pattern = 4 },
		{ .rgb = PALETTE_DARK, .mark = 9 },
	};
	char text[64];

	palette_write(styles, 2, out);
	fputs("$key << EOD\n", out);
	snprintf(text, sizeof text, "%.3g %% more", change);
	palette_write_key("box", styles[0], text, out);
	snprintf(text, sizeof text, "%.3g %% less", change);
	palette_write_key("box", styles[1], text, out);
	palette_write_key("dot", styles[2], "tangent: were it in proportion",
			  out);
	fputs("EOD\n", out);
}

static enum status make(const struct chart *c, struct plot_picture *out,
			struct diag *d)
{
	size_t column[COLUMNS], n;
	struct bar *bars;
	double change;
	FILE *to;
	enum status s = STATUS_OK;

	for (size_t i = 0; i < COLUMNS && s == STATUS_OK; i++)
		s = sheet_want(c->sheet, "tornado", names[i], &column[i], d);
	if (s == STATUS_OK)
		s = sheet_read(c->sheet, d);
	/* what does not fit has no change: empty */
	for (size_t i = VALUE; i < COLUMNS && s == STATUS_OK; i++)
		s = sheet_check(c->sheet, column[i],
				i == VALUE ? DBL_MAX : MOST_PCT,
				i == MORE || i == LESS, d);
	if (s != STATUS_OK)
		return s;
	bars = xcalloc(sheet_rows(c->sheet), sizeof *bars);
	n = sort_bars(c->sheet, column, bars);
	change = sheet_number(c->sheet, column[CHANGE], 0);
	if (n == 0) {
		free(bars);
		return diag_fail(d, STATUS_INVALID, "%s: no figure is worth "
				 "anything", sheet_source(c->sheet));
	}
	to = xmemstream(&out->commands, &out->size);
	gnuplot_assign(to, "TITLE", "What each figure of the machine is worth");
	gnuplot_assign(to, "SUBTITLE", sheet_source(c->sheet));
	fprintf(to, "N = %zu\nBODY = 'LINE * (2.1 * N + 2.7)'\n", n);
	write_looks(change, to);
	write_bars(c->sheet, column, bars, n, to);
	xmemstream_close(to);
	free(bars);
	return s;
}

const struct plot plot_tornado = {
	.name = "tornado", .script = "tornado", .fixed = true,
	.make_file = make,
};
