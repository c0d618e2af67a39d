/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * walk.h - the points of a sweep, each from its index alone.
 *
 * Nothing is kept for each point, however many there are: a hypercube's
 * permutations are computed, by a Feistel network over the least power of
 * four that holds N, walked until it falls below N (Black, Rogaway, Ciphers
 * with arbitrary finite domains, 2002), keyed from a gsl_rng.
 */
#ifndef SWEEP_WALK_H
#define SWEEP_WALK_H

#include "sweep/space.h"

struct sweep_walk;		/* opaque: a way through the points */

/** A walk over `space`, which must outlive it; for one thread. */
struct sweep_walk *sweep_walk_new(const struct sweep_space *space);

/** Release `w`; NULL is a no-op. */
void sweep_walk_free(struct sweep_walk *w);

/**
 * The values of point `index` for each name, good until the next call.  Any
 * order will do; rising ones are fast.
 */
const struct sweep_value *sweep_walk_at(struct sweep_walk *w, uint64_t index);

#endif
