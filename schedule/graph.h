/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * graph.h - the task graph of one period: a decode step, or one layer of it;
 * and of a prefill, which is executed once.
 *
 * The graph is a template, executed over and over: a whole step's once for
 * each step of a decode, a single layer's for as many layers as one likes
 * (enum span in policy.h says which of the two a policy is to build).  Sizes
 * are taken at the cached tokens and the split of the step.  The graph says
 * what is done, on which stream, and after what; it knows no time.
 *
 * Slots.  A layer is executed for one batch after another before the next
 * layer begins (the zig-zag block of FlexGen, arXiv 2303.06865): slot n is
 * layer n / batches and batch n % batches.  What is done once for a layer,
 * such as loading its weights, stands in the slot of its first batch.
 *
 * Order.  Each process has a stream, which runs its tasks in the order in
 * which they were added, period after period, one at a time, as a CUDA
 * stream does.  A wait names a task and a lag: that task must have
 * completed `lag` periods before (0: in this one); what lies before the first
 * is complete.  A wait of lag 0 points to a task added earlier, so the order
 * of issue has no cycle.
 *
 * Policies write a graph with the functions below; readers use its arrays.
 */
#ifndef SCHEDULE_GRAPH_H
#define SCHEDULE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "model/work.h"

/*
 * The paper's six processes, the host's own thread, and the one that issues:
 * a stream each.
 */
enum process {
	PROCESS_LOAD_WEIGHT,
	PROCESS_LOAD_ACTIVATION,
	PROCESS_LOAD_CACHE,
	PROCESS_COMPUTE,
	PROCESS_STORE_CACHE,
	PROCESS_STORE_ACTIVATION,
	PROCESS_HOST,
	PROCESS_ISSUE,
	PROCESS_COUNT
};

/* What a task does; compute is told apart by its kernels. */
enum op {
	OP_LOAD_WEIGHT_KV,	/* W_K and W_V */
	OP_LOAD_WEIGHT_QO,	/* W_Q and W_O */
	OP_LOAD_WEIGHT_FFN,
	OP_LOAD_EMBEDDING,	/* or the head's matrix, of the same size */
	OP_LOAD_ACTIVATION,
	OP_LOAD_ATTENTION,	/* what the CPU's attention gave */
	OP_LOAD_CACHE,
	OP_LOAD_KEY, OP_LOAD_VALUE,	/* the same in two copies */
	OP_LOAD_HIDDEN,		/* the hidden state between layers */
	OP_DEQUANTISE_WEIGHT,
	OP_PROJECT,		/* norm, Q, K, V of the new tokens */
	OP_QUANTISE,		/* the new tokens' K, V and X */
	OP_DEQUANTISE_ACTIVATION,
	OP_RECOMPUTE,		/* K, V of the first l tokens */
	OP_APPEND,		/* the new token's K, V to the others' */
	OP_DEQUANTISE_CACHE,
	OP_ATTEND,
	OP_OUTPUT,		/* the product with W_O */
	OP_FFN,
	OP_HEAD,		/* norm and output head: after all layers */
	OP_STORE_HIDDEN,
	OP_STORE_CACHE,
	OP_STORE_QUERY,		/* Q, K and V for the CPU's attention */
	OP_STORE_ACTIVATION,
	OP_STAGE_KEY, OP_STAGE_VALUE,	/* pageable to pinned memory */
	OP_ATTEND_HOST,
	OP_BARRIER,		/* the host waits for the whole device */
	OP_ISSUE,		/* of one task: schedule/issue.h */
	OP_COUNT
};

struct task {
	enum op op;
	size_t layer, batch;
	size_t work;		/* index into graph.works */
	size_t first_wait;	/* index into graph.waits */
	size_t nwaits;
};

struct wait {
	size_t task;		/* index into graph.tasks */
	size_t lag;		/* periods back */
};

struct graph {
	size_t layers, batches;
	size_t gpus;		/* that run it at once, on one host; 1 unless
				 * the policy sets it */
	bool copies_in_order;	/* see graph_finish(); false unless set */
	struct work *works;	/* tasks of the same shape share one */
	size_t nworks;
	size_t nshapes;		/* the first of them, all that were added;
				 * behind are some again, awaited or issued */
	struct task *tasks;	/* in the order of issue */
	size_t ntasks;
	struct wait *waits;
	size_t nwaits;
};

/** Empty graph, `layers` and `batches` >= 1; release with graph_free(). */
struct graph *graph_new(size_t layers, size_t batches);

/** Number of slots, layers * batches. */
size_t graph_slots(const struct graph *g);

/** Release `g`; NULL is a no-op. */
void graph_free(struct graph *g);

/** Add a piece of work; returns its index. */
size_t graph_add_work(struct graph *g, struct work w);

/** Add the task `op` of `slot`, one at most, at the end of its stream. */
void graph_add_task(struct graph *g, enum op op, size_t slot, size_t work);

/**
 * Let the task added last wait for `op` of the slot `back` slots before
 * `slot`, where the slots of a period follow those of the one before.  The
 * task waited for may be added later if it lies in an earlier period.
 */
void graph_wait(struct graph *g, enum op op, size_t slot, size_t back);

/**
 * Resolve the waits; asserts that each names a task of the graph.  Where a
 * task and the one before it on its stream are on different engines, their
 * order becomes a wait: what reads waits and the order of each engine need
 * not know of streams.
 *
 * With `copies_in_order` copies of one direction go in the order of issue: it
 * becomes a wait where their streams do not give it.
 *
 * Kernels that another engine waits for have a work that is `awaited`: that of
 * their shape if all tasks of it are such, else one more.
 */
void graph_finish(struct graph *g);

/**
 * Whether task `to`, where it waits for task `from`, has to be told by another
 * engine: gpu.handoff_s later.  A host thread that issues tells nobody: what
 * it has not issued is not there.
 */
bool graph_hands_off(const struct graph *g, size_t from, size_t to);

/** "load_cache", "recompute", ...: for people, JSON and traces. */
const char *op_name(enum op op);

/** The process that `op` belongs to, and so its stream. */
enum process op_process(enum op op);

/**
 * The process whose stream `p` can share where copies go in order: load_cache
 * for all that only load, store_cache for all that only store, else `p`.
 */
enum process graph_queue(enum process p);

/** "load_cache", "compute", ... */
const char *process_name(enum process p);

#endif
