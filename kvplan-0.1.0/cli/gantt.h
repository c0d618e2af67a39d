/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gantt.h - how plots/gantt.gp is to show tasks: rows, colours, legend. */
#ifndef CLI_GANTT_H
#define CLI_GANTT_H

#include "schedule/graph.h"

enum { GANTT_OTHERS = 8 };	/* colour of what the picture is not about */

/** Index of `op` into the palette of plots/style.gp. */
int gantt_colour(enum op op);

/** What the row of `p` is called. */
const char *gantt_row(enum process p);

/** What the legend says of `op`, or NULL if its row or another op says it. */
const char *gantt_kind(enum op op);

#endif
