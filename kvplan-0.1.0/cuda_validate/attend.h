/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attend.h - attention.h's kernel for a cache as cache.h has it.
 */
#ifndef CUDA_VALIDATE_ATTEND_H
#define CUDA_VALIDATE_ATTEND_H

#include <stddef.h>

#include "cuda_validate/cache.h"

struct CUstream_st;

/* What attend_run() is to do; plain data. */
struct attend {
	const struct cache *cache;
	size_t tokens;		/* to attend to, >= 1 */
	size_t q_row;		/* elements from a request's q to the next */
	const void *q, *kv;
	void *out;
	void *workspace;	/* attend_workspace_bytes(), zero at first */
};

/** [B] of workspace that up to `tokens` tokens of `c` need. */
size_t attend_workspace_bytes(const struct cache *c, size_t tokens);

/** Launch on `stream`; a cudaError_t. */
unsigned attend_run(const struct attend *a, struct CUstream_st *stream);

#endif
