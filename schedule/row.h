/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * row.h - layer by layer, one batch, weights on the GPU.
 *
 * What the policies load-all, kvpr-row and recompute-all share: they differ
 * in who decides the split and in how far the loads run ahead.  Layer j,
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
 * Depth D takes D + 1 buffers on the GPU for what is loaded.
 */
#ifndef SCHEDULE_ROW_H
#define SCHEDULE_ROW_H

#include "schedule/policy.h"

/** struct policy's graph(). */
struct graph *row_graph(const struct llm *m, const struct workload *w,
			const struct plan *plan, enum span span);

/** struct policy's memory(). */
void row_memory(const struct llm *m, const struct workload *w,
		const struct plan *plan, struct memory *mem);

#endif
