/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * row.h - the rows of a sweep's file (doc/FORMATS.md, "sweep").
 *
 * CSV with a header, or JSON Lines with the same keys: point, what is varied,
 * the columns, error.  Numbers are SI with up to twelve digits; what is not
 * known is empty, or null.  A row is one line.
 */
#ifndef SWEEP_ROW_H
#define SWEEP_ROW_H

#include "sweep/worker.h"

/* A growing text: plain data; free(text). */
struct sweep_text {
	char *text;
	size_t length, room;
};

/** End `t` with a NUL that is not part of it. */
void sweep_row_end(struct sweep_text *t);

/* What every row of a sweep has; sweep_row_clear_shape(). */
struct sweep_shape {
	enum sweep_format format;
	const char **keys;	/* in order; borrowed but for the list */
	size_t n, first_output;
};

/**
 * That of the sweep that `identity` is (sweep_identity()), which outlives it;
 * false if it does not say.
 */
bool sweep_row_shape(const cJSON *identity, struct sweep_shape *out);

/** Release the list of `shape`. */
void sweep_row_clear_shape(struct sweep_shape *shape);

/** Add the header line; JSON Lines has none. */
void sweep_row_header(const struct sweep_shape *shape, struct sweep_text *to);

/** Begin the row of point `index`: the number alone. */
void sweep_row_point(enum sweep_format format, uint64_t index,
		     struct sweep_text *to);

/** The same, and what is varied. */
void sweep_row_begin(const struct sweep *s, struct sweep_worker *w,
		     uint64_t index, struct sweep_text *to);

/** Add the row of point `index`. */
void sweep_row_add(const struct sweep *s, struct sweep_worker *w,
		   uint64_t index, struct sweep_text *to);

/**
 * Whether `line`, which ends in '\n', is a row of `shape` that begins as
 * `expected`, the beginning of one up to some value or the whole.
 * STATUS_INVALID says which value is another, or no number where numbers stand,
 * or that the row has not all, or has both results and an error.
 */
MUST_CHECK enum status sweep_row_check(const struct sweep_shape *shape,
				       const char *line, const char *expected,
				       struct diag *d);

#endif
