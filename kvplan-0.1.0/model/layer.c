/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/layer.h"

#include <math.h>

#define P ELEMENT_COMPUTE_BYTES

static double batch(const struct workload *w)
{
	return (double)w->batch;
}

/* Elements of one token's K and V, of its X. */
static double kv_elements(const struct llm *m, const struct workload *w)
{
	return 2.0 * batch(w) * (double)llm_kv_width(m);
}

static double x_elements(const struct llm *m, const struct workload *w)
{
	return batch(w) * (double)m->hidden;
}

double layer_kv_token_bytes(const struct llm *m, const struct workload *w)
{
	return kv_elements(m, w) * element_bytes(w->kv);
}

double layer_activation_token_bytes(const struct llm *m,
				    const struct workload *w)
{
	return x_elements(m, w) * element_bytes(w->activations);
}

double layer_part_bytes(const struct llm *m, const struct workload *w,
			enum layer_part part)
{
	double h = (double)m->hidden;
	double kv = 2.0 * h * (double)llm_kv_width(m);
	double qo = 2.0 * h * (double)llm_query_width(m);
	double p = element_bytes(w->weights);

	switch (part) {
	case LAYER_KV:
		return kv * p;
	case LAYER_QO:
		return qo * p;
	case LAYER_FFN:
	case LAYER_PARTS:
		break;
	}
	return (llm_layer_elements(m) - kv - qo) * p;
}

double layer_weight_bytes(const struct llm *m, const struct workload *w)
{
	return llm_layer_elements(m) * element_bytes(w->weights);
}

static struct work copy(enum engine e, struct amount bytes)
{
	return (struct work){ .engine = e, .bytes = bytes, .launches = 1.0 };
}

struct work layer_load_weight(const struct llm *m, const struct workload *w,
			      enum layer_part part, double share)
{
	return copy(ENGINE_H2D, (struct amount){
		.fixed = share * layer_part_bytes(m, w, part) });
}

struct work layer_load_embedding(const struct llm *m,
				 const struct workload *w)
{
	return copy(ENGINE_H2D, (struct amount){
		.fixed = (double)m->vocab * (double)m->hidden *
			 element_bytes(w->weights) });
}

struct work layer_load_cache(const struct llm *m, const struct workload *w,
			     double share)
{
	double token = share * layer_kv_token_bytes(m, w);

	return copy(ENGINE_H2D, (struct amount){ .per_token = token,
						 .per_split = -token });
}

struct work layer_load_activation(const struct llm *m,
				  const struct workload *w, double share)
{
	double token = share * layer_activation_token_bytes(m, w);

	return copy(ENGINE_H2D, (struct amount){ .per_split = token });
}

struct work layer_store_cache(const struct llm *m, const struct workload *w,
			      double share, double tokens)
{
	return copy(ENGINE_D2H, (struct amount){
		.fixed = share * tokens * layer_kv_token_bytes(m, w) });
}

struct work layer_store_whole_cache(const struct llm *m,
				    const struct workload *w, double share)
{
	double token = share * layer_kv_token_bytes(m, w);

	return copy(ENGINE_D2H, (struct amount){ .fixed = token,
						 .per_token = token });
}

struct work layer_store_activation(const struct llm *m,
				   const struct workload *w, double share,
				   double tokens)
{
	return copy(ENGINE_D2H, (struct amount){
		.fixed = share * tokens *
			 layer_activation_token_bytes(m, w) });
}

struct work layer_load_hidden(const struct llm *m, const struct workload *w,
			      double tokens)
{
	return copy(ENGINE_H2D, (struct amount){
		.fixed = tokens * x_elements(m, w) * P });
}

struct work layer_store_hidden(const struct llm *m, const struct workload *w,
			       double tokens)
{
	return copy(ENGINE_D2H, (struct amount){
		.fixed = tokens * x_elements(m, w) * P });
}

/* `launches` kernels around one product of `rows` rows. */
static struct work product(double rows, double k, double n, double launches)
{
	return (struct work){
		.engine = ENGINE_SM,
		.gemm = { { .m = { .fixed = rows }, .n = n, .k = k,
			    .count = 1.0 } },
		.ngemms = 1,
		.element_bytes = P,
		.launches = launches,
	};
}

/* Add to `r` a kernel that reads and writes `bytes`. */
static void add_kernel(struct work *r, enum kernel kind, struct amount bytes)
{
	r->kernel[r->nkernels++] = (struct work_kernel){ .kind = kind,
							 .bytes = bytes };
}

/* The norm of `rows` hidden states, read and written. */
static void add_norm(struct work *r, const struct llm *m, double rows)
{
	add_kernel(r, KERNEL_NORM, (struct amount){
		.fixed = 2.0 * rows * (double)m->hidden * P });
}

struct work layer_project(const struct llm *m, const struct workload *w,
			  double tokens)
{
	double q = (double)llm_query_width(m), k = (double)llm_kv_width(m);
	double rows = batch(w) * tokens;
	/* norm, product, and the rotation of Q and K */
	struct work r = product(rows, (double)m->hidden, q + 2.0 * k,
				m->rotary ? 3.0 : 2.0);

	add_norm(&r, m, rows);
	/* K and V are put into the cache; Q is rotated with them */
	add_kernel(&r, KERNEL_APPEND, (struct amount){
		.fixed = 2.0 * rows * (2.0 * k + (m->rotary ? q : 0.0)) *
			 P });
	return r;
}

struct work layer_recompute(const struct llm *m, const struct workload *w,
			    double share)
{
	double b = share * batch(w), k = (double)llm_kv_width(m);
	struct work r = product(0.0, (double)m->hidden, 2.0 * k, 1.0);

	r.gemm[0].m = (struct amount){ .per_split = b };
	if (m->rotary) {
		r.bytes.per_split = 2.0 * b * k * P;
		r.launches += 1.0;
		add_kernel(&r, KERNEL_ROTATE, r.bytes);
	}
	return r;
}

struct work layer_append(const struct llm *m, const struct workload *w)
{
	double token = layer_kv_token_bytes(m, w);
	struct work r = {
		.engine = ENGINE_SM,
		.bytes = { .fixed = token, .per_token = 2.0 * token },
		.launches = 2.0,	/* K and V */
	};

	for (int i = 0; i < 2; i++)
		add_kernel(&r, KERNEL_COPY, (struct amount){
			.fixed = 0.5 * token, .per_token = token });
	return r;
}

struct work layer_attend(const struct llm *m, const struct workload *w,
			 double share)
{
	double bytes = share * kv_elements(m, w) * P;
	double flop = 4.0 * share * batch(w) * (double)llm_query_width(m);
	struct amount all = { .fixed = bytes, .per_token = bytes };

	return (struct work){
		.engine = ENGINE_SM,
		.bytes = all,
		.flop = { .fixed = flop, .per_token = flop },
		.kernel = { { .kind = KERNEL_ATTENTION, .bytes = all,
			      .sequences = share * batch(w) *
					   (double)m->kv_heads } },
		.nkernels = 1,
		.launches = 1.0,
	};
}

struct work layer_attend_prompt(const struct llm *m,
				const struct workload *w)
{
	double s = (double)w->prompt, q = (double)llm_query_width(m);
	double tokens = batch(w) * s;

	return (struct work){
		.engine = ENGINE_SM,
		.bytes = { .fixed = tokens * P *
				    (2.0 * q +
				     2.0 * (double)llm_kv_width(m)) },
		.flop = { .fixed = 4.0 * q * tokens * 0.5 * (s + 1.0) },
		.launches = 1.0,
	};
}

struct work layer_output(const struct llm *m, const struct workload *w,
			 double tokens)
{
	return product(batch(w) * tokens, (double)llm_query_width(m),
		       (double)m->hidden, 1.0);
}

struct work layer_ffn(const struct llm *m, const struct workload *w,
		      double tokens)
{
	double rows = batch(w) * tokens, h = (double)m->hidden;
	double f = (double)m->ffn, all = (double)m->experts;
	double taken = (double)m->experts_per_token;
	double read = all * (1.0 - pow(1.0 - taken / all, rows));
	struct amount each = { .fixed = rows * taken / read };
	double wide = m->ffn_gated ? 2.0 * f : f;
	double routing = m->experts > 1 ? 1.0 : 0.0;	/* grouped GEMMs */
	double product_of_gate = m->ffn_gated ? 1.0 : 0.0;
	struct work r = {
		.engine = ENGINE_SM,
		.gemm = { { .m = each, .n = wide, .k = h, .count = read },
			  { .m = each, .n = h, .k = f, .count = read } },
		.ngemms = 2,
		.element_bytes = P,
		.launches = 3.0 + routing + product_of_gate,
	};

	add_norm(&r, m, rows);
	/* read, and written once: of a gated one half */
	add_kernel(&r, KERNEL_ACTIVATE, (struct amount){
		.fixed = rows * taken * (wide + f) * P });
	return r;
}

struct work layer_head(const struct llm *m, const struct workload *w)
{
	struct work r = product(batch(w), (double)m->hidden,
				(double)m->vocab, 2.0);

	add_norm(&r, m, batch(w));
	return r;
}

/* Kernels that only move `bytes` through device memory. */
static struct work convert(struct amount bytes, double launches)
{
	return (struct work){ .engine = ENGINE_SM, .bytes = bytes,
			      .launches = launches };
}

struct work layer_dequantise_weight(const struct llm *m,
				    const struct workload *w)
{
	double matrices = (m->ffn_gated ? 3.0 : 2.0) * (double)m->experts;

	return convert((struct amount){
		.fixed = llm_layer_elements(m) *
			 (element_bytes(w->weights) + P) }, 4.0 + matrices);
}

struct work layer_dequantise_cache(const struct llm *m,
				   const struct workload *w, double loaded,
				   double kept)
{
	double token = kv_elements(m, w) * (element_bytes(w->kv) + P);

	return convert((struct amount){
		.per_token = (loaded + kept) * token,
		.per_split = -loaded * token }, 2.0);
}

struct work layer_dequantise_activation(const struct llm *m,
					const struct workload *w,
					double share)
{
	double token = share * x_elements(m, w) *
		       (element_bytes(w->activations) + P);

	return convert((struct amount){ .per_split = token }, 1.0);
}

struct work layer_quantise(const struct llm *m, const struct workload *w,
			   double kv, double x, double tokens)
{
	double bytes = 0.0, launches = 0.0;

	if (kv > 0.0 && element_is_quantised(w->kv)) {
		bytes += kv * kv_elements(m, w) *
			 (element_bytes(w->kv) + P);
		launches += 2.0;
	}
	if (x > 0.0 && element_is_quantised(w->activations)) {
		bytes += x * x_elements(m, w) *
			 (element_bytes(w->activations) + P);
		launches += 1.0;
	}
	return convert((struct amount){ .fixed = tokens * bytes }, launches);
}

struct work layer_store_query(const struct llm *m, const struct workload *w,
			      double share)
{
	double n = (double)llm_query_width(m) +
		   2.0 * (double)llm_kv_width(m);

	return copy(ENGINE_D2H, (struct amount){
		.fixed = share * batch(w) * n * P });
}

struct work layer_attend_host(const struct llm *m, const struct workload *w,
			      double share)
{
	double token = share * layer_kv_token_bytes(m, w);

	return (struct work){
		.engine = ENGINE_CPU,
		.bytes = { .fixed = token, .per_token = token },
	};
}

struct work layer_load_attention(const struct llm *m,
				 const struct workload *w, double share)
{
	return copy(ENGINE_H2D, (struct amount){
		.fixed = share * batch(w) * (double)llm_query_width(m) *
			 P });
}

struct work layer_stage_half(const struct llm *m, const struct workload *w,
			     double share)
{
	return (struct work){
		.engine = ENGINE_COPY,
		.bytes = { .per_token = 0.5 * share *
					layer_kv_token_bytes(m, w) },
		.launches = 1.0,
	};
}

struct work layer_load_half(const struct llm *m, const struct workload *w,
			    double share)
{
	return copy(ENGINE_H2D, (struct amount){
		.per_token = 0.5 * share * layer_kv_token_bytes(m, w) });
}
