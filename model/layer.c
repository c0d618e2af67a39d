/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/layer.h"

#include <math.h>

double layer_kv_token_bytes(const struct llm *m, const struct workload *w)
{
	return 2.0 * (double)w->batch * (double)llm_kv_width(m) *
	       w->element_bytes;
}

double layer_activation_token_bytes(const struct llm *m,
				    const struct workload *w)
{
	return (double)w->batch * (double)m->hidden * w->element_bytes;
}

double layer_weight_bytes(const struct llm *m, const struct workload *w)
{
	return llm_layer_elements(m) * w->element_bytes;
}

static struct work copy(enum engine e, struct amount bytes)
{
	return (struct work){ .engine = e, .bytes = bytes, .launches = 1.0 };
}

struct work layer_load_cache(const struct llm *m, const struct workload *w)
{
	double token = layer_kv_token_bytes(m, w);

	return copy(ENGINE_H2D, (struct amount){ .per_token = token,
						 .per_split = -token });
}

struct work layer_load_activation(const struct llm *m,
				  const struct workload *w)
{
	double token = layer_activation_token_bytes(m, w);

	return copy(ENGINE_H2D, (struct amount){ .per_split = token });
}

struct work layer_store_cache(const struct llm *m, const struct workload *w)
{
	return copy(ENGINE_D2H, (struct amount){
		.fixed = layer_kv_token_bytes(m, w) });
}

struct work layer_store_whole_cache(const struct llm *m,
				    const struct workload *w)
{
	double token = layer_kv_token_bytes(m, w);

	return copy(ENGINE_D2H, (struct amount){ .fixed = token,
						 .per_token = token });
}

struct work layer_store_activation(const struct llm *m,
				   const struct workload *w)
{
	return copy(ENGINE_D2H, (struct amount){
		.fixed = layer_activation_token_bytes(m, w) });
}

/* `launches` kernels around one product of M = b rows. */
static struct work product(const struct workload *w, double k, double n,
			   double launches)
{
	return (struct work){
		.engine = ENGINE_SM,
		.gemm = { { .m = { .fixed = (double)w->batch }, .n = n,
			    .k = k, .count = 1.0 } },
		.ngemms = 1,
		.element_bytes = w->element_bytes,
		.launches = launches,
	};
}

struct work layer_project(const struct llm *m, const struct workload *w)
{
	double n = (double)llm_query_width(m) +
		   2.0 * (double)llm_kv_width(m);

	/* norm, product, and the rotation of Q and K */
	return product(w, (double)m->hidden, n, m->rotary ? 3.0 : 2.0);
}

struct work layer_recompute(const struct llm *m, const struct workload *w)
{
	double b = (double)w->batch, k = (double)llm_kv_width(m);
	struct work r = product(w, (double)m->hidden, 2.0 * k, 1.0);

	r.gemm[0].m = (struct amount){ .per_split = b };
	if (m->rotary) {
		r.bytes.per_split = 2.0 * b * k * w->element_bytes;
		r.launches += 1.0;
	}
	return r;
}

struct work layer_append(const struct llm *m, const struct workload *w)
{
	double token = layer_kv_token_bytes(m, w);

	return (struct work){
		.engine = ENGINE_SM,
		.bytes = { .fixed = token, .per_token = 2.0 * token },
		.launches = 2.0,	/* K and V */
	};
}

struct work layer_attend(const struct llm *m, const struct workload *w)
{
	double bytes = layer_kv_token_bytes(m, w);
	double flop = 4.0 * (double)w->batch * (double)llm_query_width(m);

	return (struct work){
		.engine = ENGINE_SM,
		.bytes = { .fixed = bytes, .per_token = bytes },
		.flop = { .fixed = flop, .per_token = flop },
		.launches = 1.0,
	};
}

struct work layer_output(const struct llm *m, const struct workload *w)
{
	return product(w, (double)llm_query_width(m), (double)m->hidden, 1.0);
}

struct work layer_ffn(const struct llm *m, const struct workload *w)
{
	double b = (double)w->batch, h = (double)m->hidden;
	double f = (double)m->ffn, all = (double)m->experts;
	double taken = (double)m->experts_per_token;
	double read = all * (1.0 - pow(1.0 - taken / all, b));
	struct amount rows = { .fixed = b * taken / read };
	double wide = m->ffn_gated ? 2.0 * f : f;
	double routing = m->experts > 1 ? 1.0 : 0.0;	/* grouped GEMMs */
	double product_of_gate = m->ffn_gated ? 1.0 : 0.0;

	return (struct work){
		.engine = ENGINE_SM,
		.gemm = { { .m = rows, .n = wide, .k = h, .count = read },
			  { .m = rows, .n = h, .k = f, .count = read } },
		.ngemms = 2,
		.element_bytes = w->element_bytes,
		.launches = 3.0 + routing + product_of_gate,
	};
}

struct work layer_head(const struct llm *m, const struct workload *w)
{
	return product(w, (double)m->hidden, (double)m->vocab, 2.0);
}
