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

/** Add the header line; JSON Lines has none. */
void sweep_row_header(const struct sweep *s, struct sweep_text *to);

/** Add the row of point `index`. */
void sweep_row_add(const struct sweep *s, struct sweep_worker *w,
		   uint64_t index, struct sweep_text *to);

/**
 * The point that the line of `length` bytes, less its end, is the row of;
 * false if it is none.
 */
bool sweep_row_point(enum sweep_format format, const char *line,
		     size_t length, uint64_t *point);

#endif
