/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attention.h - decode attention on the GPU: one new token of each request
 * against its cached K and V.
 *
 *     out = softmax(scale * q K^T) V        of each query head
 *
 * The cache lies as cache.h says.  The tokens are divided among warps, each
 * of which keeps a running maximum and sum (Milakov, Gimelshein 2018); the
 * last to finish joins the parts (the scheme of flash-decoding: Dao, Haziza,
 * Massa, Sizov 2023).  fp16 in and out, fp32 between.  One kernel, bound by
 * the reading of K and V from device memory.
 */
#ifndef CUDA_VALIDATE_ATTENTION_H
#define CUDA_VALIDATE_ATTENTION_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct CUstream_st;

/* What attention_run() is to do; plain data. */
struct attention {
	size_t batch, tokens;	/* >= 1; tokens that are cached */
	size_t heads, kv_heads;	/* heads is a multiple of kv_heads */
	size_t head_dim;	/* a multiple of 8, at most 256 */
	float scale;		/* 1 / sqrt(head_dim), as a rule */
	size_t q_row;		/* elements from a request's q to the next */
	const void *q;		/* [batch][heads * head_dim], q_row apart */
	const void *kv;		/* the cache */
	void *out;		/* [batch][heads * head_dim], contiguous */
	void *workspace;	/* attention_workspace_bytes(), zero before
				 * the first use and left ready for the next */
};

/** [B] of workspace that any number of tokens up to `tokens` needs. */
size_t attention_workspace_bytes(size_t batch, size_t tokens, size_t heads,
				 size_t kv_heads, size_t head_dim);

/** Launch on `stream` on the current GPU; a cudaError_t. */
unsigned attention_run(const struct attention *a, struct CUstream_st *stream);

#ifdef __cplusplus
}
#endif

#endif
