/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/host_work.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cuda_runtime_api.h>

#include "base/xalloc.h"
#include "cuda_validate/half.h"
#include "cuda_validate/host_attention.h"

struct item {
	struct item *next;
	struct host_work_queue *queue;
	void *to;
	const void *from;
	size_t bytes;
	struct host_work_attention attention;
};

struct host_work_queue {
	struct device *g;
	struct threads *threads;
	struct item *items;
};

struct host_work_queue *host_work_new(struct device *g, size_t threads)
{
	struct host_work_queue *q = xcalloc(1, sizeof *q);

	q->g = g;
	q->threads = threads_new(threads);
	return q;
}

void host_work_free(struct host_work_queue *q)
{
	if (q == NULL)
		return;
	host_work_clear(q);
	threads_free(q->threads);
	free(q);
}

void host_work_clear(struct host_work_queue *q)
{
	while (q->items != NULL) {
		struct item *i = q->items;

		q->items = i->next;
		free(i);
	}
}

static bool issue(struct host_work_queue *q, cudaStream_t stream,
		  cudaHostFn_t call, const struct item *what)
{
	struct item *i = xcalloc(1, sizeof *i);

	*i = *what;
	i->queue = q;
	i->next = q->items;
	q->items = i;
	return device_ok(q->g, cudaLaunchHostFunc(stream, call, i),
			 "cudaLaunchHostFunc");
}

static void CUDART_CB stage(void *context)
{
	const struct item *i = context;

	memcpy(i->to, i->from, i->bytes);
}

bool host_work_stage(struct host_work_queue *q, struct CUstream_st *stream,
		     void *to, const void *from, size_t bytes)
{
	return issue(q, stream, stage, &(struct item){
		.to = to, .from = from, .bytes = bytes });
}

/* Thread `t` of `n`: Q to fp32, K and V to the end of the cache. */
static void take_in(void *context, size_t t, size_t n)
{
	const struct host_work_attention *a = context;
	size_t q = cache_query_width(&a->cache);
	size_t kv = 2 * cache_kv_width(&a->cache);
	uint16_t *end = (uint16_t *)a->kv +
			(a->tokens - 1) * a->cache.batch * kv;
	float *to = a->numbers;

	for (size_t r = t; r < a->cache.batch; r += n) {
		const uint16_t *from = (const uint16_t *)a->qkv + r * a->row;

		for (size_t i = 0; i < q; i++)
			to[r * q + i] = half_to_float(from[i]);
		memcpy(end + r * kv, from + q, 2 * kv);
	}
}

static void give_out(void *context, size_t t, size_t n)
{
	const struct host_work_attention *a = context;
	size_t all = a->cache.batch * cache_query_width(&a->cache);
	const float *from = (const float *)a->numbers + all;
	uint16_t *to = a->out;

	for (size_t i = all * t / n; i < all * (t + 1) / n; i++)
		to[i] = half_from_float(from[i]);
}

static void CUDART_CB attend(void *context)
{
	struct item *i = context;
	struct host_work_attention *a = &i->attention;
	struct threads *threads = i->queue->threads;
	size_t all = a->cache.batch * cache_query_width(&a->cache);
	struct host_attention work = {
		.cache = a->cache, .tokens = a->tokens,
		.scale = 1.0f / sqrtf((float)a->cache.head_dim),
		.q = a->numbers, .kv = a->kv,
		.out = (float *)a->numbers + all };

	threads_run(threads, take_in, a);
	host_attention_run(&work, threads);
	threads_run(threads, give_out, a);
}

bool host_work_attend(struct host_work_queue *q, struct CUstream_st *stream,
		      const struct host_work_attention *a)
{
	return issue(q, stream, attend, &(struct item){ .attention = *a });
}
