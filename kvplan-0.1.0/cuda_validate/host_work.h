/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host_work.h - what the host does in the order of a CUDA stream.
 *
 * Host functions, which CUDA calls on a thread of its own when the stream
 * comes to them; what follows on the stream waits until they have returned.
 * Staging is one thread's copy; attention is done by all of the CPU's.
 */
#ifndef CUDA_VALIDATE_HOST_WORK_H
#define CUDA_VALIDATE_HOST_WORK_H

#include <stdbool.h>
#include <stddef.h>

#include "cuda_validate/cache.h"
#include "cuda_validate/device.h"

struct host_work_queue;		/* opaque: the threads, and what was issued */

/** For `g`, with so many threads for attention; never NULL. */
struct host_work_queue *host_work_new(struct device *g, size_t threads);
void host_work_free(struct host_work_queue *q);	/* NULL is a no-op */

/** Forget what was issued; all of it must be done. */
void host_work_clear(struct host_work_queue *q);

/** Let `stream` copy `bytes` from `from` to `to`, both on the host. */
bool host_work_stage(struct host_work_queue *q, struct CUstream_st *stream,
		     void *to, const void *from, size_t bytes);

/* Attention of new tokens to their caches, on the host; plain data. */
struct host_work_attention {
	struct cache cache;
	size_t tokens;		/* with the new one */
	size_t row;		/* elements of `qkv` from request to request */
	const void *qkv;	/* fp16 [batch][row]: Q, then K and V */
	void *kv;		/* the cache; K and V become its last token */
	void *numbers;		/* room for fp32 [2][batch][heads * dim] */
	void *out;		/* fp16 [batch][heads * dim] */
};

/** Let `stream` do that; `a` is copied. */
bool host_work_attend(struct host_work_queue *q, struct CUstream_st *stream,
		      const struct host_work_attention *a);

#endif
