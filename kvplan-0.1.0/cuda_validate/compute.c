/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/compute.h"

#include "cuda_validate/attend.h"
#include "cuda_validate/elementwise.h"
#include "cuda_validate/probe.h"

static const char *weight(const struct act *a, enum workspace_weight part)
{
	return workspace_weights(a->w, a->layer) +
	       workspace_weight_offset(a->m, part);
}

static char *hidden(const struct act *a)
{
	return workspace_piece(&a->w->hidden, a->task->batch);
}

static bool multiply(const struct act *a, const void *x, const void *w,
		     void *y, const struct matmul_shape *shape)
{
	return matmul_run(a->matmul, shape, x, w, y, a->stream);
}

/* Y[rows][n] = X[rows][k] * W^T, or added to Y. */
static bool product(const struct act *a, const void *x, const void *w,
		    void *y, size_t rows, size_t n, size_t k, bool add)
{
	return multiply(a, x, w, y, &(struct matmul_shape){
		.m = rows, .n = n, .k = k, .row = n, .add = add });
}

static bool norm(const struct act *a, void *to)
{
	/* rotary models have no mean to take away: LLaMA and its kin */
	return act_ok(a, elementwise_norm(hidden(a), a->w->gain.data, to,
					    a->b, a->h, !a->m->rotary,
					    a->stream));
}

/* K and V of `c`'s requests, the first being `first`, to a cache. */
static bool append(const struct act *a, const struct cache *c, size_t first,
		   char *kv, char *fresh)
{
	size_t row = a->q + 2 * a->k;
	struct elementwise_new_token t = {
		.batch = c->batch, .heads = c->heads, .kv_heads = c->kv_heads,
		.head_dim = c->head_dim, .position = a->cached,
		.table = a->m->rotary ? a->w->table.data : NULL,
		.qkv = (char *)workspace_piece(&a->w->qkv, a->slot) +
		       2 * row * first,
		.kv = kv, .copy = fresh };

	return act_ok(a, elementwise_append(&t, a->stream));
}

/* Q and K of the requests that the CPU attends for are rotated in place. */
static bool rotate_query(const struct act *a)
{
	const struct cache *c = &a->w->cache;
	struct elementwise_rotation r = {
		.tokens = 1, .batch = c->batch,
		.heads = c->heads + c->kv_heads, .head_dim = c->head_dim,
		.row = a->q + 2 * a->k, .first = a->cached,
		.table = a->w->table.data };

	return !a->m->rotary ||
	       act_ok(a, elementwise_rotate(
				workspace_piece(&a->w->qkv, a->slot), &r,
				a->stream));
}

static bool project(const struct act *a)
{
	const struct workspace *w = a->w;
	const struct cache *c = &w->cache, *r = &w->resident_cache;
	size_t n = a->q + 2 * a->k;
	void *normed = workspace_piece(&w->normed, a->slot);
	bool ok = norm(a, normed) &&
		  product(a, normed, weight(a, WORKSPACE_QUERY),
			  workspace_piece(&w->qkv, a->slot), a->b, n, a->h,
			  false);

	if (ok && c->batch > 0 && w->kv.count > 0) {
		char *kv = w->joined.data != NULL ? w->joined.data
						  : act_kv(a);

		ok = append(a, c, 0, kv + cache_kv_bytes(c, a->cached),
			    workspace_piece(&w->fresh, a->slot));
	} else if (ok && c->batch > 0) {
		ok = rotate_query(a);
	}
	if (ok && r->batch > 0)
		ok = append(a, r, c->batch,
			    (char *)workspace_piece(&w->resident, a->cache) +
				    cache_kv_bytes(r, a->cached), NULL);
	return ok;
}

static bool recompute(const struct act *a)
{
	const struct cache *c = &a->w->cache;
	struct elementwise_rotation turn = {
		.tokens = a->split, .batch = c->batch, .heads = c->kv_heads,
		.head_dim = c->head_dim, .row = 2 * a->k,
		.table = a->w->table.data };

	return product(a, workspace_piece(&a->w->x, a->slot),
		       weight(a, WORKSPACE_KV), act_kv(a),
		       a->split * c->batch, 2 * a->k, a->h, false) &&
	       (!a->m->rotary ||
		act_ok(a, elementwise_rotate(act_kv(a), &turn,
					       a->stream)));
}

/* Cached K and V written anew, in two kernels, behind one another. */
static bool join(const struct act *a)
{
	size_t bytes = cache_kv_bytes(&a->w->cache, a->cached);
	size_t half = bytes / 2 / 16 * 16;
	char *to = a->w->joined.data, *from = act_kv(a);

	return act_ok(a, probe_copy(to, from, half, a->stream)) &&
	       act_ok(a, probe_copy(to + half, from + half, bytes - half,
				      a->stream));
}

static bool attend_to(const struct act *a, const struct cache *c,
		      size_t first, const void *kv)
{
	const struct workspace *w = a->w;
	size_t row = a->q + 2 * a->k;
	struct attend t = {
		.cache = c, .tokens = a->cached + 1, .q_row = row,
		.q = (char *)workspace_piece(&w->qkv, a->slot) +
		     2 * row * first,
		.kv = kv,
		.out = (char *)workspace_piece(&w->attended, a->slot) +
		       2 * a->q * first,
		.workspace = w->scratch.data };

	return c->batch == 0 || act_ok(a, attend_run(&t, a->stream));
}

static bool attend(const struct act *a)
{
	const struct workspace *w = a->w;

	return (w->kv.count == 0 ||
		attend_to(a, &w->cache, 0, w->joined.data != NULL
				? w->joined.data : act_kv(a))) &&
	       (w->resident_cache.batch == 0 ||
		attend_to(a, &w->resident_cache, w->cache.batch,
			  workspace_piece(&w->resident, a->cache)));
}

static bool feed_forward(const struct act *a)
{
	const struct workspace *w = a->w;
	size_t f = a->m->ffn, wide = a->m->ffn_gated ? 2 * f : f;
	void *y = a->m->ffn_gated ? w->gated.data : w->inner.data;

	return norm(a, w->ffn_normed.data) &&
	       product(a, w->ffn_normed.data, weight(a, WORKSPACE_FFN_IN),
		       w->inner.data, a->b, wide, a->h, false) &&
	       act_ok(a, a->m->ffn_gated
			? elementwise_gate(w->inner.data, y, a->b, f,
					   a->stream)
			: elementwise_relu(y, a->b * f, a->stream)) &&
	       product(a, y, weight(a, WORKSPACE_FFN_OUT), hidden(a), a->b,
		       a->h, f, true);
}

static bool project_out(const struct act *a)
{
	return product(a, workspace_piece(&a->w->attended, a->slot),
		       weight(a, WORKSPACE_OUTPUT), hidden(a), a->b, a->h,
		       a->q, true);
}

static bool head(const struct act *a)
{
	return norm(a, a->w->ffn_normed.data) &&
	       product(a, a->w->ffn_normed.data, a->w->head.data,
		       a->w->logits.data, a->b, a->m->vocab, a->h, false);
}

bool compute_task(const struct act *a)
{
	switch (a->task->op) {
	case OP_PROJECT:
		return project(a);
	case OP_RECOMPUTE:
		return recompute(a);
	case OP_APPEND:
		return join(a);
	case OP_ATTEND:
		return attend(a);
	case OP_OUTPUT:
		return project_out(a);
	case OP_FFN:
		return feed_forward(a);
	case OP_HEAD:
		return head(a);
	default:
		break;
	}
	return device_fail(a->g, "there is no kernel for %s",
			   op_name(a->task->op));
}
