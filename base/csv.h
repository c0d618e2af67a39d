/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * csv.h - comma-separated values (RFC 4180), read row by row.
 *
 * Fields are separated by commas and rows by a line feed, with or without a
 * carriage return before it.  A field in double quotes may hold both, and
 * quotes, doubled.  Every row has as many fields as the first.  A byte order
 * mark in front is skipped.  Memory is that of the longest row, which is
 * bounded.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/diag.h"

enum { CSV_MOST_BYTES = 1 << 20, CSV_MOST_FIELDS = 4096 };	/* of a row */

/**
 * Write `text` as one field into `out`, without a NUL, in quotes where it has
 * to be: at most 2 strlen(text) + 2 bytes.  Returns their number.
 */
size_t csv_quote(const char *text, char *out);

struct csv;			/* opaque: a stream and its row */

/** Read from `in`, which must outlive the result. */
struct csv *csv_new(FILE *in);

/** Release `c`; NULL is a no-op. */
void csv_free(struct csv *c);

/**
 * Go to the next row; `*more` is false after the last.  STATUS_INVALID, with
 * the line, for a quote where none can stand, one that is never closed, a
 * NUL byte, another number of fields than in the first row, or a row beyond
 * the bounds; STATUS_IO if `in` cannot be read.
 */
MUST_CHECK enum status csv_next(struct csv *c, bool *more, struct diag *d);

/** The row's fields; each is there until the next row. */
size_t csv_count(const struct csv *c);
const char *csv_field(const struct csv *c, size_t i);

/** The line, from 1, on which the row begins. */
size_t csv_line(const struct csv *c);

#endif
