/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/profile.h"

#include <math.h>

#include <cuda_runtime_api.h>

#include "cuda_validate/attention.h"
#include "cuda_validate/cache.h"
#include "cuda_validate/elementwise.h"
#include "cuda_validate/probe.h"

static const struct timing_plan plan = {
	.sample_s = 1e-3, .most_chain = 64, .samples = 7
};

/* Number `i` of as many pieces of `bytes` as fit into `b`. */
static void *pick(const struct buffer *b, size_t bytes, size_t i)
{
	size_t step = (bytes + 4095) / 4096 * 4096;

	return buffer_at(b, i % (b->bytes / step) * step);
}

struct attend {
	struct profile *p;
	struct attention a;
	size_t kv_bytes;
};

static bool issue_attend(void *context, struct CUstream_st *stream, size_t i)
{
	struct attend *t = context;

	t->a.kv = pick(&t->p->data, t->kv_bytes, i);
	return device_ok(t->p->g, attention_run(&t->a, stream), "attention");
}

static bool measure_attention(struct profile *p, const struct cache *c,
			      size_t tokens, struct timing *out)
{
	struct buffer workspace = { .data = NULL };
	struct attend t = {
		.p = p, .kv_bytes = cache_kv_bytes(c, tokens),
		.a = { .batch = c->batch, .tokens = tokens,
		       .heads = c->heads, .kv_heads = c->kv_heads,
		       .head_dim = c->head_dim,
		       .scale = 1.0f / sqrtf((float)c->head_dim),
		       .q_row = cache_query_width(c), .q = p->data.data,
		       .out = p->scratch.data },
	};
	struct timing_job job = { .issue = issue_attend, .context = &t };
	size_t bytes = attention_workspace_bytes(c->batch, tokens, c->heads,
						 c->kv_heads, c->head_dim);
	bool ok = buffer_alloc(p->g, BUFFER_DEVICE, bytes, &workspace) &&
		  device_ok(p->g, cudaMemset(workspace.data, 0, bytes),
			    "cudaMemset") &&
		  device_synchronise(p->g);

	t.a.workspace = workspace.data;
	ok = ok && timer_device(p->timer, &job, &plan, out);
	buffer_free(&workspace);
	return ok;
}

static bool attention_curves(struct profile *p, const struct llm *m)
{
	static const char *const keys[] = { "batch", "tokens", "kv_bytes" };
	static const size_t batches[] = { 1, 2, 4, 8, 16, 24, 32, 48, 64 };
	static const size_t lengths[] = { 65, 128, 191, 256, 384, 512, 768,
					  1024, 1536, 2048, 3072, 4096 };
	cJSON *a = cJSON_CreateObject();

	cJSON_AddStringToObject(a, "model", m->name);
	cJSON_AddNumberToObject(a, "heads", (double)m->heads);
	cJSON_AddNumberToObject(a, "kv_heads", (double)m->kv_heads);
	cJSON_AddNumberToObject(a, "head_dim", (double)m->head_dim);
	samples_begin(p->samples, "attention", a, keys, 3);
	for (size_t b = 0; b < sizeof batches / sizeof batches[0]; b++)
		for (size_t l = 0; l < sizeof lengths / sizeof lengths[0];
		     l++) {
			struct cache c = cache_of(m, batches[b]);
			size_t bytes = cache_kv_bytes(&c, lengths[l]);
			const double row[] = { (double)batches[b],
					       (double)lengths[l],
					       (double)bytes };
			struct timing t;

			if (bytes > p->data.bytes)
				continue;
			if (!measure_attention(p, &c, lengths[l], &t))
				return false;
			samples_add(p->samples, row, &t);
		}
	return true;
}

/* The element-wise kernels, by the rows that they work on. */
enum kernel { KERNEL_NORM, KERNEL_ROTATE, KERNEL_APPEND, KERNEL_ACTIVATE,
	      KERNELS };

static const char *const kernel_names[KERNELS] = {
	"norm", "rotate", "append", "activate"
};

struct elementwise {
	struct profile *p;
	const struct llm *m;
	enum kernel kernel;
	size_t rows;
	const float *table;
};

/* [B] read and written, by which the time is explained. */
static double kernel_bytes(const struct elementwise *e)
{
	const struct llm *m = e->m;
	double rows = 2.0 * (double)e->rows;	/* bytes of a column */
	double q = (double)llm_query_width(m), k = (double)llm_kv_width(m);

	switch (e->kernel) {
	case KERNEL_NORM:
		return rows * 2.0 * (double)m->hidden;
	case KERNEL_ROTATE:
		return rows * 2.0 * k;
	case KERNEL_APPEND:
		return rows * ((m->rotary ? 2.0 * q : 0.0) + 4.0 * k);
	default:
		return rows * (m->ffn_gated ? 3.0 : 2.0) * (double)m->ffn;
	}
}

static bool issue_elementwise(void *context, struct CUstream_st *stream,
			      size_t i)
{
	struct elementwise *e = context;
	struct profile *p = e->p;
	const struct llm *m = e->m;
	size_t width = llm_query_width(m) + 2 * llm_kv_width(m);
	void *x = pick(&p->scratch, e->rows * 2 * (width + 2 * m->ffn), i);
	struct elementwise_rotation r = {
		.tokens = e->rows, .batch = 1, .heads = m->kv_heads,
		.head_dim = m->head_dim, .row = 2 * llm_kv_width(m),
		.table = e->table };
	struct elementwise_new_token n = {
		.batch = e->rows, .heads = m->heads, .kv_heads = m->kv_heads,
		.head_dim = m->head_dim, .position = 100,
		.table = m->rotary ? e->table : NULL, .qkv = x,
		.kv = (char *)x + e->rows * 2 * width };

	switch (e->kernel) {
	case KERNEL_NORM:
		return device_ok(p->g, elementwise_norm(
				pick(&p->data, e->rows * 2 * m->hidden, i),
				p->data.data, x, e->rows, m->hidden,
				!m->rotary, stream), "norm");
	case KERNEL_ROTATE:
		return device_ok(p->g, elementwise_rotate(x, &r, stream),
				 "rotation");
	case KERNEL_APPEND:
		return device_ok(p->g, elementwise_append(&n, stream),
				 "append");
	default:
		return device_ok(p->g, m->ffn_gated ?
			elementwise_gate(pick(&p->data, e->rows * 4 * m->ffn,
					      i), x, e->rows, m->ffn, stream) :
			elementwise_relu(x, e->rows * m->ffn, stream),
			"activation");
	}
}

static bool elementwise_curve(struct elementwise *e)
{
	static const char *const keys[] = { "rows", "bytes" };
	struct profile *p = e->p;
	struct timing_job job = { .issue = issue_elementwise, .context = e };
	cJSON *a = cJSON_CreateObject();
	bool long_ones = e->kernel == KERNEL_ROTATE;

	cJSON_AddStringToObject(a, "kernel", kernel_names[e->kernel]);
	cJSON_AddStringToObject(a, "model", e->m->name);
	samples_begin(p->samples, "elementwise", a, keys, 2);
	for (e->rows = long_ones ? 32 : 1;
	     e->rows <= (long_ones ? 65536 : 512); e->rows *= 2) {
		const double row[] = { (double)e->rows, kernel_bytes(e) };
		struct timing t;

		if (!timer_device(p->timer, &job, &plan, &t))
			return false;
		samples_add(p->samples, row, &t);
	}
	return true;
}

static bool elementwise_curves(struct profile *p, const struct llm *m)
{
	enum { POSITIONS = 65536 };
	struct buffer table = { .data = NULL };
	struct elementwise e = { .p = p, .m = m };
	bool ok = buffer_alloc(p->g, BUFFER_DEVICE,
			       POSITIONS * m->head_dim * sizeof(float),
			       &table) &&
		  device_ok(p->g, elementwise_rotary_table(
				  table.data, POSITIONS, m->head_dim, 10000.0,
				  timer_stream(p->timer)), "rotary table") &&
		  device_synchronise(p->g);

	e.table = table.data;
	for (int k = 0; k < KERNELS && ok; k++) {
		e.kernel = (enum kernel)k;
		if (e.kernel != KERNEL_ROTATE || m->rotary)
			ok = elementwise_curve(&e);
	}
	buffer_free(&table);
	return ok;
}

static bool issue_read(void *context, struct CUstream_st *stream, size_t i)
{
	struct profile_move *m = context;

	return device_ok(m->p->g, probe_read(pick(&m->p->data, m->bytes, i),
					     m->bytes, m->p->scratch.data,
					     stream), "reading on the GPU");
}

/* Device memory: what is read, and what a copy reads and writes. */
static bool memory_curves(struct profile *p)
{
	static const char *const keys[] = { "bytes" };
	static const char *const ways[] = { "read", "copy_kernel",
					    "copy_call" };

	for (size_t way = 0; way < 3; way++) {
		struct profile_move m = { .p = p, .engine = way == 2 };
		struct timing_job job = {
			.issue = way == 0 ? issue_read : profile_issue_move,
			.context = &m };
		cJSON *a = cJSON_CreateObject();

		cJSON_AddStringToObject(a, "way", ways[way]);
		samples_begin(p->samples, "device_memory", a, keys, 1);
		for (m.bytes = 64 << 10; m.bytes <= (size_t)2 << 30;
		     m.bytes *= 2) {
			const double row[] = { (double)m.bytes };
			struct timing t;

			if (m.bytes > p->data.bytes ||
			    m.bytes > p->scratch.bytes)
				break;
			if (!timer_device(p->timer, &job, &plan, &t))
				return false;
			samples_add(p->samples, row, &t);
		}
	}
	return true;
}

/* Whether a model before `m` has the same attention. */
static bool is_repeated(const struct profile *p, const struct llm *m)
{
	for (const struct llm *o = p->models; o < m; o++)
		if (o->heads == m->heads && o->kv_heads == m->kv_heads &&
		    o->head_dim == m->head_dim)
			return true;
	return false;
}

bool profile_kernels(struct profile *p)
{
	const double parts = (double)p->nmodels + 1.0;

	/* memory that grows hot refreshes more often, and slows down */
	timer_rest(p->timer, 2.0);
	if (!memory_curves(p))
		return false;
	for (size_t i = 0; i < p->nmodels; i++) {
		const struct llm *m = &p->models[i];

		profile_progress(p, (double)(i + 1) / parts);
		if ((!is_repeated(p, m) && !attention_curves(p, m)) ||
		    !elementwise_curves(p, m))
			return false;
	}
	timer_rest(p->timer, 0.0);
	return true;
}
