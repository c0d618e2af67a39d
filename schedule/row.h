/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * row.h - layer by layer, one batch, weights on the GPU.
 *
 * What the policies of this kind share: they differ in who decides the
 * split, in how far the loads run ahead, and in style.  Layer j,
 * with prefetch depth D, waits besides the order of its streams for:
 *
 *   load_activation   X of the first l tokens: ffn(j - D - 1)
 *   load_cache        KV of the others: ffn(j - D - 1)
 *   project           for layer 0: the head of the step before
 *   store_cache       the new token's KV: project(j)
 *   store_activation  its X (normed), if the split may pass the prompt: the
 *                     same
 *   recompute         load_activation(j)
 *   attend            load_cache(j)
 *   output, ffn       -
 *
 * Layers before the first are the last of the step before.  A load also
 * waits until the step before has stored the token that it fetches.  Depth
 * 0 is the paper's schedule: a layer's loads are issued when it begins.
 * Depth D takes D + 1 buffers on the GPU for what is loaded.  A buffer could
 * be filled again as soon as attend has read it; that loads wait for ffn is
 * the paper's order, not memory's.
 */
#ifndef SCHEDULE_ROW_H
#define SCHEDULE_ROW_H

#include "schedule/policy.h"

/* How a policy departs from what stands above. */
enum row_style {
	ROW_OVERLAPPED,		/* not at all */
	ROW_SERIAL,		/* nothing overlaps: project waits for
				 * load_cache(j), attend for store_cache(j),
				 * the first load for the head */
	ROW_COPY_BACK,		/* append(j), after load_cache(j), puts the
				 * new token to the others; store_cache then
				 * writes back all, on the compute stream:
				 * attend waits for it */
};

/** Graph of `plan` in `style`; struct policy's graph() says the rest. */
struct graph *row_graph(const struct llm *m, const struct workload *w,
			const struct plan *plan, enum span span,
			enum row_style style);

/** struct policy's graph() and memory(), overlapped. */
struct graph *row_overlapped_graph(const struct llm *m,
				   const struct workload *w,
				   const struct plan *plan, enum span span);
void row_memory(const struct llm *m, const struct workload *w,
		const struct plan *plan, struct memory *mem);

#endif
