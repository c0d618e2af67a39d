/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * footprint.h - what a plan keeps where: struct policy's memory().
 *
 * On the GPU lie its share of weights and KV, two layers' buffers where
 * weights are streamed, one layer in 16 bits where they are stored in fewer,
 * and what the larger of the two phases works with:
 *
 *   decode   what is loaded, D + 1 times: X of l tokens and KV of the
 *            others, stored; K and V recomputed, and dequantised, once (of
 *            what the CPU attends to, none); the activations of one token of
 *            each request
 *   prefill  the activations of one batch's prompts; what is on its way to
 *            the host, twice; the hidden state of all batches,
 *            unless that waits on the host (DECISION_HIDDEN)
 *
 * On the host lie the rest of the weights, and for each GPU the rest of the
 * KV, and X of as many tokens as some step recomputes from.  The largest
 * step counts.  Norms, biases, the CUDA context and cuBLAS's workspace are
 * left out.
 */
#ifndef SCHEDULE_FOOTPRINT_H
#define SCHEDULE_FOOTPRINT_H

#include "schedule/policy.h"

/** Fill `mem` with what `plan` keeps where. */
void footprint_memory(const struct llm *m, const struct workload *w,
		      const struct plan *plan, struct memory *mem);

/**
 * The same where `on_gpu` of the layers' weights is on the GPU, whatever the
 * plan says: policies that place whole tensors.
 */
void footprint_placed(const struct llm *m, const struct workload *w,
		      const struct plan *plan, double on_gpu,
		      struct memory *mem);

#endif
