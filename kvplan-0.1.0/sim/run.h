/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run.h - executes a task graph, step after step, on a simulated machine.
 *
 * Semantics are CUDA's.  A stream runs its tasks in order; a task is ready
 * when its predecessor on the stream and everything that it waits for have
 * completed; it then takes its engine as soon as that is free.  An engine
 * serves one task at a time, in the order in which they became ready, and
 * those that became ready at the same moment in the order of issue.  A
 * kernel, or what issues one, lasts as model/work.h says.  Everything else
 * spends its latency, then flows at the rate that the links which it crosses
 * leave it (sim/topology.h, sim/links.h), which changes when another flow
 * begins or ends.  Where copies take of device memory's bandwidth what kernels
 * then miss (gpu.copy_hbm_bytes), so does a kernel: what work_memory_s() says
 * of its time flows, behind all else of it.  A task with nothing to do takes no
 * time.  What a task waits for on another engine counts as completed a hand-off
 * later, where graph_hands_off() says that there is one.
 *
 * With jitter each task has a factor.  A kernel takes so many times as long;
 * so does a latency, and a flow moves so many times its bytes: it holds its
 * share of the links for longer, and no link carries more than it can.  The
 * bytes in the accounts are those of the task.
 *
 * Where the graph is for several GPUs, each runs the graph by itself, with
 * streams and engines of its own; they meet at the host's links alone.  All
 * begin at the same moment and stay in step, unless there is jitter: a decode
 * that waits for what they share can be shorter when they are not.
 *
 * Memory does not grow with the number of steps, unless a timeline is kept.
 */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include <stddef.h>

#include "base/diag.h"
#include "model/hardware.h"
#include "model/workload.h"
#include "schedule/graph.h"
#include "schedule/plan.h"
#include "sim/jitter.h"
#include "traces/timeline.h"

struct run_usage {
	double busy_s;		/* [s] occupied, latency included */
	double bytes;		/* [B] over the link, or through HBM */
	double flop;		/* [FLOP] */
	size_t tasks;		/* that had something to do */
};

/* Usage is that of one GPU: the mean where there are several. */
struct run_result {
	double makespan_s;	/* [s] until the last task has ended */
	struct run_usage engine[ENGINE_COUNT];
	struct run_usage op[OP_COUNT];
};

struct run_options {
	size_t first_step, end_step;	/* runs steps first .. end - 1 of
					 * the plan, first <= end */
	double *step_end_s;		/* NULL, or room for each step of the
					 * plan: [s] when its last compute
					 * task ended, so its token was there */
	struct timeline *timeline;	/* NULL, or receives a slice for each
					 * task that had something to do */
	struct jitter *jitter;		/* NULL, or seeded, of the same graph:
					 * what to multiply times with */
};

/** All steps of `plan`, nothing kept. */
struct run_options run_whole(const struct plan *plan);

/**
 * Run the graph `g` of `plan` on `hw`, from an idle machine: what lies
 * before the first step counts as done.  STATUS_INVALID, naming the tasks
 * that wait, if the graph cannot be completed; `*out` is then unchanged,
 * and the options' outputs hold the part that could be run.
 */
MUST_CHECK enum status run_graph(const struct graph *g,
				 const struct workload *w,
				 const struct plan *plan,
				 const struct hardware *hw,
				 const struct run_options *options,
				 struct run_result *out, struct diag *d);

#endif
