/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/chart.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/quantity.h"
#include "base/xalloc.h"
#include "model/hardware.h"
#include "plots/gnuplot.h"
#include "plots/label.h"

/* ---- names and units ---- */

/* Figures of a machine are called what they mean. */
static const char *words_for(const char *name)
{
	const char *words = label_words(name);
	size_t n;
	const struct figure *fields = hardware_fields(&n);

	for (size_t i = 0; i < n && words == NULL; i++)
		if (strcmp(fields[i].path, name) == 0)
			words = fields[i].meaning;
	return words != NULL ? words : name;
}

void chart_title(const char *name, double most, char text[CHART_TITLE_SIZE],
		 double *scale)
{
	const char *unit = label_unit(sheet_quantity(name), most, scale);

	snprintf(text, CHART_TITLE_SIZE, unit ? "%.70s [%s]" : "%.70s",
		 words_for(name), unit);
}

void chart_words(const char *name, char text[CHART_TITLE_SIZE])
{
	const char *words = words_for(name), *unit = strstr(words, " [");
	size_t n = unit != NULL ? (size_t)(unit - words) : strlen(words);

	snprintf(text, CHART_TITLE_SIZE, "%.*s", n < 70 ? (int)n : 70, words);
}

double chart_most(const struct sheet *s, size_t column)
{
	double most = 0.0;

	for (size_t i = 0; i < sheet_rows(s); i++)
		most = fmax(most, fabs(sheet_number(s, column, i)));
	return most;
}

/* ---- axes ---- */

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Drop what is in `x`, sorted, twice; returns how many are left. */
static size_t drop_twins(double *x, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (k == 0 || x[i] != x[k - 1])
			x[k++] = x[i];
	return k;
}

/* Below this factor from end to end a linear axis shows as much. */
#define LEAST_FACTOR 6.0

/* Whether the middle of `x`, sorted, is in the middle of their logarithms
 * rather than of themselves: so on a grid, and of what is drawn at random. */
static bool is_geometric(const double *x, size_t n)
{
	double low = x[0], high = x[n - 1], middle = x[n / 2];

	if (n % 2 == 0)
		middle = 0.5 * (x[n / 2 - 1] + middle);
	return low > 0.0 && high >= LEAST_FACTOR * low &&
	       fabs(log(middle / low) / log(high / low) - 0.5) <
		       fabs((middle - low) / (high - low) - 0.5);
}

static enum status nothing_there(const struct sheet *s, size_t column,
				 struct diag *d)
{
	return diag_fail(d, STATUS_INVALID, "%.200s: column %s is empty in "
			 "every row that is to be shown", sheet_source(s),
			 sheet_name(s, column));
}

enum status chart_check_numbers(const struct sheet *s, size_t column,
				const char *option, struct diag *d)
{
	bool empty = true;

	for (size_t i = 0; i < sheet_rows(s); i++)
		empty = empty && sheet_text(s, column, i)[0] == '\0';
	if (empty)
		return nothing_there(s, column, d);
	if (!sheet_is_number(s, column))
		return diag_fail(d, STATUS_USAGE, "%s %s: found texts, "
				 "expected numbers; 'plot map' shows kinds",
				 option, sheet_name(s, column));
	return sheet_check(s, column, CHART_MOST, true, d);
}

enum status chart_axis_make(const struct sheet *s, size_t column,
			    struct chart_axis *out, struct diag *d)
{
	struct chart_axis a = { .column = column,
				.is_text = !sheet_is_number(s, column) };
	size_t rows = sheet_rows(s);

	if (!a.is_text) {
		enum status st = sheet_check(s, column, CHART_MOST, true, d);

		if (st != STATUS_OK)
			return st;
	}
	chart_title(sheet_name(s, column), chart_most(s, column), a.title,
		    &a.scale);
	a.place = xcalloc(rows, sizeof *a.place);
	for (size_t i = 0; i < rows; i++) {
		double p = chart_position(s, &a, i);

		if (!isnan(p))
			a.place[a.n++] = p;
	}
	if (a.n == 0) {
		free(a.place);
		return nothing_there(s, column, d);
	}
	qsort(a.place, a.n, sizeof *a.place, rising);
	a.log = !a.is_text && is_geometric(a.place, a.n);
	a.n = drop_twins(a.place, a.n);
	for (size_t i = 0; i < a.n && a.log; i++)
		a.place[i] = log10(a.place[i]);
	*out = a;
	return STATUS_OK;
}

void chart_axis_clear(struct chart_axis *a)
{
	free(a->place);
	*a = (struct chart_axis){ .n = 0 };
}

double chart_position(const struct sheet *s, const struct chart_axis *a,
		      size_t row)
{
	double x;

	if (a->is_text)
		return sheet_text(s, a->column, row)[0] == '\0' ? NAN
			: (double)sheet_index(s, a->column, row);
	x = a->scale * sheet_number(s, a->column, row);
	return a->log ? log10(x) : x;
}

size_t chart_place(const struct chart_axis *a, double position)
{
	size_t low = 0, high = a->n;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (a->place[middle] <= position)
			low = middle;
		else
			high = middle;
	}
	return low;
}

double chart_step(double range, size_t n)
{
	double least = range / (double)n, power;

	assert(range > 0.0 && n > 0);
	power = pow(10.0, floor(log10(least)));
	if (least <= power * (1.0 + 1e-9))
		return power;
	if (least <= 2.0 * power)
		return 2.0 * power;
	return least <= 5.0 * power ? 5.0 * power : 10.0 * power;
}

/* ---- tics ---- */

enum { MOST_TICS = 9 };

/* From 10 000 on with spaces between thousands, as plots/style.gp. */
static void write_whole(double size, FILE *out)
{
	char digits[16];
	size_t n = (size_t)snprintf(digits, sizeof digits, "%.0f", size);

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && n > 4 && (n - i) % 3 == 0)
			putc(' ', out);
		putc(digits[i], out);
	}
}

/* Whole numbers below this are written as such. */
#define MOST_WHOLE 1e9

static void write_tic(double size, double position, size_t *n, FILE *out)
{
	double most = fabs(size), whole = round(most);

	fprintf(out, "%s\"%s", (*n)++ > 0 ? ", " : "",
		size < 0.0 ? "\342\210\222" : "");	/* a true minus */
	/* a power of ten of a logarithm may be a little beside it */
	if (whole < MOST_WHOLE && fabs(most - whole) <= 1e-9 * most)
		write_whole(whole, out);
	else
		fprintf(out, "%.4g", most);
	fprintf(out, "\" %.9g", position);
}

/* At 1, 2, 5, 10, ...; at powers of ten alone where that is enough. */
static void write_log_tics(double low, double high, FILE *out)
{
	static const double all[] = { 1.0, 2.0, 5.0 };
	size_t n = 0, per_decade = high - low > 3.0 ? 1 : 3;

	for (double e = floor(low); e <= high; e += 1.0)
		for (size_t i = 0; i < per_decade; i++) {
			double size = all[i] * pow(10.0, e);

			if (log10(size) >= low - 1e-9 &&
			    log10(size) <= high + 1e-9)
				write_tic(size, log10(size), &n, out);
		}
}

static void write_number_tics(const struct chart_axis *a, FILE *out)
{
	double low = a->place[0], high = a->place[a->n - 1], step;
	size_t n = 0;

	if (a->n <= MOST_TICS) {
		for (size_t i = 0; i < a->n; i++)
			write_tic(a->log ? pow(10.0, a->place[i])
					 : a->place[i], a->place[i], &n, out);
		return;
	}
	if (a->log) {
		write_log_tics(low, high, out);
		return;
	}
	step = chart_step(high - low, MOST_TICS - 2);
	for (double i = ceil(low / step - 1e-9); i * step <= high * (1.0 +
	     1e-9); i += 1.0)
		write_tic(i * step, i * step, &n, out);
}

void chart_write_axis(const struct sheet *s, const struct chart_axis *a,
		      char letter, double low_pad, double high_pad, FILE *out)
{
	char name[] = "?TITLE", upper = (char)(letter - 'a' + 'A');
	double low = a->place[0], high = a->place[a->n - 1];
	double range = high > low ? high - low : 1.0;

	name[0] = upper;
	gnuplot_assign(out, name, a->title);
	fprintf(out, "%cLOW = %.9g\n%cHIGH = %.9g\n", upper,
		low - low_pad * range, upper, high + high_pad * range);
	fprintf(out, "set %ctics (", letter);
	if (a->is_text)
		for (size_t i = 0; i < a->n; i++) {
			fputs(i > 0 ? ", " : "", out);
			gnuplot_write_tic(sheet_value(s, a->column,
						      (size_t)a->place[i]),
					  out);
			fprintf(out, " %.9g", a->place[i]);
		}
	else
		write_number_tics(a, out);
	fputs(")\n", out);
}

/* ---- which columns, which rows ---- */

static bool is_among(size_t column, const size_t *used, size_t nused)
{
	for (size_t i = 0; i < nused; i++)
		if (used[i] == column)
			return true;
	return false;
}

enum status chart_input(const struct sheet *s, const char *option,
			bool number, const size_t *used, size_t nused,
			size_t *column, struct diag *d)
{
	for (size_t i = 0; i < sheet_columns(s); i++)
		if (sheet_varies(s, i) && !is_among(i, used, nused) &&
		    (!number || sheet_is_number(s, i))) {
			*column = i;
			return STATUS_OK;
		}
	return diag_fail(d, STATUS_USAGE, "%s: %.200s has no further input "
			 "that varies%s: name a column", option,
			 sheet_source(s), number ? " and is a number" : "");
}

enum { MOST_LISTED = 6 };

enum status chart_ambiguous(const struct sheet *s, const size_t *used,
			    size_t nused, struct diag *d)
{
	for (size_t i = 0; i < sheet_columns(s); i++) {
		char list[240] = "";
		size_t n = sheet_distinct(s, i);

		if (!sheet_varies(s, i) || is_among(i, used, nused))
			continue;
		for (size_t k = 0; k < n && k < MOST_LISTED; k++)
			snprintf(list + strlen(list),
				 sizeof list - strlen(list), "%s%.30s",
				 k > 0 ? ", " : "", sheet_value(s, i, k));
		return diag_fail(d, STATUS_USAGE,
				 "%.150s: several rows are the same point: "
				 "choose with --where %s=VALUE, one of %s%s",
				 sheet_source(s), sheet_name(s, i), list,
				 n > MOST_LISTED ? ", ..." : "");
	}
	return diag_fail(d, STATUS_USAGE, "%.200s: several rows are the same "
			 "point, and no other input differs",
			 sheet_source(s));
}

void chart_write_head(const struct sheet *s, const char *title, FILE *out)
{
	const char *file = file_name(sheet_source(s));
	char *which = sheet_describe(s), text[400];

	gnuplot_assign(out, "TITLE", title);
	snprintf(text, sizeof text, "%.120s: %s%s%zu point%s", file, which,
		 which[0] != '\0' ? ", " : "", sheet_rows(s),
		 sheet_rows(s) == 1 ? "" : "s");
	gnuplot_assign(out, "SUBTITLE", text);
	free(which);
}
