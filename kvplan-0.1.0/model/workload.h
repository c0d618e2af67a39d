/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workload.h - what is to be decoded.
 *
 * Plain data.  The first generated token comes out of prefill; each of the
 * gen - 1 decode steps produces one more token of every request.  Step i
 * (from 0) finds prompt + i tokens in the KV cache: the current length s'
 * of the paper.
 */
#ifndef MODEL_WORKLOAD_H
#define MODEL_WORKLOAD_H

#include <stddef.h>

#include "base/diag.h"
#include "model/element.h"
#include "model/llm.h"

struct workload {
	size_t batch;			/* b: requests of a batch, >= 1 */
	size_t num_batches;		/* batches that go through a layer one
					 * after another, >= 1 */
	size_t prompt;			/* s: tokens of each prompt, >= 1 */
	size_t gen;			/* tokens generated of each, >= 2 */
	size_t gpus;			/* that share the host, each with such
					 * a workload of its own, >= 1 */
	enum element weights, kv, activations;	/* as stored and sent */
};

/* Far above any workload, far below what would overflow a product. */
enum {
	WORKLOAD_MOST_BATCH = 1 << 20, WORKLOAD_MOST_BATCHES = 1 << 10,
	WORKLOAD_MOST_TOKENS = 1 << 28, WORKLOAD_MOST_GPUS = 10
};

/**
 * STATUS_INVALID unless every number is in range and prompt + gen - 1
 * tokens fit the positions of `m`.
 */
MUST_CHECK enum status workload_check(const struct workload *w,
				      const struct llm *m, struct diag *d);

/** Requests that one GPU serves: batch * num_batches. */
size_t workload_requests(const struct workload *w);

/** Number of decode steps, gen - 1. */
size_t workload_steps(const struct workload *w);

/** Tokens of a request whose K and V are cached in the end. */
size_t workload_tokens(const struct workload *w);

/** s': tokens in the cache when decode step `step` begins. */
size_t workload_cached(const struct workload *w, size_t step);

#endif
