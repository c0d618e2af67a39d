/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/table.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/json.h"
#include "base/xalloc.h"

struct cell {
	char *text;		/* NULL: a number, or empty */
	double number;
	bool empty;
};

struct table {
	const struct table_column *columns;
	size_t ncolumns;
	struct cell *cells;	/* row-major */
	size_t len, cap;
};

struct table *table_new(const struct table_column *columns, size_t n)
{
	struct table *t = xcalloc(1, sizeof *t);

	assert(n >= 1);
	t->columns = columns;
	t->ncolumns = n;
	return t;
}

void table_free(struct table *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->len; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t);
}

static void append(struct table *t, struct cell c)
{
	if (t->len == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 32;
		t->cells = xrealloc_array(t->cells, t->cap, sizeof *t->cells);
	}
	t->cells[t->len++] = c;
}

void table_number(struct table *t, double value)
{
	append(t, (struct cell){ .number = value });
}

void table_text(struct table *t, const char *text)
{
	append(t, (struct cell){ .text = xstrdup(text) });
}

void table_empty(struct table *t)
{
	append(t, (struct cell){ .empty = true });
}

size_t table_rows(const struct table *t)
{
	return t->len / t->ncolumns;
}

/* What a cell shows in the text form; `buf` backs numbers. */
static const char *shown(const struct table *t, size_t row, size_t col,
			 char buf[QUANTITY_SIZE])
{
	const struct cell *c = &t->cells[row * t->ncolumns + col];

	if (c->empty)
		return "-";
	if (c->text != NULL)
		return c->text;
	quantity_format(c->number, t->columns[col].quantity, buf);
	return buf;
}

static bool is_numeric(const struct table *t, size_t col)
{
	for (size_t r = 0; r < table_rows(t); r++) {
		const struct cell *c = &t->cells[r * t->ncolumns + col];

		if (c->text != NULL && c->text[0] != '\0')
			return false;
	}
	return true;
}

/* One line; no spaces are left behind its last text. */
static void print_line(const char *const *texts, const size_t *width,
		       const bool *right, size_t n, FILE *out)
{
	size_t gap = 0;

	for (size_t c = 0; c < n; c++) {
		size_t len = strlen(texts[c]), pad = width[c] - len;

		if (len > 0)
			fprintf(out, "%*s%s",
				(int)(gap + (right[c] ? pad : 0)), "",
				texts[c]);
		if (len == 0)
			gap += width[c];
		else
			gap = right[c] ? 0 : pad;
		gap += 2;
	}
	putc('\n', out);
}

static void print_text(const struct table *t, FILE *out)
{
	size_t n = t->ncolumns, rows = table_rows(t);
	char (*buf)[QUANTITY_SIZE] = xcalloc(n, sizeof *buf);
	const char **texts = xcalloc(n, sizeof *texts);
	size_t *width = xcalloc(n, sizeof *width);
	bool *right = xcalloc(n, sizeof *right);

	for (size_t c = 0; c < n; c++) {
		texts[c] = t->columns[c].heading;
		width[c] = strlen(texts[c]);
		right[c] = is_numeric(t, c);
		for (size_t r = 0; r < rows; r++) {
			size_t w = strlen(shown(t, r, c, buf[c]));

			width[c] = w > width[c] ? w : width[c];
		}
	}
	print_line(texts, width, right, n, out);
	for (size_t r = 0; r < rows; r++) {
		for (size_t c = 0; c < n; c++)
			texts[c] = shown(t, r, c, buf[c]);
		print_line(texts, width, right, n, out);
	}
	free(buf);
	free(texts);
	free(width);
	free(right);
}

static void print_csv_field(const char *text, FILE *out)
{
	char *field = xcalloc(2 * strlen(text) + 2, 1);

	fwrite(field, 1, csv_quote(text, field), out);
	free(field);
}

static void print_csv(const struct table *t, FILE *out)
{
	char buf[QUANTITY_SIZE];

	for (size_t c = 0; c < t->ncolumns; c++)
		fprintf(out, "%s%s", c ? "," : "", t->columns[c].key);
	fputc('\n', out);
	for (size_t i = 0; i < t->len; i++) {
		const struct cell *cell = &t->cells[i];

		if (i % t->ncolumns != 0)
			fputc(',', out);
		if (cell->text != NULL) {
			print_csv_field(cell->text, out);
		} else if (!cell->empty) {
			quantity_format_exact(cell->number, buf);
			fputs(buf, out);
		}
		if ((i + 1) % t->ncolumns == 0)
			fputc('\n', out);
	}
}

cJSON *table_json(const struct table *t)
{
	cJSON *rows = cJSON_CreateArray(), *row = NULL;

	for (size_t i = 0; i < t->len; i++) {
		const struct cell *cell = &t->cells[i];
		const char *key = t->columns[i % t->ncolumns].key;

		if (i % t->ncolumns == 0) {
			row = cJSON_CreateObject();
			cJSON_AddItemToArray(rows, row);
		}
		if (cell->text != NULL)
			cJSON_AddStringToObject(row, key, cell->text);
		else if (cell->empty)
			cJSON_AddNullToObject(row, key);
		else
			cJSON_AddNumberToObject(row, key, cell->number);
	}
	return rows;
}

void table_print(const struct table *t, enum table_format format, FILE *out)
{
	cJSON *rows;

	assert(t->len % t->ncolumns == 0);
	switch (format) {
	case TABLE_TEXT:
		print_text(t, out);
		return;
	case TABLE_CSV:
		print_csv(t, out);
		return;
	case TABLE_JSON:
		rows = table_json(t);
		json_print(rows, out);
		cJSON_Delete(rows);
		return;
	}
}
