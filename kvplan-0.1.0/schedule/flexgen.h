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
 * Where the GPU attends to KV in pageable memory, the main thread copies K
 * into a pinned buffer, issues its copy, and does the same with V; C(j,k) is
 * launched after both.  The new K and V go to pageable memory in two copies.
 * Where the CPU attends, it does so inside C, the GPU waiting.  Weights in
 * fewer bits are dequantised for each batch.
 *
 * Weights are placed as whole tensors: a tensor is on the GPU if its middle,
 * as a share of its layer's bytes (biases and norms counted), is not below
 * the share that is to be on the host.  Hidden states are all on the GPU or
 * all on the host.  Memory counts the embedding on the GPU, where it is while
 * it is used.
 */
#ifndef SCHEDULE_FLEXGEN_H
#define SCHEDULE_FLEXGEN_H

#include "schedule/policy.h"

extern const struct policy policy_flexgen;

/**
 * Share of the layers' weights that is on the GPU when `asked` (0 to 1) is
 * to be: whole tensors are placed.
 */
double flexgen_on_gpu(const struct llm *m, double asked);

#endif
