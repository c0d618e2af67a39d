/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * builder.h - what policies build their graphs with.
 *
 * A builder knows the case and the span, and so what each op asks for; a
 * policy says which tasks there are, in which order, and what they wait for.
 */
#ifndef SCHEDULE_BUILDER_H
#define SCHEDULE_BUILDER_H

#include <stdbool.h>

#include "schedule/policy.h"

struct builder {
	struct graph *graph;
	const struct llm *m;
	const struct workload *w;
	const struct plan *plan;
	enum span span;
	double share;		/* of the requests: their KV is on the host */
	double moved;		/* ... and loaded and stored by the GPU */
	double kept;		/* of the requests: their KV is on the GPU */
	bool host;		/* the CPU attends to the KV on the host */
	double tokens;		/* that each request brings */
	bool streamed;		/* some weights are on the host */
	size_t of[OP_COUNT];	/* the op's work in the graph, + 1 */
};

/**
 * Begin a graph of `layers` layers; builder_finish() hands it over.  Until then
 * graph_wait() and the like add to it.
 */
struct builder builder_begin(const struct llm *m, const struct workload *w,
			     const struct plan *plan, enum span span,
			     size_t layers);

/**
 * Let `op` ask for `work`, not for what builder_add() supposes.  All GPUs of
 * the workload share the host.
 */
void builder_set(struct builder *b, enum op op, struct work work);

/** Add task `op` of `slot`, as graph_add_task(). */
void builder_add(struct builder *b, enum op op, size_t slot);

/** The graph, resolved; the caller frees it. */
struct graph *builder_finish(struct builder *b);

/** Whether the new tokens' X is stored. */
bool builder_stores_activation(const struct builder *b);

/** Whether the GPU reads or writes K and V that are stored in fewer bits. */
bool builder_turns_cache(const struct builder *b);

/** Prompt tokens whose X some decode step of `plan` recomputes from. */
double builder_kept_tokens(const struct plan *plan);

#endif
