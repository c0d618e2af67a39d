/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * where.h - one --where: which values of a column are let through, and what
 * there was instead.  Zeroed it lets all through.
 */
#ifndef CLI_WHERE_H
#define CLI_WHERE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/quantity.h"

/* Enough values to be listed, whatever the file holds. */
enum { WHERE_MOST_LISTED = 8, WHERE_LIST = 300 };

struct where {
	const char *value;		/* or NULL; lent */
	bool met;			/* whether it was there, and some */
	char *other[WHERE_MOST_LISTED + 1];	/* that were not */
	size_t nother;
};

/** Release what `w` owns. */
void where_clear(struct where *w);

/**
 * Whether `text`, of dimension `q`, is let through.  Figures may be given as
 * the user would write them, "64 GB/s".
 */
bool where_lets(struct where *w, const char *text, enum quantity q);

/** "1, 2, 4, ...": the values that were not let through. */
void where_list(const struct where *w, char text[WHERE_LIST]);

#endif
