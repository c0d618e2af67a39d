/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/check_step.h"

#include <math.h>

#include <cuda_runtime_api.h>

#include "cuda_validate/attention.h"
#include "cuda_validate/elementwise.h"

static bool open_buffers(struct check_step *s)
{
	const struct check_case *c = s->c;
	const struct cache *k = &c->cache;
	size_t tokens = c->length + 1, q = cache_query_width(k);
	size_t wide = q + 2 * cache_kv_width(k), b = k->batch;
	const struct {
		struct buffer *buffer;
		enum buffer_place place;
		size_t bytes;
	} all[] = {
		{ &s->x_host, BUFFER_PINNED, cache_x_bytes(k, tokens) },
		{ &s->kv_host, BUFFER_PINNED, cache_kv_bytes(k, tokens) },
		{ &s->weights, BUFFER_DEVICE, 2 * wide * k->hidden },
		{ &s->x, BUFFER_DEVICE, cache_x_bytes(k, tokens) },
		{ &s->x_prefix, BUFFER_DEVICE,
		  cache_x_bytes(k, c->split > 0 ? c->split : 1) },
		{ &s->whole, BUFFER_DEVICE, cache_kv_bytes(k, tokens) },
		{ &s->joined, BUFFER_DEVICE, cache_kv_bytes(k, tokens) },
		{ &s->qkv, BUFFER_DEVICE, 2 * b * wide },
		{ &s->out_whole, BUFFER_DEVICE, 2 * b * q },
		{ &s->out_joined, BUFFER_DEVICE, 2 * b * q },
		{ &s->table, BUFFER_DEVICE,
		  tokens * k->head_dim * sizeof(float) },
		{ &s->workspace, BUFFER_DEVICE,
		  attention_workspace_bytes(b, tokens, k->heads, k->kv_heads,
					    k->head_dim) },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (!buffer_alloc(s->g, all[i].place, all[i].bytes,
				  all[i].buffer) ||
		    !buffer_poison(s->g, all[i].buffer))
			return false;
	return true;
}

bool check_step_open(struct check_step *s)
{
	const struct check_case *c = s->c;
	float scale = 1.0f / sqrtf((float)c->cache.hidden);

	s->compute = device_stream_new(s->g);
	s->load = device_stream_new(s->g);
	s->loaded = device_event_new(s->g);
	s->matmul = matmul_new(s->g);
	return s->matmul != NULL && open_buffers(s) &&
	       buffer_fill_random(s->g, &s->x_host, 1.0f, c->seed) &&
	       buffer_fill_random(s->g, &s->weights, scale, c->seed + 1) &&
	       device_ok(s->g, cudaMemcpy(s->x.data, s->x_host.data,
					  s->x.bytes, cudaMemcpyHostToDevice),
			 "cudaMemcpy") &&
	       device_ok(s->g, cudaMemset(s->workspace.data, 0,
					  s->workspace.bytes),
			 "cudaMemset") &&
	       device_ok(s->g, elementwise_rotary_table(
				 s->table.data, c->length + 1,
				 c->cache.head_dim, CHECK_STEP_ROTARY_BASE,
				 s->compute), "rotary table") &&
	       device_synchronise(s->g);
}

void check_step_close(struct check_step *s)
{
	struct buffer *all[] = { &s->x_host, &s->kv_host, &s->weights, &s->x,
				 &s->x_prefix, &s->whole, &s->joined, &s->qkv,
				 &s->out_whole, &s->out_joined, &s->table,
				 &s->workspace };

	matmul_free(s->matmul);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		buffer_free(all[i]);
	device_stream_free(s->compute);
	device_stream_free(s->load);
	device_event_free(s->loaded);
}

/* K and V of the first `tokens` tokens from `x` to the front of `kv`. */
static bool make_kv(struct check_step *s, const struct buffer *x,
		    size_t tokens, struct buffer *kv)
{
	const struct cache *k = &s->c->cache;
	size_t width = 2 * cache_kv_width(k);
	struct matmul_shape shape = { .m = tokens * k->batch, .n = width,
				      .k = k->hidden, .row = width };
	struct elementwise_rotation turn = {
		.tokens = tokens, .batch = k->batch, .heads = k->kv_heads,
		.head_dim = k->head_dim, .row = width,
		.table = s->table.data };
	const void *w = buffer_at(&s->weights,
				  2 * cache_query_width(k) * k->hidden);

	if (tokens == 0)
		return true;
	return matmul_run(s->matmul, &shape, x->data, w, kv->data,
			  s->compute) &&
	       (!s->c->rotary ||
		device_ok(s->g, elementwise_rotate(kv->data, &turn,
						   s->compute), "rotation"));
}

static bool copy(struct check_step *s, void *to, const void *from,
		 size_t bytes, enum cudaMemcpyKind kind, cudaStream_t stream)
{
	return bytes == 0 ||
	       device_ok(s->g, cudaMemcpyAsync(to, from, bytes, kind, stream),
			 "cudaMemcpyAsync");
}

/* The cached tokens as prefill leaves them, on the GPU and on the host. */
static bool prefill(struct check_step *s)
{
	size_t bytes = cache_kv_bytes(&s->c->cache, s->c->length);

	return make_kv(s, &s->x, s->c->length, &s->whole) &&
	       copy(s, s->kv_host.data, s->whole.data, bytes,
		    cudaMemcpyDeviceToHost, s->compute) &&
	       device_synchronise(s->g);
}

/* The same tokens, the first recomputed and the others loaded. */
static bool join(struct check_step *s)
{
	const struct check_case *c = s->c;
	size_t from = cache_kv_bytes(&c->cache, c->split);
	size_t to = from, bytes;

	bytes = cache_kv_bytes(&c->cache, c->length) - from;
	if (c->mistake == CHECK_SPLIT)
		to = cache_kv_bytes(&c->cache, c->split - 1);
	if (c->mistake == CHECK_TAIL)
		bytes -= cache_kv_bytes(&c->cache, 1);
	return copy(s, s->x_prefix.data, s->x_host.data,
		    cache_x_bytes(&c->cache, c->split),
		    cudaMemcpyHostToDevice, s->compute) &&
	       make_kv(s, &s->x_prefix, c->split, &s->joined) &&
	       /* in the mistake both write one token: in this order */
	       (c->mistake != CHECK_SPLIT || device_synchronise(s->g)) &&
	       copy(s, (char *)s->joined.data + to,
		    (char *)s->kv_host.data + from, bytes,
		    cudaMemcpyHostToDevice, s->load) &&
	       device_ok(s->g, cudaEventRecord(s->loaded, s->load),
			 "cudaEventRecord") &&
	       device_ok(s->g, cudaStreamWaitEvent(s->compute, s->loaded, 0),
			 "cudaStreamWaitEvent");
}

/* Project the new token, append it to `kv`, attend over all tokens. */
static bool decode(struct check_step *s, struct buffer *kv,
		   struct buffer *out, size_t tokens)
{
	const struct check_case *c = s->c;
	const struct cache *k = &c->cache;
	size_t q = cache_query_width(k), wide = q + 2 * cache_kv_width(k);
	struct matmul_shape shape = { .m = k->batch, .n = wide,
				      .k = k->hidden, .row = wide };
	struct elementwise_new_token token = {
		.batch = k->batch, .heads = k->heads,
		.kv_heads = k->kv_heads, .head_dim = k->head_dim,
		.position = c->length,
		.table = c->rotary ? s->table.data : NULL,
		.qkv = s->qkv.data,
		.kv = buffer_at(kv, cache_kv_bytes(k, c->length)) };
	struct attention a = {
		.batch = k->batch, .tokens = tokens, .heads = k->heads,
		.kv_heads = k->kv_heads, .head_dim = k->head_dim,
		.scale = 1.0f / sqrtf((float)k->head_dim), .q_row = wide,
		.q = s->qkv.data, .kv = kv->data, .out = out->data,
		.workspace = s->workspace.data };

	return matmul_run(s->matmul, &shape,
			  buffer_at(&s->x, cache_x_bytes(k, c->length)),
			  s->weights.data, s->qkv.data, s->compute) &&
	       device_ok(s->g, elementwise_append(&token, s->compute),
			 "append") &&
	       device_ok(s->g, attention_run(&a, s->compute), "attention");
}

bool check_step_run(struct check_step *s)
{
	const struct check_case *c = s->c;
	size_t end = cache_kv_bytes(&c->cache, c->length);
	size_t tokens = c->length + (c->mistake == CHECK_LENGTH ? 0 : 1);

	return prefill(s) && decode(s, &s->whole, &s->out_whole,
				    c->length + 1) &&
	       join(s) && decode(s, &s->joined, &s->out_joined, tokens) &&
	       copy(s, buffer_at(&s->kv_host, end), buffer_at(&s->joined, end),
		    cache_kv_bytes(&c->cache, 1), cudaMemcpyDeviceToHost,
		    s->compute) &&
	       device_synchronise(s->g);
}
