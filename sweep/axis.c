/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/axis.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum { MOST_VALUES = 1000000 };

void sweep_axis_clear(struct sweep_axis *a)
{
	for (size_t i = 0; i < a->n * a->nnames; i++)
		free((char *)a->values[i].text);
	free(a->values);
	*a = (struct sweep_axis){ 0 };
}

/* A number as it is printed, and the number that this is. */
static double print_number(double number, bool whole,
			   char text[SWEEP_VALUE_SIZE])
{
	if (whole)
		snprintf(text, SWEEP_VALUE_SIZE, "%.0f", number);
	else
		snprintf(text, SWEEP_VALUE_SIZE, "%.12g", number);
	return strtod(text, NULL);
}

static enum status parse_number(const struct sweep_name *n, const char *text,
				double *out, struct diag *d)
{
	enum status s = quantity_parse(text, n->quantity, out, d);
	char least[QUANTITY_SIZE], most[QUANTITY_SIZE];

	if (n->whole && (s != STATUS_OK || *out != floor(*out) ||
			 *out < 0.0 || *out > 1e15))
		return diag_fail(d, STATUS_USAGE,
				 "found '%.40s', expected a whole number",
				 text);
	if (s != STATUS_OK)
		return s;
	if (n->figure == NULL ||
	    (*out >= n->figure->min && *out <= n->figure->max))
		return STATUS_OK;
	quantity_format(n->figure->min, n->quantity, least);
	quantity_format(n->figure->max, n->quantity, most);
	return diag_fail(d, STATUS_USAGE, "found %.40s, expected %s to %s",
			 text, least, most);
}

/* Whether the option of a case would take it. */
static enum status try_option(const struct sweep_name *n, const char *text,
			      struct diag *d)
{
	struct case_request r = request_new();
	enum status s = request_option(&r, n->option, text, d);

	request_clear(&r);
	return s;
}

static enum status make_value(const struct sweep_name *n, const char *text,
			      struct sweep_value *out, struct diag *d)
{
	char printed[SWEEP_VALUE_SIZE];
	struct sweep_value v = { .number = NAN };
	enum status s = STATUS_OK;

	if (text[0] == '\0')
		return diag_fail(d, STATUS_USAGE, "%s: found '', "
				 "expected a value", n->text);
	if (n->numeric && !(n->kind == SWEEP_FIELD &&
			    (strcmp(text, "true") == 0 ||
			     strcmp(text, "false") == 0))) {
		s = parse_number(n, text, &v.number, d);
		if (s == STATUS_OK)
			v.number = print_number(v.number, n->whole, printed);
	}
	if (s == STATUS_OK && n->kind == SWEEP_OPTION)
		s = try_option(n, n->numeric ? printed : text, d);
	if (s != STATUS_OK)
		return diag_prefix(d, STATUS_USAGE, "%s", n->text);
	v.text = xstrdup(isnan(v.number) ? text : printed);
	*out = v;
	return STATUS_OK;
}

static struct sweep_value *add_values(struct sweep_axis *a)
{
	size_t old = a->n * a->nnames;

	a->values = xrealloc_array(a->values, old + a->nnames,
				   sizeof *a->values);
	for (size_t i = 0; i < a->nnames; i++)
		a->values[old + i] = (struct sweep_value){ .text = NULL };
	a->n++;
	return a->values + old;
}

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == c;
	return n;
}

/* "V" for all names, or "V:V" with one for each. */
static enum status add_item(struct sweep_axis *a, char *item, struct diag *d)
{
	struct sweep_value *to = add_values(a);
	size_t parts = a->nnames > 1 ? count(item, ':') + 1 : 1;
	enum status s = STATUS_OK;

	if (parts != 1 && parts != a->nnames)
		return diag_fail(d, STATUS_USAGE, "%s: found '%.60s', "
				 "expected %zu values separated by ':'",
				 a->names[0].text, item, a->nnames);
	for (size_t i = 0; i < a->nnames && s == STATUS_OK; i++)
		s = make_value(&a->names[i],
			       parts > 1 ? strsep(&item, ":") : item, &to[i],
			       d);
	return s;
}

/* One value of each name. */
struct item {
	const struct sweep_value *values;
	size_t n;
};

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = 0;

	for (size_t i = 0; i < x->n && order == 0; i++)
		order = strcmp(x->values[i].text, y->values[i].text);
	return order;
}

/* A point that is there twice is a mistake, not a question. */
static enum status refuse_repeated(const struct sweep_axis *a, struct diag *d)
{
	struct item *items = xcalloc(a->n, sizeof *items), *twice = NULL;
	char text[SWEEP_MOST_PAIRED * SWEEP_VALUE_SIZE] = "";
	char names[SWEEP_MOST_PAIRED * sizeof a->names[0].text] = "";

	for (size_t i = 0; i < a->n; i++)
		items[i] = (struct item){ a->values + i * a->nnames,
					  a->nnames };
	qsort(items, a->n, sizeof *items, compare_items);
	for (size_t i = 1; i < a->n && twice == NULL; i++)
		if (compare_items(&items[i - 1], &items[i]) == 0)
			twice = &items[i];
	for (size_t i = 0; twice != NULL && i < a->nnames; i++) {
		size_t n = strlen(text), k = strlen(names);

		snprintf(text + n, sizeof text - n, "%s%.60s",
			 i > 0 ? ":" : "", twice->values[i].text);
		snprintf(names + k, sizeof names - k, "%s%s", i > 0 ? "+" : "",
			 a->names[i].text);
	}
	free(items);
	if (text[0] == '\0')
		return STATUS_OK;
	return diag_fail(d, STATUS_USAGE, "%s: found %s twice, expected each "
			 "value once", names, text);
}

static enum status parse_list(struct sweep_axis *a, char *text,
			      struct diag *d)
{
	char *item;

	while ((item = strsep(&text, ",")) != NULL) {
		enum status s = add_item(a, item, d);

		if (s != STATUS_OK)
			return s;
		if (a->n > MOST_VALUES)
			return diag_fail(d, STATUS_USAGE, "%s: expected at "
					 "most %d values", a->names[0].text,
					 MOST_VALUES);
	}
	return refuse_repeated(a, d);
}

/* The value at the share `u` of the range's way. */
static double on_the_way(const struct sweep_axis *a, double u)
{
	if (a->logarithmic)
		return a->low * pow(a->high / a->low, u);
	return a->low + (a->high - a->low) * u;
}

static enum status add_range(struct sweep_axis *a, size_t n, struct diag *d)
{
	char text[SWEEP_VALUE_SIZE], before[SWEEP_VALUE_SIZE] = "";

	for (size_t i = 0; i < n; i++) {
		double u = n > 1 ? (double)i / (double)(n - 1) : 0.0;
		double value = i + 1 == n && n > 1 ? a->high
						   : on_the_way(a, u);
		struct sweep_value *to;

		print_number(value, a->names[0].whole, text);
		if (strcmp(text, before) == 0)
			continue;
		memcpy(before, text, sizeof before);
		to = add_values(a);
		for (size_t k = 0; k < a->nnames; k++) {
			enum status s = make_value(&a->names[k], text, &to[k],
						   d);

			if (s != STATUS_OK)
				return s;
		}
	}
	return STATUS_OK;
}

/* "linN", "logN", or "lin" and "log" with N = 0. */
static bool parse_spacing(const char *text, bool *logarithmic, size_t *n)
{
	char *end;

	if (strncmp(text, "lin", 3) != 0 && strncmp(text, "log", 3) != 0)
		return false;
	*logarithmic = text[1] == 'o';
	*n = 0;
	if (text[3] == '\0')
		return true;
	errno = 0;
	*n = strtoul(text + 3, &end, 10);
	return text[3] >= '1' && text[3] <= '9' && *end == '\0' &&
	       errno == 0 && *n <= MOST_VALUES;
}

static enum status parse_range(struct sweep_axis *a, char *text, size_t n,
			       struct diag *d)
{
	char *high = strchr(text, ':') + 1;
	enum status s;

	high[-1] = '\0';
	for (size_t i = 0; i < a->nnames; i++) {
		if (!a->names[i].numeric)
			return diag_fail(d, STATUS_USAGE, "%s: found a range, "
					 "expected words", a->names[i].text);
		s = parse_number(&a->names[i], text, &a->low, d);
		if (s == STATUS_OK)
			s = parse_number(&a->names[i], high, &a->high, d);
		if (s != STATUS_OK)
			return diag_prefix(d, STATUS_USAGE, "%s",
					   a->names[i].text);
	}
	if (!(a->low <= a->high) || (a->logarithmic && a->low <= 0.0))
		return diag_fail(d, STATUS_USAGE, "%s: found '%.40s:%.40s', "
				 "expected a range that rises%s",
				 a->names[0].text, text, high,
				 a->logarithmic ? " from above 0" : "");
	a->ranges = true;
	return add_range(a, n, d);
}

/* A range has two or three parts of which the last says how it is spaced. */
static enum status parse_values(struct sweep_axis *a, char *text,
				struct diag *d)
{
	char *last = strrchr(text, ':');
	size_t n = 0;

	if (last == NULL || strchr(text, ',') != NULL)
		return parse_list(a, text, d);
	if (parse_spacing(last + 1, &a->logarithmic, &n)) {
		*last = '\0';
		if (strchr(text, ':') != NULL)
			return parse_range(a, text, n, d);
		return diag_fail(d, STATUS_USAGE, "%s: found '%.60s', "
				 "expected LOW:HIGH:%s", a->names[0].text,
				 text, last + 1);
	}
	if (a->nnames == 1 && a->names[0].numeric &&
	    strchr(text, ':') == last)
		return parse_range(a, text, 0, d);
	if (a->nnames == 1 && a->names[0].numeric)
		return diag_fail(d, STATUS_USAGE, "%s: found '%.40s' after "
				 "the range, expected linN or logN, N at most "
				 "%d", a->names[0].text, last + 1,
				 MOST_VALUES);
	return parse_list(a, text, d);
}

static enum status parse_names(struct sweep_axis *a, char *text,
			       struct diag *d)
{
	char *name;

	while ((name = strsep(&text, "+")) != NULL) {
		enum status s;

		if (a->nnames == SWEEP_MOST_PAIRED)
			return diag_fail(d, STATUS_USAGE, "found '%.40s', "
					 "expected at most %d names joined "
					 "by '+'", name, SWEEP_MOST_PAIRED);
		s = sweep_name_find(name, &a->names[a->nnames], d);
		if (s != STATUS_OK)
			return s;
		a->nnames++;
	}
	return STATUS_OK;
}

enum status sweep_axis_parse(const char *text, struct sweep_axis *out,
			     struct diag *d)
{
	struct sweep_axis a = { .ranges = false };
	char *copy = xstrdup(text), *values = strchr(copy, '=');
	enum status s;

	if (values == NULL || values == copy || values[1] == '\0') {
		free(copy);
		return diag_fail(d, STATUS_USAGE, "found '%.60s', expected "
				 "NAME=VALUES, such as batch=1,2,4 or "
				 "prompt=128:4096:log6", text);
	}
	*values++ = '\0';
	s = parse_names(&a, copy, d);
	if (s == STATUS_OK)
		s = parse_values(&a, values, d);
	free(copy);
	if (s != STATUS_OK)
		sweep_axis_clear(&a);
	else
		*out = a;
	return s;
}

void sweep_axis_between(const struct sweep_axis *a, double u,
			char text[SWEEP_VALUE_SIZE], struct sweep_value *out)
{
	bool whole = a->names[0].whole;
	double value;

	if (whole && !a->logarithmic)
		value = floor(a->low + (a->high - a->low + 1.0) * u);
	else
		value = on_the_way(a, u);
	out->number = print_number(value, whole, text);
	out->text = text;
	out->index = 0;
}
