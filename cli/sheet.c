/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sheet.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/value_set.h"
#include "cli/where.h"
#include "model/hardware.h"
#include "sweep/columns.h"
#include "sweep/name.h"

struct column {
	char *name;
	bool input, kept;
	struct value_set values;
	uint32_t *row;			/* of each row, if it is kept: which */
	struct where where;
};

struct sheet {
	struct csv *csv;
	char *source;
	struct column *columns;
	size_t n, rows, room;
	size_t *line;			/* of each row, in the file */
};

enum quantity sheet_quantity(const char *name)
{
	enum quantity quantity;
	size_t n;
	const struct figure *fields = hardware_fields(&n);

	if (sweep_columns_find(name, &quantity))
		return quantity;
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].path, name) == 0)
			return fields[i].quantity;
	return QUANTITY_NUMBER;
}

/* ---- the header ---- */

static size_t find(const struct sheet *s, const char *name)
{
	size_t i = 0;

	while (i < s->n && strcmp(s->columns[i].name, name) != 0)
		i++;
	return i;
}

bool sheet_has(const struct sheet *s, const char *name)
{
	return find(s, name) < s->n;
}

static enum status no_column(const struct sheet *s, const char *option,
			     const char *name, struct diag *d)
{
	const char **names = xcalloc(s->n, sizeof *names), *near;

	for (size_t i = 0; i < s->n; i++)
		names[i] = s->columns[i].name;
	near = nearest_name(name, names, s->n);
	diag_fail(d, STATUS_USAGE, "%s: %.200s has no column '%.60s'%s%s",
		  option, s->source, name, near ? ", the nearest is " : "",
		  near ? near : "");
	free(names);
	return STATUS_USAGE;
}

enum status sheet_want(struct sheet *s, const char *option, const char *name,
		       size_t *column, struct diag *d)
{
	size_t i = find(s, name);

	if (i == s->n)
		return no_column(s, option, name, d);
	s->columns[i].kept = true;
	*column = i;
	return STATUS_OK;
}

static bool is_output(const char *name)
{
	enum quantity unused;

	return sweep_columns_find(name, &unused);
}

static bool can_be_varied(const char *name)
{
	struct sweep_name unused;
	struct diag d;

	return sweep_name_find(name, &unused, &d) == STATUS_OK;
}

/*
 * Inputs stand before outputs, and there is one at least.  What can be either
 * is an input before another one and else an output, but for the policy.
 */
static void guess_inputs(struct sheet *s)
{
	size_t first = strcmp(s->columns[0].name, "point") == 0, end = first;

	for (size_t i = first; i < s->n; i++) {
		const char *name = s->columns[i].name;

		if (is_output(name) && !can_be_varied(name))
			break;
		if (!is_output(name) || i == first ||
		    strcmp(name, "policy") == 0)
			end = i + 1;
	}
	for (size_t i = first; i < end; i++)
		s->columns[i].input = s->columns[i].kept = true;
}

static enum status read_header(struct sheet *s, struct diag *d)
{
	bool more;
	enum status st = csv_next(s->csv, &more, d);

	if (st != STATUS_OK)
		return diag_prefix(d, st, "%s", s->source);
	if (!more)
		return diag_fail(d, STATUS_INVALID, "%s: found nothing, "
				 "expected a CSV file", s->source);
	s->columns = xcalloc(csv_count(s->csv), sizeof *s->columns);
	for (size_t i = 0; i < csv_count(s->csv); i++) {
		struct column *c = &s->columns[i];
		const char *name = csv_field(s->csv, i);

		if (find(s, name) < s->n)
			return diag_fail(d, STATUS_INVALID,
					 "%s: column '%.60s' is there twice",
					 s->source, name);
		c->name = xstrdup(name);
		text_clean(c->name);
		s->n++;
	}
	guess_inputs(s);
	return STATUS_OK;
}

void sheet_set_inputs(struct sheet *s, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!sheet_has(s, names[i]))
			return;
	for (size_t i = 0; i < s->n; i++)
		s->columns[i].input = s->columns[i].kept = false;
	for (size_t i = 0; i < n; i++) {
		struct column *c = &s->columns[find(s, names[i])];

		c->input = c->kept = true;
	}
}

static enum status add_where(struct sheet *s, const char *text,
			     struct diag *d)
{
	const char *value = strchr(text, '=');
	char name[256];
	size_t i;

	if (value == NULL || value == text ||
	    (size_t)(value - text) >= sizeof name)
		return diag_fail(d, STATUS_USAGE, "--where: found '%.60s', "
				 "expected COLUMN=VALUE", text);
	snprintf(name, sizeof name, "%.*s", (int)(value - text), text);
	i = find(s, name);
	if (i == s->n)
		return no_column(s, "--where", name, d);
	if (s->columns[i].where.value != NULL)
		return diag_fail(d, STATUS_USAGE, "--where: %s is there "
				 "twice", name);
	s->columns[i].where.value = value + 1;
	return STATUS_OK;
}

enum status sheet_open(FILE *in, const char *source,
		       const char *const *where, size_t n,
		       struct sheet **out, struct diag *d)
{
	struct sheet *s = xcalloc(1, sizeof *s);
	enum status st;

	s->csv = csv_new(in);
	s->source = xstrdup(source);
	st = read_header(s, d);
	for (size_t i = 0; i < n && st == STATUS_OK; i++)
		st = add_where(s, where[i], d);
	if (st == STATUS_OK)
		*out = s;
	else
		sheet_free(s);
	return st;
}

void sheet_free(struct sheet *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++) {
		struct column *c = &s->columns[i];

		value_set_clear(&c->values);
		where_clear(&c->where);
		free(c->row);
		free(c->name);
	}
	free(s->columns);
	free(s->line);
	free(s->source);
	csv_free(s->csv);
	free(s);
}

/* ---- the rows ---- */

static bool let_through(struct sheet *s)
{
	bool through = true;

	for (size_t i = 0; i < s->n; i++) {
		struct column *c = &s->columns[i];

		/* all are asked: each notes what there is */
		if (c->where.value != NULL &&
		    !where_lets(&c->where, csv_field(s->csv, i),
				sheet_quantity(c->name)))
			through = false;
	}
	return through;
}

static void keep_row(struct sheet *s)
{
	bool grow = s->rows == s->room;

	if (grow) {
		s->room = s->room ? 2 * s->room : 256;
		s->line = xrealloc_array(s->line, s->room, sizeof *s->line);
	}
	s->line[s->rows] = csv_line(s->csv);
	for (size_t i = 0; i < s->n; i++) {
		struct column *c = &s->columns[i];

		if (!c->kept)
			continue;
		if (grow)
			c->row = xrealloc_array(c->row, s->room,
						sizeof *c->row);
		c->row[s->rows] = value_set_add(&c->values,
						csv_field(s->csv, i));
	}
	s->rows++;
}

static enum status nothing_met(const struct sheet *s, struct diag *d)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct column *c = &s->columns[i];
		char list[WHERE_LIST];

		if (c->where.value == NULL || c->where.met)
			continue;
		where_list(&c->where, list);
		return diag_fail(d, STATUS_USAGE, "--where %s=%.40s: no row "
				 "of %.100s; there is %s", c->name,
				 c->where.value, s->source, list);
	}
	return diag_fail(d, STATUS_USAGE, "--where: no row of %.200s meets "
			 "all of them together", s->source);
}

enum status sheet_read(struct sheet *s, struct diag *d)
{
	size_t all = 0;
	bool more;

	for (;;) {
		enum status st = csv_next(s->csv, &more, d);

		if (st != STATUS_OK)
			return diag_prefix(d, st, "%s", s->source);
		if (!more)
			break;
		all++;
		if (let_through(s))
			keep_row(s);
	}
	if (all == 0)
		return diag_fail(d, STATUS_INVALID, "%s: there are no rows",
				 s->source);
	return s->rows > 0 ? STATUS_OK : nothing_met(s, d);
}

/* ---- what is there ---- */

const char *sheet_source(const struct sheet *s)
{
	return s->source;
}

size_t sheet_columns(const struct sheet *s)
{
	return s->n;
}

size_t sheet_rows(const struct sheet *s)
{
	return s->rows;
}

const char *sheet_name(const struct sheet *s, size_t column)
{
	return s->columns[column].name;
}

bool sheet_varies(const struct sheet *s, size_t column)
{
	const struct column *c = &s->columns[column];
	size_t n = 0;

	/* a policy that is an output is empty where the point failed */
	for (size_t i = 0; i < c->values.n && n < 2; i++)
		n += c->values.text[i][0] != '\0';
	return c->input && c->where.value == NULL && n > 1;
}

bool sheet_is_number(const struct sheet *s, size_t column)
{
	const struct column *c = &s->columns[column];
	bool some = false;

	for (size_t i = 0; i < c->values.n; i++) {
		if (isnan(c->values.number[i]) && c->values.text[i][0] != '\0')
			return false;
		some = some || !isnan(c->values.number[i]);
	}
	return some;
}

size_t sheet_index(const struct sheet *s, size_t column, size_t row)
{
	const struct column *c = &s->columns[column];

	assert(c->kept && row < s->rows);
	return c->row[row];
}

size_t sheet_distinct(const struct sheet *s, size_t column)
{
	return s->columns[column].values.n;
}

const char *sheet_value(const struct sheet *s, size_t column, size_t i)
{
	return s->columns[column].values.text[i];
}

double sheet_number(const struct sheet *s, size_t column, size_t row)
{
	return s->columns[column].values.number[sheet_index(s, column, row)];
}

const char *sheet_text(const struct sheet *s, size_t column, size_t row)
{
	return s->columns[column].values.text[sheet_index(s, column, row)];
}

enum status sheet_check(const struct sheet *s, size_t column, double most,
			bool may_be_empty, struct diag *d)
{
	for (size_t r = 0; r < s->rows; r++) {
		const char *text = sheet_text(s, column, r);

		if (fabs(sheet_number(s, column, r)) <= most ||
		    (may_be_empty && text[0] == '\0'))
			continue;
		return diag_fail(d, STATUS_INVALID, "%.200s: line %zu, column "
				 "%s: found '%.40s', expected a number of at "
				 "most %g in size", s->source, s->line[r],
				 sheet_name(s, column), text, most);
	}
	return STATUS_OK;
}

char *sheet_describe(const struct sheet *s)
{
	char *text;
	size_t size, n = 0;
	FILE *out = xmemstream(&text, &size);

	for (size_t i = 0; i < s->n; i++)
		if (s->columns[i].where.value != NULL)
			fprintf(out, "%s%s %s", n++ ? ", " : "",
				s->columns[i].name, s->columns[i].where.value);
	xmemstream_close(out);
	return text;
}
