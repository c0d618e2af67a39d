/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/workspace.h"

#include <math.h>

#include <cuda_runtime_api.h>

#include "cuda_validate/attend.h"
#include "cuda_validate/elementwise.h"

/* Left free on the GPU when as many weights as fit are placed. */
static const size_t reserve_bytes = (size_t)1 << 30;

/* Base of the rotary angles, that of LLaMA-2. */
static const double rotary_base = 10000.0;

static bool has_op(const struct job *j, enum op op)
{
	for (size_t i = 0; i < j->graph->ntasks; i++)
		if (j->graph->tasks[i].op == op)
			return true;
	return false;
}

static bool keeps_x(const struct job *j)
{
	return has_op(j, OP_LOAD_ACTIVATION) || has_op(j, OP_STORE_ACTIVATION);
}

static bool is_pageable(const struct job *j)
{
	return j->plan.decision[DECISION_HOME] == HOME_PAGEABLE;
}

static size_t most_tokens(const struct job *j)
{
	return job_cached(j, j->end_step - 1) + 1;
}

/* Requests of a batch whose KV is on the host; a part of one is all of it. */
static size_t host_requests(const struct job *j)
{
	double n = plan_cache_on_host(&j->plan) * (double)j->workload.batch;

	return (size_t)ceil(n - 1e-9);
}

static size_t slots_in_flight(const struct job *j)
{
	return 2 * j->graph->batches;
}

size_t workspace_weight_offset(const struct llm *m,
			       enum workspace_weight part)
{
	size_t h = m->hidden, q = llm_query_width(m), k = llm_kv_width(m);
	size_t wide = m->ffn_gated ? 2 * m->ffn : m->ffn;
	const size_t elements[] = { h * q, h * q, 2 * h * k, h * wide };
	size_t at = 0;

	for (int i = 0; i < (int)part; i++)
		at += elements[i];
	return 2 * at;
}

static size_t weight_bytes(const struct llm *m)
{
	return workspace_weight_offset(m, WORKSPACE_FFN_OUT) +
	       2 * m->hidden * m->ffn;
}

/* ---- the host ---- */

static const size_t small_alignment = 256;

/* [B] of `what` of one slot. */
static size_t small_bytes(const struct job *j, enum workspace_small what)
{
	const struct llm *m = &j->model;
	size_t b = j->workload.batch, q = llm_query_width(m), bytes = 0;

	switch (what) {
	case WORKSPACE_SMALL_HIDDEN:
		bytes = 2 * b * m->hidden;
		break;
	case WORKSPACE_SMALL_QUERY:
		bytes = 2 * b * (q + 2 * llm_kv_width(m));
		break;
	case WORKSPACE_SMALL_FLOAT:
		bytes = 2 * sizeof(float) * b * q;
		break;
	case WORKSPACE_SMALL_ATTENDED:
		bytes = 2 * b * q;
		break;
	case WORKSPACE_SMALLS:
		break;
	}
	return (bytes + small_alignment - 1) / small_alignment *
	       small_alignment;
}

static size_t small_offset(const struct job *j, enum workspace_small what)
{
	size_t at = 0;

	for (int i = 0; i < (int)what; i++)
		at += small_bytes(j, (enum workspace_small)i);
	return at;
}

/* What is wanted of the host, by kind. */
static void want(struct workspace *w)
{
	const struct job *j = w->job;
	const struct llm *m = &j->model;
	size_t pieces = m->layers * j->graph->batches;
	size_t kv = cache_kv_bytes(&w->cache, w->tokens);
	bool small = has_op(j, OP_STORE_QUERY) || has_op(j, OP_LOAD_HIDDEN);
	bool embedding = has_op(j, OP_LOAD_EMBEDDING);

	pool_want(&w->kv_host, kv, is_pageable(j) ? 2 : pieces);
	pool_want(&w->kv_pageable, kv, is_pageable(j) ? pieces : 0);
	pool_want(&w->x_host, cache_x_bytes(&w->cache, w->tokens),
		  keeps_x(j) ? pieces : 0);
	pool_want(&w->weights_host, weight_bytes(m),
		  w->streamed ? m->layers : 0);
	pool_want(&w->embedding_host, 2 * m->vocab * m->hidden,
		  embedding ? 1 : 0);
	pool_want(&w->small_host, small_offset(j, WORKSPACE_SMALLS),
		  small ? slots_in_flight(j) : 0);
}

enum { PINNED_KINDS = 5 };

static void begin(struct workspace *w, const struct job *j)
{
	size_t host = host_requests(j);

	*w = (struct workspace){
		.job = j, .cache = cache_of(&j->model, host),
		.resident_cache = cache_of(&j->model,
					   j->workload.batch - host),
		.tokens = most_tokens(j),
		.streamed = has_op(j, OP_LOAD_WEIGHT_KV) ||
			    has_op(j, OP_LOAD_WEIGHT_FFN) };
	want(w);
}

void workspace_host_bytes(const struct job *job, size_t *pinned,
			  size_t *pageable)
{
	struct workspace w;
	struct pool_pieces *kinds[PINNED_KINDS] = {
		&w.kv_host, &w.x_host, &w.weights_host, &w.embedding_host,
		&w.small_host };
	struct pool_pieces *other = &w.kv_pageable;

	begin(&w, job);
	*pinned = pool_wanted_bytes(kinds, PINNED_KINDS);
	*pageable = pool_wanted_bytes(&other, 1);
}

static bool take_host(struct workspace *w, const struct pool *pool)
{
	struct pool_pieces *kinds[PINNED_KINDS] = {
		&w->kv_host, &w->x_host, &w->weights_host,
		&w->embedding_host, &w->small_host };
	struct pool_pieces *other = &w->kv_pageable;

	return pool_divide(w->g, pool->pinned.data, pool->pinned.bytes, kinds,
			   PINNED_KINDS) &&
	       pool_divide(w->g, pool->pageable.data, pool->pageable.bytes,
			   &other, 1);
}

/* ---- the GPU ---- */

/* Room for `bytes`, filled with numbers of deviation `scale`; 0 is none. */
static bool make(struct workspace *w, struct buffer *b, size_t bytes,
		 float scale)
{
	if (bytes == 0)
		return true;
	return buffer_alloc(w->g, BUFFER_DEVICE, bytes, b) &&
	       buffer_fill_random(w->g, b, scale, bytes);
}

static bool make_ring(struct workspace *w, struct workspace_ring *r,
		      size_t bytes, size_t count, float scale)
{
	r->bytes = (bytes + small_alignment - 1) / small_alignment *
		   small_alignment;
	r->count = bytes == 0 ? 0 : count;
	return make(w, &r->buffer, r->bytes * r->count, scale);
}

/* As many of `count` pieces as fit, at least one. */
static bool make_most(struct workspace *w, struct workspace_ring *r,
		      size_t bytes, size_t count, float scale)
{
	size_t available = 0, all = 0, fit;

	if (bytes == 0)
		return true;
	if (!device_ok(w->g, cudaMemGetInfo(&available, &all),
		       "cudaMemGetInfo"))
		return false;
	fit = available > reserve_bytes ? (available - reserve_bytes) / bytes
					: 0;
	if (fit < 1)
		fit = 1;
	return make_ring(w, r, bytes, count < fit ? count : fit, scale);
}

static bool make_activations(struct workspace *w)
{
	const struct job *j = w->job;
	const struct llm *m = &j->model;
	size_t b = j->workload.batch, h = m->hidden, flight;
	size_t q = llm_query_width(m), k = llm_kv_width(m);
	size_t wide = m->ffn_gated ? 2 * m->ffn : m->ffn;
	size_t stored = graph_slots(j->graph) + 1;
	bool store_x = has_op(j, OP_STORE_ACTIVATION);

	flight = slots_in_flight(j);
	return make_ring(w, &w->hidden, 2 * b * h, j->graph->batches, 1.0f) &&
	       make(w, &w->start, w->hidden.bytes, 1.0f) &&
	       make_ring(w, &w->normed, 2 * b * h, store_x ? stored : 1,
			 1.0f) &&
	       make_ring(w, &w->fresh, cache_kv_bytes(&w->cache, 1), stored,
			 1.0f) &&
	       make_ring(w, &w->qkv, 2 * b * (q + 2 * k), flight, 1.0f) &&
	       make_ring(w, &w->attended, 2 * b * q, flight, 1.0f) &&
	       make(w, &w->ffn_normed, 2 * b * h, 1.0f) &&
	       make(w, &w->inner, 2 * b * wide, 1.0f) &&
	       make(w, &w->gated, m->ffn_gated ? 2 * b * m->ffn : 0, 1.0f) &&
	       make(w, &w->logits, 2 * b * m->vocab, 1.0f) &&
	       make(w, &w->gain, 2 * h, 1.0f);
}

static bool make_buffers(struct workspace *w)
{
	const struct job *j = w->job;
	size_t n = plan_prefetch(&j->plan) + 1, slots;
	size_t kv = cache_kv_bytes(&w->cache, w->tokens);
	bool loads = has_op(j, OP_LOAD_CACHE) || has_op(j, OP_LOAD_KEY) ||
		     has_op(j, OP_RECOMPUTE);

	slots = graph_slots(j->graph);
	n = n < slots ? n : slots;
	return make_ring(w, &w->kv, loads ? kv : 0, n, 1.0f) &&
	       make_ring(w, &w->x,
			 cache_x_bytes(&w->cache, job_most_split(j)), n,
			 1.0f) &&
	       make(w, &w->joined, has_op(j, OP_APPEND) ? kv : 0, 1.0f);
}

static bool make_attention(struct workspace *w)
{
	const struct job *j = w->job;
	const struct llm *m = &j->model;
	struct cache all = cache_of(m, j->workload.batch);
	size_t bytes = attend_workspace_bytes(&all, w->tokens);

	if (!buffer_alloc(w->g, BUFFER_DEVICE, bytes, &w->scratch) ||
	    !device_ok(w->g, cudaMemset(w->scratch.data, 0, bytes),
		       "cudaMemset"))
		return false;
	if (!m->rotary)
		return true;
	return buffer_alloc(w->g, BUFFER_DEVICE,
			    w->tokens * m->head_dim * sizeof(float),
			    &w->table) &&
	       device_ok(w->g, elementwise_rotary_table(
				 w->table.data, w->tokens, m->head_dim,
				 rotary_base, NULL), "rotary table");
}

static bool make_weights(struct workspace *w)
{
	const struct job *j = w->job;
	const struct llm *m = &j->model;
	float scale = 1.0f / sqrtf((float)m->hidden);
	size_t bytes = weight_bytes(m), head = 2 * m->vocab * m->hidden;
	size_t layers = m->layers, two = layers % 2 == 1 ? 3 : 2;
	bool embedding = has_op(j, OP_LOAD_EMBEDDING);

	if (w->streamed && layers > two)
		layers = two;
	return make(w, &w->head, head, scale) &&
	       make(w, &w->embedding, embedding ? head : 0, scale) &&
	       make_most(w, &w->weights, bytes, layers, scale) &&
	       make_most(w, &w->resident,
			 cache_kv_bytes(&w->resident_cache, w->tokens),
			 m->layers * j->graph->batches, 1.0f);
}

bool workspace_open(struct workspace *w, struct device *g,
		    const struct job *job, const struct pool *pool)
{
	begin(w, job);
	w->g = g;
	return take_host(w, pool) && make_activations(w) && make_buffers(w) &&
	       make_attention(w) && make_weights(w) && device_synchronise(g);
}

void workspace_close(struct workspace *w)
{
	struct workspace_ring *rings[] = { &w->weights, &w->kv, &w->x,
					   &w->resident, &w->hidden,
					   &w->fresh, &w->normed, &w->qkv,
					   &w->attended };
	struct buffer *all[] = { &w->start, &w->joined, &w->embedding,
				 &w->head, &w->gain, &w->logits, &w->table,
				 &w->ffn_normed, &w->inner, &w->gated,
				 &w->scratch };

	for (size_t i = 0; i < sizeof rings / sizeof rings[0]; i++)
		buffer_free(&rings[i]->buffer);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		buffer_free(all[i]);
}

bool workspace_restart(const struct workspace *w, struct CUstream_st *stream)
{
	for (size_t i = 0; i < w->hidden.count; i++)
		if (!device_ok(w->g, cudaMemcpyAsync(
				workspace_piece(&w->hidden, i), w->start.data,
				w->start.bytes, cudaMemcpyDeviceToDevice,
				stream), "cudaMemcpyAsync"))
			return false;
	return true;
}

/* ---- where ---- */

void *workspace_piece(const struct workspace_ring *r, size_t i)
{
	return (char *)r->buffer.data + i % r->count * r->bytes;
}

char *workspace_weights(const struct workspace *w, size_t layer)
{
	size_t layers = w->job->model.layers;

	/* neighbours are apart, the last and the next step's first too */
	if (w->streamed && w->weights.count > 2 && layer + 1 == layers)
		layer = 2;
	else if (w->streamed)
		layer %= 2;
	return workspace_piece(&w->weights, layer);
}

char *workspace_weights_host(const struct workspace *w, size_t layer)
{
	return pool_at(&w->weights_host, layer);
}

char *workspace_small(const struct workspace *w, enum workspace_small what,
		      size_t slot)
{
	return (char *)pool_at(&w->small_host, slot) +
	       small_offset(w->job, what);
}
