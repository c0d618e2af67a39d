/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * skeleton.h - what of a graph can bear on its period.
 *
 * The dependencies that lp/period.h names, waits and the order of issue on
 * each engine, less those that no duration can make binding, with the tasks
 * joined that always run back to back.  A maximum cycle ratio is the same on
 * either graph as long as no duration is negative and a wait between engines
 * always takes the same time to be noticed, and the skeleton is a
 * fraction of the size:
 *
 * - The tasks of an engine form a ring.  A wait between two tasks of one
 *   engine follows from it, and so does one between engines of which another
 *   demands more: a later source of the same engine, or a target earlier on
 *   the same engine.
 * - A wait of one engine for another that never, through any chain of waits,
 *   waits for the first lies on no cycle.
 * - What has no other predecessor than the task before it on its engine, and
 *   whose predecessor no other engine waits for, runs right after it.
 *
 * It depends on no duration: one skeleton serves every machine, length and
 * split.  Out of memory ends the program; nothing else can fail.
 */
#ifndef LP_SKELETON_H
#define LP_SKELETON_H

#include <stddef.h>

#include "schedule/graph.h"

struct skeleton_edge {
	unsigned from;			/* node */
	unsigned lag;			/* periods */
	unsigned crosses;		/* 1: graph_hands_off(), else 0 */
};

/* Open: plain data.  Node j is the tasks run[first_task[j]] and on. */
struct skeleton {
	size_t nnodes;			/* edges of lag 0 go to a higher one */
	size_t ntasks;
	size_t *first_task;		/* of nnodes + 1 */
	size_t *run;			/* tasks of the graph */
	size_t *first_edge;		/* of nnodes + 1; a node's first edge
					 * is that of its engine's order */
	struct skeleton_edge *edges;	/* into a node */
	unsigned most_lag;
};

/** The skeleton of `g`; released with skeleton_clear(). */
void skeleton_make(struct skeleton *s, const struct graph *g);

/** Release what `s` owns. */
void skeleton_clear(struct skeleton *s);

#endif
