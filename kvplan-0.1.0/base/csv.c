/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csv.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

size_t csv_quote(const char *text, char *out)
{
	char *to = out;

	if (strpbrk(text, ",\"\r\n") == NULL) {
		size_t n = strlen(text);

		memcpy(out, text, n);
		return n;
	}
	*to++ = '"';
	for (; *text != '\0'; text++) {
		if (*text == '"')
			*to++ = '"';
		*to++ = *text;
	}
	*to++ = '"';
	return (size_t)(to - out);
}

struct csv {
	FILE *in;
	char *bytes;			/* of the row, each field ends in NUL */
	size_t used, capacity;
	size_t *start, n, room;		/* of each field in `bytes` */
	size_t expected;		/* fields of the first row; 0 before */
	size_t line, at;		/* of the row; of what is read next */
	int back[2];			/* bytes to read again, last first */
	size_t nback;
};

struct csv *csv_new(FILE *in)
{
	struct csv *c = xcalloc(1, sizeof *c);

	c->in = in;
	c->at = 1;
	return c;
}

void csv_free(struct csv *c)
{
	if (c == NULL)
		return;
	free(c->bytes);
	free(c->start);
	free(c);
}

size_t csv_count(const struct csv *c)
{
	return c->n;
}

const char *csv_field(const struct csv *c, size_t i)
{
	assert(i < c->n);
	return c->bytes + c->start[i];
}

size_t csv_line(const struct csv *c)
{
	return c->line;
}

static enum status add_byte(struct csv *c, int byte, struct diag *d)
{
	if (c->used == CSV_MOST_BYTES)
		return diag_fail(d, STATUS_INVALID,
				 "line %zu: the row has more than %d bytes",
				 c->line, CSV_MOST_BYTES);
	if (c->used == c->capacity) {
		c->capacity = c->capacity ? 2 * c->capacity : 256;
		c->bytes = xrealloc_array(c->bytes, c->capacity, 1);
	}
	c->bytes[c->used++] = (char)byte;
	return STATUS_OK;
}

static enum status begin_field(struct csv *c, struct diag *d)
{
	if (c->n == CSV_MOST_FIELDS)
		return diag_fail(d, STATUS_INVALID,
				 "line %zu: the row has more than %d fields",
				 c->line, CSV_MOST_FIELDS);
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 16;
		c->start = xrealloc_array(c->start, c->room,
					  sizeof *c->start);
	}
	c->start[c->n++] = c->used;
	return STATUS_OK;
}

static int next_byte(struct csv *c)
{
	return c->nback > 0 ? c->back[--c->nback] : getc(c->in);
}

/* Spreadsheets begin a file in UTF-8 with a mark, EF BB BF: skip it. */
static void skip_mark(struct csv *c)
{
	static const int mark[3] = { 0xef, 0xbb, 0xbf };
	int first = getc(c->in);

	if (first != mark[0]) {
		ungetc(first, c->in);
		return;
	}
	c->back[1] = getc(c->in);
	c->back[0] = getc(c->in);
	if (c->back[1] == mark[1] && c->back[0] == mark[2])
		return;
	ungetc(c->back[0], c->in);
	c->back[0] = c->back[1];
	c->back[1] = first;
	c->nback = 2;
}

/* The next byte, "\r\n" as '\n'; EOF at the end. */
static enum status read_byte(struct csv *c, int *byte, struct diag *d)
{
	int ch = next_byte(c);

	if (ch == '\r') {
		ch = next_byte(c);
		if (ch != '\n') {
			c->back[c->nback++] = ch;
			ch = '\r';
		}
	}
	if (ch == EOF && ferror(c->in))
		return diag_fail(d, STATUS_IO, "line %zu: %s", c->at,
				 strerror(errno));
	if (ch == '\0')
		return diag_fail(d, STATUS_INVALID,
				 "line %zu: found a NUL byte, expected text",
				 c->at);
	if (ch == '\n')
		c->at++;
	*byte = ch;
	return STATUS_OK;
}

/* From behind the opening quote; `*end` is what stands after the closing. */
static enum status read_quoted(struct csv *c, int *end, struct diag *d)
{
	size_t line = c->at, field = c->n;
	int ch;
	enum status s;

	for (;;) {
		s = read_byte(c, &ch, d);
		if (s != STATUS_OK)
			return s;
		if (ch == EOF)
			return diag_fail(d, STATUS_INVALID,
					 "line %zu: the quote that opens "
					 "field %zu is never closed", line,
					 field);
		if (ch == '"') {
			s = read_byte(c, &ch, d);
			if (s != STATUS_OK)
				return s;
			if (ch != '"')
				break;
		}
		s = add_byte(c, ch, d);
		if (s != STATUS_OK)
			return s;
	}
	if (ch != ',' && ch != '\n' && ch != EOF)
		return diag_fail(d, STATUS_INVALID,
				 "line %zu: found text behind the closing "
				 "quote of field %zu, expected a comma or the "
				 "end of the line", c->at, field);
	*end = ch;
	return STATUS_OK;
}

/* One field whose first byte is `ch`; `*end` is what ends it. */
static enum status read_field(struct csv *c, int ch, int *end,
			      struct diag *d)
{
	enum status s = begin_field(c, d);

	if (s == STATUS_OK && ch == '"')
		s = read_quoted(c, &ch, d);
	else
		while (s == STATUS_OK && ch != ',' && ch != '\n' &&
		       ch != EOF) {
			if (ch == '"')
				return diag_fail(d, STATUS_INVALID,
						 "line %zu: found a quote "
						 "within field %zu, expected "
						 "it around the whole field, "
						 "and doubled within", c->at,
						 c->n);
			s = add_byte(c, ch, d);
			if (s == STATUS_OK)
				s = read_byte(c, &ch, d);
		}
	if (s == STATUS_OK)
		s = add_byte(c, '\0', d);
	if (s == STATUS_OK)
		*end = ch;
	return s;
}

enum status csv_next(struct csv *c, bool *more, struct diag *d)
{
	int ch;
	enum status s;

	if (c->line == 0)
		skip_mark(c);
	c->n = 0;
	c->used = 0;
	c->line = c->at;
	s = read_byte(c, &ch, d);
	if (s != STATUS_OK)
		return s;
	if (ch == EOF) {
		*more = false;
		return STATUS_OK;
	}
	for (;;) {
		s = read_field(c, ch, &ch, d);
		if (s != STATUS_OK)
			return s;
		if (ch != ',')
			break;
		s = read_byte(c, &ch, d);
		if (s != STATUS_OK)
			return s;
	}
	if (c->expected == 0)
		c->expected = c->n;
	if (c->n != c->expected)
		return diag_fail(d, STATUS_INVALID,
				 "line %zu: found %zu fields, expected %zu as "
				 "in the first row", c->line, c->n,
				 c->expected);
	*more = true;
	return STATUS_OK;
}
