/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker.h - what is found out about one point of a sweep.
 *
 * A point depends on its index alone: not on the points before it, nor on
 * which thread, process or machine looks at it.
 */
#ifndef SWEEP_WORKER_H
#define SWEEP_WORKER_H

#include "sweep/sweep.h"

struct sweep_worker;		/* opaque: what a thread needs; one each */

/** A worker for `s`, loaded, which must outlive it. */
struct sweep_worker *sweep_worker_new(const struct sweep *s);

/** Release `w`; NULL is a no-op. */
void sweep_worker_free(struct sweep_worker *w);

/** The values that are varied, at point `index`: good until the next call. */
const struct sweep_value *sweep_worker_inputs(struct sweep_worker *w,
					      uint64_t index);

/**
 * All that the columns of the sweep need, of the point that
 * sweep_worker_inputs() was last asked for; `*out` borrows from the worker.
 * A point that makes no sense, or does not fit, is STATUS_INVALID,
 * STATUS_INFEASIBLE or STATUS_UNKNOWN, and says why.
 */
MUST_CHECK enum status sweep_worker_find(struct sweep_worker *w,
					 struct sweep_result *out,
					 struct diag *d);

#endif
