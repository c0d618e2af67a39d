/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host_attention.h - decode attention on the CPU, where the cache lies.
 *
 * What methods that leave the KV cache in place do (FastDecode and others);
 * measured so that a machine's profile can say what that would cost.  The
 * cache lies as cache.h says.  fp16 in, fp32 arithmetic and out; eight
 * numbers at a time where the CPU has AVX2 and F16C.
 */
#ifndef CUDA_VALIDATE_HOST_ATTENTION_H
#define CUDA_VALIDATE_HOST_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

#include "cuda_validate/cache.h"
#include "cuda_validate/threads.h"

/* What host_attention_run() is to do; plain data. */
struct host_attention {
	struct cache cache;	/* head_dim a multiple of 8, at most 256 */
	size_t tokens;		/* >= 1 */
	float scale;
	const float *q;		/* [batch][heads * head_dim] */
	const uint16_t *kv;
	float *out;		/* [batch][heads * head_dim] */
	int portable;		/* leave the CPU's vector instructions alone */
};

/**
 * Do it on all threads of `t`: requests are divided among them, and where
 * these are fewer than the threads, a request's KV heads.  Cannot fail.
 */
void host_attention_run(struct host_attention *a, struct threads *t);

/** Whether this CPU has the vector instructions. */
int host_attention_is_vectorised(void);

#endif
