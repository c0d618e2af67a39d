/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * value_set.h - the distinct values of a column, in the order in which they
 * appear.  Zeroed it is empty.
 */
#ifndef CLI_VALUE_SET_H
#define CLI_VALUE_SET_H

#include <stddef.h>
#include <stdint.h>

struct value_set {
	char **text;
	double *number;			/* of each; NAN: it is none */
	size_t n, room;
	uint32_t *slots, nslots;	/* hash table: index + 1, or 0 */
};

/** Release what `v` owns. */
void value_set_clear(struct value_set *v);

/** The index of `text`, which is added if it is not there. */
uint32_t value_set_add(struct value_set *v, const char *text);

/** The number that `text` is, without a unit; NAN if it is none. */
double value_set_number(const char *text);

#endif
