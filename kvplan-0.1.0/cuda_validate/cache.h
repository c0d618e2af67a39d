/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cache.h - how one layer's KV cache lies in memory, on GPU and host alike.
 *
 *     element [token][request][K or V][kv head][dimension], fp16
 *
 * Tokens come first, so that all requests' K and V of the tokens [i, j) are
 * one contiguous piece.  Three things follow.  The recomputed K and V of the
 * first l tokens are what the product X[l * b][h] * W_KV^T gives, in place,
 * as X lies in the same order and W_KV holds W_K's rows, then W_V's.  The
 * tokens that cross the link are one copy, from host to the same offset of
 * the same buffer.  And a new token is appended behind the others, on both
 * sides.  So the parts are joined by where they are written, with no copy.
 *
 * Attention reads a head's rows of 2 * head_dim bytes at a stride; heads
 * that lie side by side are read by warps that run side by side.
 */
#ifndef CUDA_VALIDATE_CACHE_H
#define CUDA_VALIDATE_CACHE_H

#include <stddef.h>

#include "model/llm.h"

/* Bytes of an fp16 element. */
enum { CACHE_ELEMENT_BYTES = 2 };

/* The shape of one layer's cache; plain data. */
struct cache {
	size_t batch;		/* requests */
	size_t hidden;		/* width of a stored layer input X */
	size_t heads;		/* query heads */
	size_t kv_heads;
	size_t head_dim;
};

/** The cache of one layer of `m` for `batch` requests. */
static inline struct cache cache_of(const struct llm *m, size_t batch)
{
	return (struct cache){ .batch = batch, .hidden = m->hidden,
			       .heads = m->heads, .kv_heads = m->kv_heads,
			       .head_dim = m->head_dim };
}

/** q: width of a token's queries [elements]. */
static inline size_t cache_query_width(const struct cache *c)
{
	return c->heads * c->head_dim;
}

/** k: width of a token's K, and of its V [elements]. */
static inline size_t cache_kv_width(const struct cache *c)
{
	return c->kv_heads * c->head_dim;
}

/** [B] of K and V of `tokens` tokens of every request: also the offset of
 * token number `tokens`. */
static inline size_t cache_kv_bytes(const struct cache *c, size_t tokens)
{
	return tokens * c->batch * 2 * cache_kv_width(c) *
	       CACHE_ELEMENT_BYTES;
}

/** [B] of X of `tokens` tokens of every request, and an offset likewise. */
static inline size_t cache_x_bytes(const struct cache *c, size_t tokens)
{
	return tokens * c->batch * c->hidden * CACHE_ELEMENT_BYTES;
}

#endif
