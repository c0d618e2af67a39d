/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runtime.h - executes a task graph, step after step, on a real GPU.
 *
 * The semantics are sim/run.h's.  A task's waits become waits for events,
 * which are recorded where some other stream waits; of tasks with nothing to
 * do only these are issued.  What lies before the first step is complete.
 * The host's tasks are host functions on a stream of their own; at a barrier
 * the thread that issues waits for the device itself, as what it stands for
 * does.  One thread issues everything, in the order of the graph, as far
 * ahead as CUDA lets it.
 *
 * Streams.  Of copies that wait for it, a copy engine takes those of the
 * stream that it served last, not the one that became ready first: with a
 * stream for each process, KV of four layers may pass X of the second, and
 * compute waits (seen on an H200).  So, where the graph says that copies go in
 * order (schedule/graph.h), processes that load share a stream, and so do
 * those that store; a copy on the compute stream waits for the event of the one
 * before it.  RUNTIME_STREAM_PROCESS keeps processes apart all the same.
 *
 * Steps end when their last compute task does.  For this there is one event
 * a step; tasks are timed, by an event before and after each, only if asked
 * for, which slows a step down a little.  Then each is also issued within an
 * NVTX range that names it (traces/nsight.h), which costs nothing unless a
 * profiler is there.
 */
#ifndef CUDA_VALIDATE_RUNTIME_H
#define CUDA_VALIDATE_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>

#include "cuda_validate/job.h"
#include "cuda_validate/matmul.h"
#include "cuda_validate/workspace.h"
#include "traces/timeline.h"

/*
 * The job's steps are run once a lap; laps follow one another without a
 * pause, so that the GPU's clock settles as in a long decode.
 */
struct runtime_laps {
	size_t lead;		/* that are not looked at */
	size_t timed;		/* after them, of which each step is */
	bool tasks;		/* the last of these has its tasks timed */
};

/* When what happened, of one execution; plain data.  Times on the device are
 * from its first task's issue on. */
struct runtime_times {
	double issue_s;		/* spent issuing all laps, not at barriers */
	double lead_end_s;	/* when the last step of the lead ended, or 0 */
	double *step_end_s;	/* [timed][steps]; caller's room */
	struct timeline *timeline;	/* receives the tasks, if timed */
};

enum runtime_streams { RUNTIME_STREAM_ENGINE, RUNTIME_STREAM_PROCESS };

struct runtime;			/* opaque: streams, events, host threads */

/** For `job` in `w`, on `threads` CPU threads; NULL if the GPU fails. */
struct runtime *runtime_new(struct device *g, const struct job *job,
			    const struct workspace *w, struct matmul *matmul,
			    size_t threads, enum runtime_streams streams);
void runtime_free(struct runtime *r);	/* NULL is a no-op */

/** Run `laps`, timed >= 1, with the splits in use, from an idle GPU. */
bool runtime_execute(struct runtime *r, const struct runtime_laps *laps,
		     struct runtime_times *t);

#endif
