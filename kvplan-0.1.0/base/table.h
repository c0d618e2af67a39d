/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table.h - a result table: text for people, CSV and JSON for programs.
 *
 * A column has a key (CSV, JSON), a heading (text) and a dimension.  Text
 * shows numbers with units; CSV and JSON give them bare, in SI units.
 * Cells are added row by row, left to right; misuse is asserted.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "base/quantity.h"

struct table;			/* opaque */

struct table_column {
	const char *key;	/* stable name, e.g. "step_s" */
	const char *heading;	/* what a person reads, e.g. "per token" */
	enum quantity quantity;	/* of the column's numbers */
};

enum table_format { TABLE_TEXT, TABLE_CSV, TABLE_JSON };

/** Empty table over `n` >= 1 `columns`, which must outlive it. */
struct table *table_new(const struct table_column *columns, size_t n);

/** Release `t`; NULL is a no-op. */
void table_free(struct table *t);

/** Append a cell: a number [SI], a text (copied), or nothing known. */
void table_number(struct table *t, double value);
void table_text(struct table *t, const char *text);
void table_empty(struct table *t);

/** Rows that are complete. */
size_t table_rows(const struct table *t);

/**
 * Write `t`, whose rows are all complete, to `out`; JSON is an array of
 * objects.  Errors stay in `out` for its owner to check.
 */
void table_print(const struct table *t, enum table_format format, FILE *out);

/** The same as a cJSON array of objects; the caller deletes it. */
cJSON *table_json(const struct table *t);

#endif
