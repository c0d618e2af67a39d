/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/flexgen_tensors.h"

#include <stddef.h>

enum tensor { TENSOR_Q, TENSOR_K, TENSOR_V, TENSOR_O, TENSOR_FFN_FIRST };
enum { MOST_FFN = 3, TENSORS = TENSOR_FFN_FIRST + MOST_FFN };

/* Elements of the matrices of a layer, each with its bias. */
struct tensors {
	double matrix[TENSORS], bias[TENSORS];
	size_t ffn;			/* matrices of the FFN */
	double norm;			/* elements after each of the two */
};

static struct tensors find_tensors(const struct llm *m)
{
	double h = (double)m->hidden, f = (double)(m->ffn * m->experts);
	double q = (double)llm_query_width(m), k = (double)llm_kv_width(m);
	double bias = m->ffn_gated ? 0.0 : 1.0;	/* as OPT has them */
	struct tensors t = {
		.matrix = { h * q, h * k, h * k, q * h },
		.bias = { bias * q, bias * k, bias * k, bias * h },
		.ffn = m->ffn_gated ? 3 : 2,
		.norm = bias * 2.0 * h,
	};

	for (size_t i = 0; i < t.ffn; i++) {
		bool last = i + 1 == t.ffn;

		t.matrix[TENSOR_FFN_FIRST + i] = h * f;
		t.bias[TENSOR_FFN_FIRST + i] = bias * (last ? h : f);
	}
	return t;
}

/* Whether the middle of each of `n` tensors from `first` lies on the host. */
static void place(const struct tensors *t, size_t first, size_t n,
		  double on_host, bool *host)
{
	double all = t->norm, before = 0.0;

	for (size_t i = first; i < first + n; i++)
		all += t->matrix[i] + t->bias[i];
	for (size_t i = first; i < first + n; i++) {
		host[i] = before + 0.5 * t->matrix[i] < on_host * all;
		before += t->matrix[i] + t->bias[i];
	}
}

struct flexgen_tensors flexgen_tensors_place(const struct llm *m,
					     double on_gpu)
{
	struct tensors t = find_tensors(m);
	struct flexgen_tensors p = { .embedding = 0.5 < 1.0 - on_gpu };
	bool host[TENSORS] = { false };

	place(&t, TENSOR_Q, 4, 1.0 - on_gpu, host);
	place(&t, TENSOR_FFN_FIRST, t.ffn, 1.0 - on_gpu, host);
	for (size_t i = 0; i < TENSOR_FFN_FIRST + t.ffn; i++) {
		enum layer_part part = i >= TENSOR_FFN_FIRST ? LAYER_FFN :
			i == TENSOR_K || i == TENSOR_V ? LAYER_KV : LAYER_QO;

		if (host[i])
			p.part[part] += t.matrix[i];
	}
	return p;
}

double flexgen_tensors_on_gpu(const struct llm *m, double asked)
{
	struct flexgen_tensors p = flexgen_tensors_place(m, asked);
	double on_host = 0.0;

	for (int i = 0; i < LAYER_PARTS; i++)
		on_host += p.part[i];
	return 1.0 - on_host / llm_layer_elements(m);
}
