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
 * for.  Then each is also issued within an NVTX range that names it
 * (traces/nsight.h), which costs nothing unless a profiler is there.
 */
#ifndef CUDA_VALIDATE_RUNTIME_H
#define CUDA_VALIDATE_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>

#include "cuda_validate/job.h"
#include "cuda_validate/matmul.h"
#include "cuda_validate/workspace.h"
#include "traces/timeline.h"

/* When what happened, of one execution; plain data. */
struct runtime_times {
	double makespan_s;	/* wall clock: first issue to idle device */
	double issue_s;		/* of it, spent issuing, not at barriers */
	double *step_end_s;	/* of each step that is run, from the first
				 * issue on the device; caller's room */
	struct timeline *timeline;	/* NULL, or receives the tasks */
};

enum runtime_streams { RUNTIME_STREAM_ENGINE, RUNTIME_STREAM_PROCESS };

struct runtime;			/* opaque: streams, events, host threads */

/** For `job` in `w`, on `threads` CPU threads; NULL if the GPU fails. */
struct runtime *runtime_new(struct device *g, const struct job *job,
			    const struct workspace *w, struct matmul *matmul,
			    size_t threads, enum runtime_streams streams);
void runtime_free(struct runtime *r);	/* NULL is a no-op */

/** Run the job's steps once, with the splits in use, from an idle GPU. */
bool runtime_execute(struct runtime *r, struct runtime_times *t);

#endif
