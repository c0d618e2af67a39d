/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One column against another, a curve for each value of a third. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/chart.h"
#include "cli/plot.h"
#include "plots/gnuplot.h"
#include "plots/palette.h"

struct lines {
	const struct sheet *s;
	struct chart_axis x;
	size_t y, low, high, curve;
	bool has_bars, has_curves;
	double scale;
	char title[CHART_TITLE_SIZE];
};

static enum status want_all(const struct chart *c, struct lines *l,
			    struct diag *d)
{
	const char *y = c->y ? c->y : "gain_pct";
	char low[160], high[160];
	size_t unused;
	enum status s = sheet_want(c->sheet, "--y", y, &l->y, d);

	snprintf(low, sizeof low, "%.150s_p05", y);
	snprintf(high, sizeof high, "%.150s_p95", y);
	l->has_bars = sheet_has(c->sheet, low) && sheet_has(c->sheet, high);
	if (s == STATUS_OK && l->has_bars)
		s = sheet_want(c->sheet, "--y", low, &l->low, d);
	if (s == STATUS_OK && l->has_bars)
		s = sheet_want(c->sheet, "--y", high, &l->high, d);
	if (s == STATUS_OK && c->x != NULL)
		s = sheet_want(c->sheet, "--x", c->x, &unused, d);
	if (s == STATUS_OK && c->color != NULL)
		s = sheet_want(c->sheet, "--color", c->color, &l->curve, d);
	return s;
}

static enum status choose(const struct chart *c, struct lines *l,
			  struct diag *d)
{
	size_t used[2] = { l->y, SIZE_MAX }, x;
	struct diag unused;
	enum status s;

	if (c->color != NULL)
		used[1] = l->curve;
	s = c->x != NULL ? sheet_want(c->sheet, "--x", c->x, &x, d)
		: chart_input(c->sheet, "--x", true, used, 2, &x, d);
	if (s != STATUS_OK)
		return s;
	l->has_curves = c->color != NULL;
	used[1] = x;
	if (c->color == NULL)	/* one curve if nothing else varies */
		l->has_curves = chart_input(c->sheet, "--color", false, used,
					    2, &l->curve, &unused) ==
				STATUS_OK;
	s = chart_check_numbers(c->sheet, l->y, "--y", d);
	for (size_t i = 0; i < 2 && l->has_bars && s == STATUS_OK; i++)
		s = sheet_check(c->sheet, i == 0 ? l->low : l->high,
				CHART_MOST, true, d);
	if (s != STATUS_OK)
		return s;
	chart_title(sheet_name(c->sheet, l->y), chart_most(c->sheet, l->y),
		    l->title, &l->scale);
	return chart_axis_make(c->sheet, x, &l->x, d);
}

/* The rows of curve `k` by the place of x; SIZE_MAX where there is none. */
static enum status collect(const struct lines *l, size_t k, size_t *row,
			   struct diag *d)
{
	for (size_t i = 0; i < l->x.n; i++)
		row[i] = SIZE_MAX;
	for (size_t r = 0; r < sheet_rows(l->s); r++) {
		const size_t used[] = { l->x.column, l->curve };
		double x = chart_position(l->s, &l->x, r);
		size_t i;

		if (isnan(x) || (l->has_curves &&
				 sheet_index(l->s, l->curve, r) != k))
			continue;
		i = chart_place(&l->x, x);
		if (row[i] != SIZE_MAX)
			return chart_ambiguous(l->s, used,
					       l->has_curves ? 2 : 1, d);
		row[i] = r;
	}
	return STATUS_OK;
}

/*
 * A failed point is a gap, written as NaN: an empty line parts a curve, but
 * two of them begin the next, so no curve may have none of its own.
 */
static void write_curve(const struct lines *l, const size_t *row, FILE *out)
{
	size_t n = 0;

	for (size_t i = 0; i < l->x.n; i++) {
		double y, low, high;

		if (row[i] == SIZE_MAX)
			continue;
		n++;
		y = low = high = sheet_number(l->s, l->y, row[i]);
		if (isnan(y)) {
			fprintf(out, "%.9g NaN NaN NaN\n", l->x.place[i]);
			continue;
		}
		if (l->has_bars) {
			low = sheet_number(l->s, l->low, row[i]);
			high = sheet_number(l->s, l->high, row[i]);
		}
		fprintf(out, "%.9g %.9g %.9g %.9g\n", l->x.place[i],
			l->scale * y, l->scale * (isnan(low) ? y : low),
			l->scale * (isnan(high) ? y : high));
	}
	fputs(n == 0 ? "NaN NaN NaN NaN\n\n\n" : "\n\n", out);
}

/* "4", or "26 GB/s": the value of a curve. */
static void write_name(const struct lines *l, size_t k,
		       struct palette_style style, FILE *out)
{
	const char *name = sheet_name(l->s, l->curve);
	const char *value = sheet_value(l->s, l->curve, k);
	enum quantity q = sheet_quantity(name);
	char text[QUANTITY_SIZE];
	struct diag unused;
	double x;

	if (q != QUANTITY_NUMBER &&
	    quantity_parse(value, QUANTITY_NUMBER, &x, &unused) == STATUS_OK) {
		quantity_format(x, q, text);
		value = text;
	}
	palette_write_key("line", style, value, out);
}

/* Their looks, and the key where they are several: what the values are of. */
static void write_looks(const struct lines *l, size_t n, FILE *out)
{
	struct palette_style *styles = xcalloc(n, sizeof *styles);
	char title[CHART_TITLE_SIZE];

	for (size_t k = 0; k < n; k++)
		styles[k] = !l->has_curves ? palette_style("", "", k)
			: palette_style(sheet_name(l->s, l->curve),
					sheet_value(l->s, l->curve, k), k);
	palette_write(styles, n, out);
	if (l->has_curves) {
		chart_words(sheet_name(l->s, l->curve), title);
		gnuplot_assign(out, "KEY_TITLE", title);
	}
	fputs("$key << EOD\n", out);
	for (size_t k = 0; k < n && l->has_curves; k++)
		write_name(l, k, styles[k], out);
	fputs("EOD\n", out);
	free(styles);
}

static enum status write_all(const struct lines *l, FILE *out,
			     struct diag *d)
{
	size_t n = l->has_curves ? sheet_distinct(l->s, l->curve) : 1;
	size_t *row = xcalloc(l->x.n, sizeof *row);
	size_t most = l->has_curves ? palette_most(sheet_name(l->s, l->curve))
				    : 1;
	enum status s = STATUS_OK;

	if (n > most)
		s = diag_fail(d, STATUS_USAGE, "--color %s: found %zu values, "
			      "expected at most %zu curves; choose with "
			      "--where %s=VALUE", sheet_name(l->s, l->curve), n,
			      most, sheet_name(l->s, l->curve));
	fputs("$curves << EOD\n", out);
	for (size_t k = 0; k < n && s == STATUS_OK; k++) {
		s = collect(l, k, row, d);
		if (s == STATUS_OK)
			write_curve(l, row, out);
	}
	fprintf(out, "EOD\nN = %zu\nBARS = %d\n", n, l->has_bars);
	if (s == STATUS_OK)
		write_looks(l, n, out);
	free(row);
	return s;
}

static enum status make(const struct chart *c, struct plot_picture *out,
			struct diag *d)
{
	struct lines l = { .s = c->sheet };
	char x[CHART_TITLE_SIZE], y[CHART_TITLE_SIZE];
	char title[2 * CHART_TITLE_SIZE + 8];
	FILE *to;
	enum status s = want_all(c, &l, d);

	if (s == STATUS_OK)
		s = sheet_read(c->sheet, d);
	if (s == STATUS_OK)
		s = choose(c, &l, d);
	if (s != STATUS_OK)
		return s;
	to = xmemstream(&out->commands, &out->size);
	chart_words(sheet_name(c->sheet, l.y), y);
	chart_words(sheet_name(c->sheet, l.x.column), x);
	snprintf(title, sizeof title, "%s over %s", y, x);
	chart_write_head(c->sheet, title, to);
	gnuplot_assign(to, "YTITLE", l.title);
	chart_write_axis(c->sheet, &l.x, 'x', 0.025, 0.025, to);
	s = write_all(&l, to, d);
	xmemstream_close(to);
	chart_axis_clear(&l.x);
	return s;
}

const struct plot plot_line = {
	.name = "line", .script = "line", .takes_color = true,
	.make_file = make,
};
