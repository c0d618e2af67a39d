/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points by two figures, and those of which none is better in both. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/chart.h"
#include "cli/plot.h"
#include "plots/gnuplot.h"
#include "plots/palette.h"

enum { MOST_LABELS = 12, LABEL_SIZE = 80 };

struct front {
	const struct sheet *s;
	struct chart_axis x, y;
	bool more_x, more_y;		/* whether more is better */
	size_t *row;			/* of the front, x rising */
	size_t n;
};

/* Of times, bytes and costs less is better. */
static bool more_is_better(const char *name)
{
	static const char *const good[] = { "tokens_per_s", "gain_pct",
					    "total_tokens_per_s" };

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (strcmp(name, good[i]) == 0)
			return true;
	return false;
}

/* How good a row is on either axis: more is better. */
static double merit(const struct front *f, size_t row, bool y)
{
	double p = chart_position(f->s, y ? &f->y : &f->x, row);

	return (y ? f->more_y : f->more_x) ? p : -p;
}

/* For sorting, which passes nothing along. */
struct ranked {
	double x, y;			/* merits */
	size_t row;
};

static int best_first(const void *a, const void *b)
{
	const struct ranked *p = a, *q = b;

	if (p->x != q->x)
		return p->x > q->x ? -1 : 1;
	if (p->y != q->y)
		return p->y > q->y ? -1 : 1;
	return (p->row > q->row) - (p->row < q->row);
}

/* By falling merit in x, a row is in front if it is the best yet in y. */
static void find_front(struct front *f)
{
	size_t rows = sheet_rows(f->s), n = 0;
	struct ranked *all = xcalloc(rows, sizeof *all);
	double best = -INFINITY;

	for (size_t r = 0; r < rows; r++) {
		struct ranked p = { merit(f, r, false), merit(f, r, true), r };

		if (!isnan(p.x) && !isnan(p.y))
			all[n++] = p;
	}
	qsort(all, n, sizeof *all, best_first);
	f->row = xcalloc(rows, sizeof *f->row);
	for (size_t i = 0; i < n; i++)
		if (all[i].y > best) {
			best = all[i].y;
			f->row[f->n++] = all[i].row;
		}
	free(all);
}

/* What tells a point from others: the inputs that vary. */
static void name_point(const struct front *f, size_t row,
		       char text[LABEL_SIZE])
{
	text[0] = '\0';
	for (size_t i = 0; i < sheet_columns(f->s); i++) {
		size_t used = strlen(text);
		const char *name = sheet_name(f->s, i);
		char value[QUANTITY_SIZE];
		enum quantity q = sheet_quantity(name);

		if (!sheet_varies(f->s, i))
			continue;
		if (q != QUANTITY_NUMBER) {
			quantity_format(sheet_number(f->s, i, row), q, value);
			name = "";
		} else {
			snprintf(value, sizeof value, "%.30s",
				 sheet_text(f->s, i, row));
		}
		if (!sheet_is_number(f->s, i))
			name = "";
		snprintf(text + used, LABEL_SIZE - used, "%s%.20s%s%s",
			 used > 0 ? ", " : "", name, name[0] ? " " : "",
			 value);
	}
}

/* Room around the points, as a share of their range. */
#define PAD 0.1

/* The size of a label's character and line, as shares of the plot. */
#define CHARACTER 0.0185
#define LINE 0.080

/* A box that is taken; from its middle in y. */
struct box {
	double x, y, width;
};

struct labels {
	struct box box[MOST_LABELS];
	size_t n;
};

/* Where `p` stands between the ends of an axis, as a share. */
static double share(const struct chart_axis *a, double p)
{
	double range = a->place[a->n - 1] - a->place[0];

	return range > 0.0
		? (PAD + (p - a->place[0]) / range) / (1.0 + 2.0 * PAD) : 0.5;
}

static bool covers(const struct box *b, double x, double y)
{
	return x > b->x - 0.005 && x < b->x + b->width + 0.005 &&
	       fabs(y - b->y) < 0.6 * LINE;
}

/* Whether the line of the front passes through `b`. */
static bool is_on_front(const struct front *f, const struct box *b)
{
	enum { PIECES = 64 };

	for (size_t i = 0; i < f->n; i++) {
		size_t k = i + 1 < f->n ? i + 1 : i;
		double x0 = share(&f->x, chart_position(f->s, &f->x,
							f->row[i]));
		double y0 = share(&f->y, chart_position(f->s, &f->y,
							f->row[i]));
		double x1 = share(&f->x, chart_position(f->s, &f->x,
							f->row[k]));
		double y1 = share(&f->y, chart_position(f->s, &f->y,
							f->row[k]));

		for (size_t p = 0; p <= PIECES; p++) {
			double t = (double)p / PIECES;

			if (covers(b, x0 + t * (x1 - x0), y0 + t * (y1 - y0)))
				return true;
		}
	}
	return false;
}

static bool is_free(const struct front *f, const struct labels *l,
		    const struct box *b)
{
	if (b->x < 0.0 || b->x + b->width > 1.0 || b->y > 0.98 ||
	    b->y < 0.02)
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (b->x < l->box[i].x + l->box[i].width &&
		    l->box[i].x < b->x + b->width &&
		    fabs(b->y - l->box[i].y) < LINE)
			return false;
	return !is_on_front(f, b);
}

/*
 * Put the row's name where there is room, if there is: first where no point
 * can be, which is better in both figures.  x y side side "name".
 */
static void write_label(const struct front *f, size_t row, struct labels *l,
			FILE *out)
{
	double px = chart_position(f->s, &f->x, row);
	double py = chart_position(f->s, &f->y, row);
	double x = share(&f->x, px), y = share(&f->y, py);
	char text[LABEL_SIZE];

	name_point(f, row, text);
	for (int side = 0; side < 4 && l->n < MOST_LABELS; side++) {
		bool right = (side == 0 || side == 3) == f->more_x;
		bool above = (side == 0 || side == 2) == f->more_y;
		double width = CHARACTER * (double)strlen(text);
		struct box b = { .x = right ? x + 0.012 : x - 0.012 - width,
				 .y = y + (above ? 0.04 : -0.04),
				 .width = width };

		if (!is_free(f, l, &b))
			continue;
		l->box[l->n++] = b;
		fprintf(out, "%.9g %.9g %d %d ", px, py, right ? 1 : -1,
			above ? 1 : -1);
		gnuplot_write_word(text, out);
		putc('\n', out);
		return;
	}
}

/* The ends first, then the middle of what is between. */
static void write_labels(const struct front *f, FILE *out)
{
	struct labels l = { .n = 0 };
	size_t step = 1;

	if (f->n == 0)
		return;
	write_label(f, f->row[0], &l, out);
	if (f->n > 1)
		write_label(f, f->row[f->n - 1], &l, out);
	while (step < f->n)
		step *= 2;
	for (; step > 1; step /= 2)
		for (size_t i = step / 2; i + 1 < f->n; i += step)
			write_label(f, f->row[i], &l, out);
}

static void write_points(const struct front *f, FILE *out)
{
	fputs("$dots << EOD\n", out);
	for (size_t r = 0; r < sheet_rows(f->s); r++) {
		double x = chart_position(f->s, &f->x, r);
		double y = chart_position(f->s, &f->y, r);

		if (!isnan(x) && !isnan(y))
			fprintf(out, "%.9g %.9g\n", x, y);
	}
	fputs("EOD\n$front << EOD\n", out);
	for (size_t i = 0; i < f->n; i++)
		fprintf(out, "%.9g %.9g\n",
			chart_position(f->s, &f->x, f->row[i]),
			chart_position(f->s, &f->y, f->row[i]));
	fputs("EOD\n$labels << EOD\n", out);
	write_labels(f, out);
	fputs("EOD\n", out);
}

static void write_looks(FILE *out)
{
	static const struct palette_style styles[] = {
		{ .rgb = 0x9A9A9A, .dash = 1, .mark = 6 },
		{ .rgb = PALETTE_BLUE, .dash = 1, .mark = 5 },
	};

	palette_write(styles, 2, out);
	fputs("$key << EOD\n", out);
	palette_write_key("dot", styles[0], "all points", out);
	palette_write_key("line", styles[1], "none is better in both", out);
	fputs("EOD\n", out);
}

static enum status make(const struct chart *c, struct plot_picture *out,
			struct diag *d)
{
	struct front f = { .s = c->sheet };
	const char *x = c->x ? c->x : "step_s";
	const char *y = c->y ? c->y : "tokens_per_s";
	size_t columns[2];
	FILE *to;
	enum status s = sheet_want(c->sheet, "--x", x, &columns[0], d);

	if (s == STATUS_OK)
		s = sheet_want(c->sheet, "--y", y, &columns[1], d);
	if (s == STATUS_OK)
		s = sheet_read(c->sheet, d);
	if (s == STATUS_OK)
		s = chart_check_numbers(c->sheet, columns[0], "--x", d);
	if (s == STATUS_OK)
		s = chart_check_numbers(c->sheet, columns[1], "--y", d);
	if (s == STATUS_OK)
		s = chart_axis_make(c->sheet, columns[0], &f.x, d);
	if (s == STATUS_OK)
		s = chart_axis_make(c->sheet, columns[1], &f.y, d);
	if (s == STATUS_OK) {
		char title[3 * CHART_TITLE_SIZE];

		f.more_x = more_is_better(x);
		f.more_y = more_is_better(y);
		find_front(&f);
		to = xmemstream(&out->commands, &out->size);
		snprintf(title, sizeof title, "Pareto front: %s %s, %s %s",
			 f.more_y ? "most" : "least", f.y.title,
			 f.more_x ? "most" : "least", f.x.title);
		chart_write_head(c->sheet, title, to);
		chart_write_axis(c->sheet, &f.x, 'x', PAD, PAD, to);
		chart_write_axis(c->sheet, &f.y, 'y', PAD, PAD, to);
		write_points(&f, to);
		write_looks(to);
		xmemstream_close(to);
	}
	chart_axis_clear(&f.x);
	chart_axis_clear(&f.y);
	free(f.row);
	return s;
}

const struct plot plot_pareto = {
	.name = "pareto", .script = "pareto", .make_file = make,
};
