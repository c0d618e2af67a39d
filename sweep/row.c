/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/row.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/digits.h"
#include "base/xalloc.h"

/* Room for `more` bytes and a NUL. */
static char *reserve(struct sweep_text *t, size_t more)
{
	if (t->room - t->length <= more) {
		t->room = 2 * (t->length + more) + 4096;
		t->text = xrealloc_array(t->text, t->room, 1);
	}
	return t->text + t->length;
}

void sweep_row_end(struct sweep_text *t)
{
	*reserve(t, 0) = '\0';
}

static void add(struct sweep_text *t, const char *text)
{
	size_t n = strlen(text);

	memcpy(reserve(t, n), text, n);
	t->length += n;
}

static void add_number(struct sweep_text *t, double number)
{
	t->length += digits_format(number, reserve(t, DIGITS_SIZE));
}

static void add_csv_text(struct sweep_text *t, const char *text)
{
	t->length += csv_quote(text, reserve(t, 2 * strlen(text) + 2));
}

/* Texts are one clean line (text_clean()), so two characters alone matter. */
static void add_json_text(struct sweep_text *t, const char *text)
{
	add(t, "\"");
	for (; *text != '\0'; text++) {
		char *to = reserve(t, 2);

		if (*text == '"' || *text == '\\') {
			*to++ = '\\';
			t->length++;
		}
		*to = *text;
		t->length++;
	}
	add(t, "\"");
}

/* One member, after the first; text NULL and number NAN: nothing. */
static void add_cell(const struct sweep *s, struct sweep_text *t,
		     const char *name, const char *text, double number)
{
	bool csv = s->format == SWEEP_CSV;

	add(t, ",");
	if (!csv) {
		add_json_text(t, name);
		add(t, ":");
	}
	if (text != NULL && csv)
		add_csv_text(t, text);
	else if (text != NULL)
		add_json_text(t, text);
	else if (isfinite(number))
		add_number(t, number);
	else if (!csv)
		add(t, "null");
}

/* `key` NULL: false. */
static bool add_key(struct sweep_shape *s, const char *key)
{
	s->keys = xrealloc_array(s->keys, s->n + 1, sizeof *s->keys);
	s->keys[s->n++] = key;
	return key != NULL;
}

/* The texts of `list`, which may be NULL; false if one is none. */
static bool add_keys(struct sweep_shape *s, const cJSON *list)
{
	bool all = true;

	for (const cJSON *name = list != NULL ? list->child : NULL;
	     name != NULL; name = name->next)
		all &= add_key(s, cJSON_GetStringValue(name));
	return all;
}

bool sweep_row_shape(const cJSON *identity, struct sweep_shape *out)
{
	const cJSON *vary = cJSON_GetObjectItemCaseSensitive(identity, "vary");
	const cJSON *columns = cJSON_GetObjectItemCaseSensitive(identity,
								"columns");
	const char *format = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(identity, "format"));
	struct sweep_shape s = { .format = SWEEP_JSON_LINES };
	const cJSON *axis;
	bool whole = format != NULL && cJSON_IsArray(vary) &&
		     cJSON_IsArray(columns);

	if (format != NULL && strcmp(format, "csv") == 0)
		s.format = SWEEP_CSV;
	add_key(&s, "point");
	for (axis = whole ? vary->child : NULL; axis != NULL;
	     axis = axis->next)
		whole &= add_keys(&s, cJSON_GetObjectItemCaseSensitive(
					      axis, "names"));
	s.first_output = s.n;
	whole = whole && add_keys(&s, columns);
	add_key(&s, "error");
	if (whole)
		*out = s;
	else
		sweep_row_clear_shape(&s);
	return whole;
}

void sweep_row_clear_shape(struct sweep_shape *shape)
{
	free(shape->keys);
	*shape = (struct sweep_shape){ .n = 0 };
}

void sweep_row_header(const struct sweep_shape *shape, struct sweep_text *to)
{
	for (size_t i = 0; shape->format == SWEEP_CSV && i < shape->n; i++) {
		if (i > 0)
			add(to, ",");
		add_csv_text(to, shape->keys[i]);
	}
	if (shape->format == SWEEP_CSV)
		add(to, "\n");
	sweep_row_end(to);
}

void sweep_row_point(enum sweep_format format, uint64_t index,
		     struct sweep_text *to)
{
	to->length += (size_t)snprintf(reserve(to, 40), 40, "%s%" PRIu64,
				       format == SWEEP_CSV ? ""
							   : "{\"point\":",
				       index);
}

void sweep_row_begin(const struct sweep *s, struct sweep_worker *w,
		     uint64_t index, struct sweep_text *to)
{
	const struct sweep_value *v = sweep_worker_inputs(w, index);
	size_t n = sweep_space_names(&s->space);

	sweep_row_point(s->format, index, to);
	for (size_t i = 0; i < n; i++) {
		const char *name = sweep_space_name(&s->space, i)->text;

		/* a number is printed as it was rounded */
		if (s->format == SWEEP_CSV || isnan(v[i].number)) {
			add_cell(s, to, name, v[i].text, NAN);
			continue;
		}
		add_cell(s, to, name, NULL, NAN);
		to->length -= strlen("null");
		add(to, v[i].text);
	}
}

void sweep_row_add(const struct sweep *s, struct sweep_worker *w,
		   uint64_t index, struct sweep_text *to)
{
	bool csv = s->format == SWEEP_CSV;
	struct sweep_result r;
	struct diag d;
	enum status st;

	sweep_row_begin(s, w, index, to);
	st = sweep_worker_find(w, &r, &d);
	for (size_t i = 0; i < s->columns.n; i++) {
		const struct sweep_column *c = &s->columns.list[i];
		struct sweep_cell cell = { .number = NAN };

		if (st == STATUS_OK)
			cell = sweep_columns_value(c, &r);
		add_cell(s, to, c->name, cell.text, cell.number);
	}
	add_cell(s, to, "error", st == STATUS_OK ? NULL : d.text, NAN);
	add(to, csv ? "\n" : "}\n");
}

/* A value of a row, as it stands there. */
struct field {
	const char *at;
	size_t length;
};

/* Past a text in quotes, in which CSV doubles them and JSON has '\\'. */
static const char *skip_quoted(const char *at, bool csv)
{
	for (at++; *at != '\0' && *at != '"'; at++)
		if (!csv && *at == '\\' && at[1] != '\0')
			at++;
	return *at == '"' ? at + 1 : at;
}

/* Take value `i` from `*at`; false if it is not there. */
static bool take(const struct sweep_shape *shape, size_t i, const char **at,
		 struct field *out)
{
	bool csv = shape->format == SWEEP_CSV;
	const char *p = *at;

	if (i > 0 && *p++ != ',')
		return false;
	if (!csv) {
		size_t length = strlen(shape->keys[i]);

		if (i == 0 && *p++ != '{')
			return false;
		if (*p != '"' || strncmp(p + 1, shape->keys[i], length) != 0 ||
		    strncmp(p + 1 + length, "\":", 2) != 0)
			return false;
		p += length + 3;
	}
	out->at = p;
	while (*p != '\0' && *p != '\n' && *p != ',' && (csv || *p != '}'))
		p = *p == '"' ? skip_quoted(p, csv) : p + 1;
	out->length = (size_t)(p - out->at);
	*at = p;
	return true;
}

static bool is_empty(const struct field *f)
{
	return f->length == 0 ||
	       (f->length == 4 && memcmp(f->at, "null", 4) == 0);
}

static int shown(const struct field *f)
{
	return (int)(f->length < 60 ? f->length : 60);
}

/* A result is empty or what its column has; an error stands alone. */
static enum status check_output(const struct sweep_shape *shape, size_t i,
				const struct field *is, bool *results,
				struct diag *d)
{
	bool is_error = i + 1 == shape->n;
	char *end;

	if (i < shape->first_output || is_empty(is))
		return STATUS_OK;
	if (is_error && *results)
		return diag_fail(d, STATUS_INVALID, "error: found '%.*s' "
				 "beside results, expected either", shown(is),
				 is->at);
	*results = true;
	if (is_error || sweep_columns_is_text(shape->keys[i]) ||
	    (strchr("-0123456789", *is->at) != NULL &&
	     isfinite(strtod(is->at, &end)) && end == is->at + is->length))
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID, "%s: found '%.*s', expected a "
			 "number", shape->keys[i], shown(is), is->at);
}

enum status sweep_row_check(const struct sweep_shape *shape, const char *line,
			    const char *expected, struct diag *d)
{
	const char *at = line;
	struct field is, ought;
	bool results = false;
	enum status st;

	for (size_t i = 0; i < shape->n; i++) {
		if (!take(shape, i, &at, &is))
			return diag_fail(d, STATUS_INVALID, "%s is missing",
					 shape->keys[i]);
		st = check_output(shape, i, &is, &results, d);
		if (st != STATUS_OK)
			return st;
		if (*expected == '\0' || *expected == '}' ||
		    *expected == '\n' || !take(shape, i, &expected, &ought) ||
		    (is.length == ought.length &&
		     memcmp(is.at, ought.at, is.length) == 0))
			continue;
		return diag_fail(d, STATUS_INVALID, "%s: found '%.*s', "
				 "expected '%.*s'", shape->keys[i],
				 shown(&is), is.at, shown(&ought), ought.at);
	}
	if (strcmp(at, shape->format == SWEEP_CSV ? "\n" : "}\n") != 0)
		return diag_fail(d, STATUS_INVALID, "found '%.*s' after its "
				 "last value, expected '%s'",
				 (int)strcspn(at, "\n"), at,
				 shape->format == SWEEP_CSV ? "" : "}");
	return STATUS_OK;
}
