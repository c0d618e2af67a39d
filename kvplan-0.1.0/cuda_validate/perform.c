/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/perform.h"

#include <cuda_runtime_api.h>

#include "cuda_validate/compute.h"

/* ---- copies ---- */

/* What the task says, in as many copies as it says. */
static bool copy(const struct act *a, void *to, const void *from)
{
	bool in = a->work->engine == ENGINE_H2D;
	size_t n = (size_t)a->work->launches, bytes = act_bytes(a), at = 0;

	for (size_t i = 0; i < n; i++) {
		size_t end = bytes * (i + 1) / n;

		if (!act_ok(a, cudaMemcpyAsync(
				(char *)to + at, (const char *)from + at,
				end - at, in ? cudaMemcpyHostToDevice
					     : cudaMemcpyDeviceToHost,
				a->stream)))
			return false;
		at = end;
	}
	return true;
}

static char *kv_host(const struct act *a)
{
	const struct workspace *w = a->w;

	return w->kv_pageable.count > 0 ? pool_at(&w->kv_pageable, a->cache)
					: pool_at(&w->kv_host, a->cache);
}

static bool load_weight(const struct act *a)
{
	enum workspace_weight part = a->task->op == OP_LOAD_WEIGHT_KV
		? WORKSPACE_KV : a->task->op == OP_LOAD_WEIGHT_QO
		? WORKSPACE_OUTPUT : WORKSPACE_FFN_IN;
	size_t at = workspace_weight_offset(a->m, part);

	return copy(a, workspace_weights(a->w, a->layer) + at,
		    workspace_weights_host(a->w, a->layer) + at);
}

static bool load_cache(const struct act *a)
{
	size_t at = cache_kv_bytes(&a->w->cache, a->split);

	return copy(a, act_kv(a) + at, kv_host(a) + at);
}

/* Where the second of two halves of a whole cache begins. */
static size_t half_offset(const struct act *a)
{
	enum op op = a->task->op;
	bool value = op == OP_LOAD_VALUE || op == OP_STAGE_VALUE;

	return value ? cache_kv_bytes(&a->w->cache, a->cached) / 2 : 0;
}

static bool load_half(const struct act *a)
{
	const struct workspace *w = a->w;
	size_t at = half_offset(a);
	char *from = w->kv_pageable.count > 0
		? pool_at(&w->kv_host, a->slot) : kv_host(a);

	return copy(a, act_kv(a) + at, from + at);
}

static bool store_cache(const struct act *a)
{
	bool whole = a->work->bytes.per_token > 0.0;
	size_t at = whole ? 0 : cache_kv_bytes(&a->w->cache, a->cached);

	return copy(a, kv_host(a) + at,
		    whole ? a->w->joined.data
			  : workspace_piece(&a->w->fresh, a->slot));
}

static bool store_activation(const struct act *a)
{
	char *to = pool_at(&a->w->x_host, a->cache);

	return copy(a, to + cache_x_bytes(&a->w->cache, a->cached),
		    workspace_piece(&a->w->normed, a->slot));
}

/* The hidden state of its batch, on the GPU and where it waits. */
static char *hidden(const struct act *a)
{
	return workspace_piece(&a->w->hidden, a->task->batch);
}

static char *hidden_host(const struct act *a)
{
	return workspace_small(a->w, WORKSPACE_SMALL_HIDDEN, a->task->batch);
}

/* ---- the host ---- */

static bool stage(const struct act *a, struct host_work_queue *q)
{
	size_t at = half_offset(a);

	return host_work_stage(q, a->stream,
			       (char *)pool_at(&a->w->kv_host, a->slot) + at,
			       kv_host(a) + at, act_bytes(a));
}

static bool attend_host(const struct act *a, struct host_work_queue *q)
{
	const struct workspace *w = a->w;
	struct host_work_attention t = {
		.cache = w->cache, .tokens = a->cached + 1,
		.row = a->q + 2 * a->k, .kv = kv_host(a),
		.qkv = workspace_small(w, WORKSPACE_SMALL_QUERY, a->slot),
		.numbers = workspace_small(w, WORKSPACE_SMALL_FLOAT, a->slot),
		.out = workspace_small(w, WORKSPACE_SMALL_ATTENDED, a->slot),
	};

	return host_work_attend(q, a->stream, &t);
}

bool perform_task(struct perform *p, size_t task, size_t step,
		  struct CUstream_st *stream)
{
	struct act a = act_begin(p->w, p->matmul, task, step, stream);
	const struct workspace *w = p->w;

	switch (a.task->op) {
	case OP_LOAD_WEIGHT_KV:
	case OP_LOAD_WEIGHT_QO:
	case OP_LOAD_WEIGHT_FFN:
		return load_weight(&a);
	case OP_LOAD_EMBEDDING:
		return copy(&a, a.task->layer == 0 ? w->embedding.data
						   : w->head.data,
			    pool_at(&w->embedding_host, 0));
	case OP_LOAD_ACTIVATION:
		return copy(&a, workspace_piece(&w->x, a.slot),
			    pool_at(&w->x_host, a.cache));
	case OP_LOAD_ATTENTION:
		return copy(&a, workspace_piece(&w->attended, a.slot),
			    workspace_small(w, WORKSPACE_SMALL_ATTENDED,
					    a.slot));
	case OP_LOAD_CACHE:
		return load_cache(&a);
	case OP_LOAD_KEY:
	case OP_LOAD_VALUE:
		return load_half(&a);
	case OP_LOAD_HIDDEN:
		return copy(&a, hidden(&a), hidden_host(&a));
	case OP_STORE_HIDDEN:
		return copy(&a, hidden_host(&a), hidden(&a));
	case OP_STORE_CACHE:
		return store_cache(&a);
	case OP_STORE_QUERY:
		return copy(&a, workspace_small(w, WORKSPACE_SMALL_QUERY,
						a.slot),
			    workspace_piece(&w->qkv, a.slot));
	case OP_STORE_ACTIVATION:
		return store_activation(&a);
	case OP_STAGE_KEY:
	case OP_STAGE_VALUE:
		return stage(&a, p->host);
	case OP_ATTEND_HOST:
		return attend_host(&a, p->host);
	default:
		break;
	}
	return compute_task(&a);
}
