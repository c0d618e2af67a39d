/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sheet.h - the columns of a CSV file that a picture is made of.
 *
 * The file has a header row.  Of a sweep's the first column is `point`; then
 * come the inputs, which were varied, and the outputs.  Where nobody says which
 * is which (sheet_set_inputs()), the names decide: of those that can be either
 * `policy` is taken for an input, and others if an input follows.  A point that
 * failed has empty outputs.  Inputs are kept, other columns only
 * if they were asked for, of the rows that every --where lets through.
 */
#ifndef CLI_SHEET_H
#define CLI_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/quantity.h"

struct sheet;			/* opaque */

/**
 * The dimension of the numbers in a column of that name: of a sweep's output,
 * or of a figure of the hardware; else QUANTITY_NUMBER.
 */
enum quantity sheet_quantity(const char *name);

/**
 * Read the header of `in`, which must outlive the result and is called
 * `source` in messages.  Each of `n` `where` is "COLUMN=VALUE".  The caller
 * releases `*out` with sheet_free().  STATUS_INVALID as csv_next(), or for an
 * empty file or a column that is there twice; STATUS_USAGE for a `where` whose
 * column is not there.
 */
MUST_CHECK enum status sheet_open(FILE *in, const char *source,
				  const char *const *where, size_t n,
				  struct sheet **out, struct diag *d);

/** Release `s`; NULL is a no-op. */
void sheet_free(struct sheet *s);

/**
 * Say, before sheet_want(), that the inputs are the columns `names`; ignored
 * if one of them is not there, as that was said of another file.
 */
void sheet_set_inputs(struct sheet *s, const char *const *names, size_t n);

/** Whether there is a column `name`. */
bool sheet_has(const struct sheet *s, const char *name);

/**
 * Ask for column `name`, before sheet_read(); `option` names what asks.
 * STATUS_USAGE, with the nearest name, if it is not there.
 */
MUST_CHECK enum status sheet_want(struct sheet *s, const char *option,
				  const char *name, size_t *column,
				  struct diag *d);

/**
 * Read the rows.  STATUS_INVALID as csv_next(); STATUS_USAGE, with the values
 * there are, for a `where` that no row meets; STATUS_INVALID if there is no
 * row at all.
 */
MUST_CHECK enum status sheet_read(struct sheet *s, struct diag *d);

/** What it is called in messages. */
const char *sheet_source(const struct sheet *s);

size_t sheet_columns(const struct sheet *s);
size_t sheet_rows(const struct sheet *s);
const char *sheet_name(const struct sheet *s, size_t column);

/** Whether `column` is an input that takes more than one value. */
bool sheet_varies(const struct sheet *s, size_t column);

/** Whether every value of `column` that is not empty is a number. */
bool sheet_is_number(const struct sheet *s, size_t column);

/** A number [SI]; NAN where it is empty or a text. */
double sheet_number(const struct sheet *s, size_t column, size_t row);

/**
 * STATUS_INVALID, with the line, for a row whose `column` is no number, or one
 * beyond `most` in size.
 */
MUST_CHECK enum status sheet_check(const struct sheet *s, size_t column,
				   double most, bool may_be_empty,
				   struct diag *d);

/** As it stands in the file; "" where it is empty. */
const char *sheet_text(const struct sheet *s, size_t column, size_t row);

/**
 * The index of the row's value among the distinct ones of `column`, in the
 * order in which they appear, and how many there are.
 */
size_t sheet_index(const struct sheet *s, size_t column, size_t row);
size_t sheet_distinct(const struct sheet *s, size_t column);

/** The distinct value `i` of `column`. */
const char *sheet_value(const struct sheet *s, size_t column, size_t i);

/** The `where`s as one text, "batch 8, policy kvpr-row"; caller frees. */
char *sheet_describe(const struct sheet *s);

#endif
