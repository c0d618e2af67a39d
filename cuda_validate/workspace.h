/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workspace.h - where a job's data lies, on the GPU and on the host.
 *
 * On the GPU: the weights of every layer if they fit, else of as many as do,
 * used over and over; or those of two layers, where weights are streamed.
 * D + 1 buffers of KV and of X for what is loaded, which slot n uses in turn
 * (block.h); the KV of the requests that stay on the GPU; the activations of
 * one token of each request.  On the host, in the pool: KV and X of every
 * layer and batch, and the weights that are streamed.
 *
 * What is stored is not read from where the next slots write: the new
 * tokens' K, V and X have a place for each slot of a step, and one more.
 * All memory is filled with random numbers before it is used.
 *
 * A batch's requests are divided: the first ones' KV is on the host.
 */
#ifndef CUDA_VALIDATE_WORKSPACE_H
#define CUDA_VALIDATE_WORKSPACE_H

#include <stdbool.h>
#include <stddef.h>

#include "cuda_validate/buffer.h"
#include "cuda_validate/cache.h"
#include "cuda_validate/job.h"
#include "cuda_validate/pool.h"

/* Equal pieces of one buffer on the GPU; plain data. */
struct workspace_ring {
	struct buffer buffer;
	size_t bytes, count;		/* of a piece; pieces */
};

/* Which part of a layer's weights; in the order in which they lie. */
enum workspace_weight {
	WORKSPACE_OUTPUT,		/* [h][q] */
	WORKSPACE_QUERY,		/* [q][h]; those of K and V follow */
	WORKSPACE_KV,			/* [2k][h] */
	WORKSPACE_FFN_IN,		/* [f or 2f][h] */
	WORKSPACE_FFN_OUT		/* [h][f] */
};

/* Plain data, filled by workspace_open(). */
struct workspace {
	struct device *g;
	const struct job *job;
	struct cache cache;		/* of the requests on the host */
	struct cache resident_cache;	/* of those on the GPU */
	size_t tokens;			/* most in a cache, the new one too */
	bool streamed;			/* weights */
	/* on the GPU */
	struct workspace_ring weights, kv, x, resident;
	struct workspace_ring hidden;	/* of each batch */
	struct workspace_ring fresh, normed;	/* what is stored */
	struct workspace_ring qkv, attended;	/* of slots in flight */
	struct buffer start;		/* hidden states to begin with */
	struct buffer joined;		/* the cache with its new token */
	struct buffer embedding, head, gain, logits, table;
	struct buffer ffn_normed, inner, gated;
	struct buffer scratch;		/* of the attention kernel */
	/* on the host */
	struct pool_pieces kv_host, x_host, weights_host;
	struct pool_pieces embedding_host, small_host;
	struct pool_pieces kv_pageable;	/* kv_host then is what it is staged
					 * through */
};

/** [B] of pinned and of pageable host memory that `job` would like. */
void workspace_host_bytes(const struct job *job, size_t *pinned,
			  size_t *pageable);

/** Allocate, and take from `pool`; workspace_close() in any case. */
bool workspace_open(struct workspace *w, struct device *g,
		    const struct job *job, const struct pool *pool);
void workspace_close(struct workspace *w);

/** Let `stream` make all hidden states as they were at first. */
bool workspace_restart(const struct workspace *w, struct CUstream_st *stream);

/** Piece number `i`, modulo their number, of `r`. */
void *workspace_piece(const struct workspace_ring *r, size_t i);

/** Offset [B] of `part` in a layer's weights. */
size_t workspace_weight_offset(const struct llm *m,
			       enum workspace_weight part);

/** Weights of `layer` of the model, on the GPU and on the host. */
char *workspace_weights(const struct workspace *w, size_t layer);
char *workspace_weights_host(const struct workspace *w, size_t layer);

/* Small pinned pieces of each slot in flight. */
enum workspace_small {
	WORKSPACE_SMALL_HIDDEN,		/* hidden state */
	WORKSPACE_SMALL_QUERY,		/* Q, K, V as they come */
	WORKSPACE_SMALL_FLOAT,		/* Q, and the result, in fp32 */
	WORKSPACE_SMALL_ATTENDED,	/* the result in fp16 */
	WORKSPACE_SMALLS
};

/** Place of `what` of slot `slot`. */
char *workspace_small(const struct workspace *w, enum workspace_small what,
		      size_t slot);

#endif
