/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pool.h - threads that work out pieces of a sweep.
 *
 * A piece is some points that follow one another; what it gives is their rows
 * as text.  Pieces are taken in the order in which they are given, and are
 * done in any.
 */
#ifndef SWEEP_POOL_H
#define SWEEP_POOL_H

#include "sweep/row.h"

/* Points first .. end - 1, and their rows once done. */
struct sweep_piece {
	uint64_t number;		/* 0, 1, ... in the order of points */
	uint64_t first, end;
	struct sweep_text rows;
};

struct sweep_pool;		/* opaque */

/**
 * `jobs` >= 1 threads, or as many as can be had, that wait for pieces of `s`,
 * which outlives them; NULL if none can.
 */
struct sweep_pool *sweep_pool_new(const struct sweep *s, size_t jobs);

/** End the threads, each after the piece it is at, and release all. */
void sweep_pool_free(struct sweep_pool *p);

/** Give a piece to be done; its rows are empty. */
void sweep_pool_give(struct sweep_pool *p, struct sweep_piece piece);

/**
 * Take a piece that is done, waiting for one for up to `wait_s` [s]; false
 * if there is none.  The caller frees its rows.
 */
bool sweep_pool_take(struct sweep_pool *p, double wait_s,
		     struct sweep_piece *out);

#endif
