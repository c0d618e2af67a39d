/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gantt.h - how plots/gantt.gp is to show tasks: rows, colours, legend. */
#ifndef CLI_GANTT_H
#define CLI_GANTT_H

#include <stdbool.h>
#include <stdio.h>

#include "schedule/graph.h"

enum { GANTT_OTHERS = 0xCCCCCC };	/* colour of what the picture is
					 * not about */

/** Colour of `op`. */
unsigned gantt_colour(enum op op);

/** What the row of `p` is called. */
const char *gantt_row(enum process p);

/** Write the datablock $key: the ops that are `shown`, and other layers. */
void gantt_write_key(const bool shown[OP_COUNT], bool others, FILE *out);

/** Write NROWS, and as BODY the picture's height. */
void gantt_write_rows(int nrows, FILE *out);

#endif
