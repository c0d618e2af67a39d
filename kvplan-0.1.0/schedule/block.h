/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * block.h - layer by layer, in each layer batch by batch.
 *
 * What most policies share: they differ in who decides what, and in style.
 * With one batch and resident weights this is the paper's row-by-row
 * schedule, with several batches and streamed weights its column-by-column
 * one.  Slot n (graph.h), with prefetch depth D, waits besides the order of
 * its streams for:
 *
 *   load_weight_*     of layer j, once: the last ffn of layer j - 2, so that
 *                     they travel under layer j - 1
 *   load_activation   X of the first l tokens: ffn(n - D - 1)
 *   load_cache        KV of the others: ffn(n - D - 1)
 *   project           the layer's load_weight_kv and _qo; for layer 0: the
 *                     same batch's head of the step before
 *   store_cache       the new token's KV: project(n)
 *   store_activation  its X (normed), if the split may pass the prompt: the
 *                     same
 *   recompute         load_activation(n)
 *   attend            load_cache(n)
 *   output            -
 *   ffn               the layer's load_weight_ffn
 *
 * Slots before the first are the last of the step before.  A load also
 * waits until the step before has stored the token that it fetches.  Loads for
 * slot n + D are issued with slot n, behind the weights that are; those for the
 * first D slots of a step when it begins.  Where one layer stands for all,
 * those for slots beyond it serve a later one.  Depth 0 is the paper's row
 * schedule: a layer's loads are issued when it begins.
 * Depth D takes D + 1 buffers on the GPU for what is loaded.  A buffer could
 * be filled again as soon as attend has read it; that loads wait for ffn is
 * the paper's order, not memory's.
 *
 * Copies of one direction go in the order of issue, whatever their process
 * (graph.h, copies_in_order), as kvplan-gpu runs them: a copy engine may else
 * take many of one stream before those that others wait for.  Where the CPU
 * attends they do not, as what it found must not wait for a layer's weights:
 * the systems that do so have a stream of its own for weights.
 *
 * In the fine pipeline recompute comes before project and waits for
 * load_weight_kv alone; that and load_activation are issued before the rest
 * of the weights and load_cache.
 *
 * Stored in fewer bits, KV and X are dequantised before attend and recompute,
 * and wait for what these would; the new tokens' are quantised before they are
 * stored; weights are dequantised once a layer, when all of them are there.
 *
 * Where the CPU attends to the KV on the host (enum attention), decode loads
 * and stores none of it.  Instead store_query(n) waits for project(n),
 * attend_host(n) for that, load_attention(n) for that and output(n) for that;
 * attend(n) is about the requests whose KV is on the GPU.
 *
 * Prefill has no loads but of weights; stores wait for project (or quantise),
 * and project for the store of two slots before, whose buffer it fills.
 */
#ifndef SCHEDULE_BLOCK_H
#define SCHEDULE_BLOCK_H

#include "schedule/policy.h"

/* How a policy departs from what stands above. */
enum block_style {
	BLOCK_OVERLAPPED,	/* not at all */
	BLOCK_SERIAL,		/* nothing overlaps: project, and what
				 * dequantises weights before it, waits for
				 * load_cache(n), and for load_weight_ffn
				 * too, attend for store_cache(n), the first
				 * load for the head, weights load when the
				 * layer before has ended */
	BLOCK_COPY_BACK,	/* append(n), after load_cache(n), puts the
				 * new token to the others; store_cache then
				 * writes back all, on the compute stream:
				 * attend waits for it */
	BLOCK_INTERLEAVED,	/* with the CPU attending: the next layer's
				 * project(n) follows ffn(n) at once, so that
				 * the CPU works for one batch while the GPU
				 * works for another; no weights are streamed */
};

/** Graph of `plan` in `style`; struct policy's graph() says the rest. */
struct graph *block_graph(const struct llm *m, const struct workload *w,
			  const struct plan *plan, enum span span,
			  enum block_style style);

/** struct policy's graph(), overlapped. */
struct graph *block_overlapped_graph(const struct llm *m,
				     const struct workload *w,
				     const struct plan *plan,
				     enum span span);

#endif
