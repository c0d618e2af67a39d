/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diff.h - why the steps of one trace took longer than those of another.
 *
 * A step lasts from the last compute task of the step before, or from the
 * first event if the trace has no step before, to its own.  Events with the
 * same GPU, step, layer, batch and op are the same task.  Along the critical
 * chain (chain.h) a step is divided into what each op ran and what was waited
 * for before it:
 *
 *     step time = sum over ops of (run + wait)
 *
 * so that the differences of the parts sum to that of the step.  If one trace
 * does not know the tasks of its events, both are taken by engine, and as one
 * step from first event to last.
 *
 * A trace that knows no waits borrows the other's, for the tasks that both
 * have.  Sums are those of a step and a GPU, the mean where there are several.
 */
#ifndef TRACES_DIFF_H
#define TRACES_DIFF_H

#include "traces/trace.h"

enum { DIFF_A, DIFF_B, DIFF_SIDES };

/* Of an op, or of an engine; [s] of a step. */
struct diff_part {
	size_t tasks[DIFF_SIDES];	/* in all the steps, of all GPUs */
	size_t only[DIFF_SIDES];	/* of them not in the other trace */
	double busy_s[DIFF_SIDES];	/* of an op: its tasks' durations; of
					 * an engine: the union of its events,
					 * within the step */
	double run_s[DIFF_SIDES];	/* on the critical chain */
	double wait_s[DIFF_SIDES];	/* there, before it */
};

struct diff {
	bool by_task;			/* false: engines alone, as one step */
	size_t steps, first_step, last_step;
	size_t gpus[DIFF_SIDES];	/* that ran anything */
	double step_s[DIFF_SIDES];
	struct diff_part op[OP_COUNT];
	struct diff_part engine[ENGINE_COUNT];
	/* the first event that only one side has, or of op OP_COUNT */
	struct trace_event only[DIFF_SIDES];
};

/* All steps: those that both have, and before which both or neither has
 * another, so that both began alike. */
#define DIFF_ALL_STEPS SIZE_MAX

/**
 * Compare `a` with `b` over `step`, or DIFF_ALL_STEPS.  STATUS_INVALID if
 * they have no such step in common, or one has a task twice.  The traces may
 * receive the numbers of tasks and waits of each other.
 */
MUST_CHECK enum status diff_make(struct trace *a, struct trace *b,
				 size_t step, struct diff *out,
				 struct diag *d);

#endif
