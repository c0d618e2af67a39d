/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/row.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/digits.h"
#include "base/xalloc.h"

#define JSON_START "{\"point\":"

/* Room for `more` bytes and a NUL. */
static char *reserve(struct sweep_text *t, size_t more)
{
	if (t->room - t->length <= more) {
		t->room = 2 * (t->length + more) + 4096;
		t->text = xrealloc_array(t->text, t->room, 1);
	}
	return t->text + t->length;
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

void sweep_row_header(const struct sweep *s, struct sweep_text *to)
{
	if (s->format != SWEEP_CSV)
		return;
	add(to, "point");
	for (size_t i = 0; i < sweep_space_names(&s->space); i++) {
		add(to, ",");
		add_csv_text(to, sweep_space_name(&s->space, i)->text);
	}
	for (size_t i = 0; i < s->columns.n; i++) {
		add(to, ",");
		add(to, s->columns.list[i].name);
	}
	add(to, ",error\n");
}

static void add_inputs(const struct sweep *s, struct sweep_worker *w,
		       uint64_t index, struct sweep_text *to)
{
	const struct sweep_value *v = sweep_worker_inputs(w, index);
	size_t n = sweep_space_names(&s->space);

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

	to->length += (size_t)snprintf(reserve(to, 40), 40, "%s%" PRIu64,
				       csv ? "" : JSON_START, index);
	add_inputs(s, w, index, to);
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

bool sweep_row_point(enum sweep_format format, const char *line,
		     size_t length, uint64_t *point)
{
	size_t at = format == SWEEP_CSV ? 0 : strlen(JSON_START), digits = 0;
	uint64_t n = 0;

	if (length < at ||
	    (at > 0 && memcmp(line, JSON_START, at) != 0))
		return false;
	for (; at < length && line[at] >= '0' && line[at] <= '9' &&
	       digits < 16; at++, digits++)
		n = 10 * n + (uint64_t)(line[at] - '0');
	if (digits == 0 || at == length || line[at] != ',' ||
	    (format != SWEEP_CSV && line[length - 1] != '}'))
		return false;
	*point = n;
	return true;
}
