/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage.h - what a measured timeline says of tasks and engines.
 *
 * An engine is busy while any of its tasks runs.  A task that has been
 * issued shows itself from the moment at which its stream lets it go, even
 * if its engine then is still at another's: the union of both is right, the
 * sum is not.
 */
#ifndef CUDA_VALIDATE_USAGE_H
#define CUDA_VALIDATE_USAGE_H

#include <stddef.h>

#include "cuda_validate/job.h"
#include "traces/timeline.h"

/* Of one op; plain data. */
struct usage_op {
	size_t tasks;		/* that had something to do */
	double busy_s;		/* their times, added up */
	double median_s;	/* of one */
	double bytes, flop;
};

struct usage_engine {
	double busy_s;		/* union of its tasks, within the window */
	double bytes;		/* of its tasks, as far as they lie in it */
};

struct usage {
	struct usage_op op[OP_COUNT];	/* of all steps */
	double begin_s, end_s;		/* the window */
	struct usage_engine engine[ENGINE_COUNT];
};

/** Usage in `t`, of `job`, whose engines are looked at in [begin, end]. */
struct usage usage_of(const struct timeline *t, const struct job *job,
		      double begin_s, double end_s);

#endif
