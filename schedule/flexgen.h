/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flexgen.h - FlexGen's own runtime (arXiv 2303.06865, FMInference/FlexGen).
 *
 * For every token, layer j and batch k its main thread issues, and then
 * waits for the whole device:
 *
 *   several batches   W(j+1) if k = 0, LC(j,k+1), SH(j,k-1), LH(j,k+1),
 *                     C(j,k), SC(j,k-1), SYNC
 *   one batch         W(j+1), LC(j+1), LH(j), C(j), SC(j-1), SH(j), SYNC
 *
 * W loads weights, LC the cache, LH and SH load and store the hidden state
 * on the compute stream, C computes, SC stores the new K and V.  Between the
 * embedding and the output layer, attention and FFN are layers of their own
 * (sep_layer) or one.  graph.layers counts these.
 *
 * Copies of one direction go in the order of issue (graph.h, copies_in_order):
 * LH, and what the CPU's attention gave, come behind what W and LC load in the
 * slot.  FlexGen gives these streams of their own, and a copy engine goes on
 * with the stream that it served last (seen on an H200,
 * cuda_validate/runtime.h), not with what became ready first.
 *
 * Where the GPU attends to KV in pageable memory, the main thread copies K
 * into a pinned buffer, issues its copy, and does the same with V; C(j,k) is
 * launched after both.  The new K and V go to pageable memory in two copies.
 * Where the CPU attends, it does so inside C, the GPU waiting.  Weights in
 * fewer bits are dequantised for each batch.
 *
 * Weights are placed as whole tensors (schedule/flexgen_tensors.h).  Hidden
 * states are all on the GPU or all on the host.  Memory counts the embedding
 * on the GPU, where it is while it is used.
 *
 * A policy that recomputes the first l tokens loads their X in LC, before K
 * and V of the others, and recomputes in C, before all else: of a slot where
 * nothing but the link or the kernels binds, the longer of
 *
 *   link      M_X + M_KV, and the layer's weights in the slot of batch 0
 *   kernels   N / v_gpu, and the rest of C
 *
 * which is the paper's column form.  SC stores the new X as well if the split
 * may pass the prompt, in prefill that of as much of the prompt as is needed.
 */
#ifndef SCHEDULE_FLEXGEN_H
#define SCHEDULE_FLEXGEN_H

#include "schedule/policy.h"

extern const struct policy policy_flexgen;

/** struct policy's graph(), of any policy whose runtime is FlexGen's. */
struct graph *flexgen_graph(const struct llm *m, const struct workload *w,
			    const struct plan *plan, enum span span);

/** struct policy's memory(), of the same. */
void flexgen_memory(const struct llm *m, const struct workload *w,
		    const struct plan *plan, struct memory *mem);

#endif
