/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ranks.h - the processes of one sweep, on one machine or on many.
 *
 * Rank 0 hands out pieces and writes what comes back; the others serve.  Two
 * files implement this: ranks_mpi.c, in kvplan-mpi alone, and
 * ranks_alone.c, in kvplan, which starts kvplan-mpi in its place where
 * mpirun started it: linking MPI would slow down every start of kvplan.
 */
#ifndef SWEEP_RANKS_H
#define SWEEP_RANKS_H

#include "sweep/pool.h"

struct sweep_ranks;		/* opaque */

/** Join the others.  STATUS_IO if that cannot be. */
MUST_CHECK enum status sweep_ranks_join(struct sweep_ranks **out,
					struct diag *d);

/** Leave, when all are done; NULL is a no-op. */
void sweep_ranks_leave(struct sweep_ranks *r);

/** This one's number, from 0, and how many there are. */
size_t sweep_ranks_number(const struct sweep_ranks *r);
size_t sweep_ranks_count(const struct sweep_ranks *r);

/**
 * Whether all ranks are ready for the same sweep: `ready` is this one's own
 * status, `fingerprint` tells its sweep, `jobs` is how many threads it has.
 * `ready`, or STATUS_IO with the number of a rank that is not or has another.
 */
MUST_CHECK enum status sweep_ranks_agree(struct sweep_ranks *r,
					 enum status ready,
					 const char *fingerprint,
					 size_t jobs, struct diag *d);

/** Serve rank 0 with `jobs` threads until it stops. */
MUST_CHECK enum status sweep_ranks_serve(struct sweep_ranks *r,
					 const struct sweep *s, size_t jobs,
					 struct diag *d);

/* ---- rank 0 ---- */

/** Give `piece` to a rank with a thread for it; false if none has. */
bool sweep_ranks_give(struct sweep_ranks *r, const struct sweep_piece *piece);

/** A piece that a rank has done; false if none is there. */
bool sweep_ranks_take(struct sweep_ranks *r, struct sweep_piece *out);

/** End what the others do, dropping what they still have. */
void sweep_ranks_stop(struct sweep_ranks *r);

#endif
