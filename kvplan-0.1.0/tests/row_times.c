/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/row_times.h"

#include <math.h>

/* A product of m x k by k x n: 2mnk FLOP, or all three through HBM. */
static double product_s(const struct random_case *c, double m, double k,
			double n)
{
	double flop = 2.0 * m * n * k;
	double bytes = ELEMENT_COMPUTE_BYTES * (m * k + k * n + m * n);

	return fmax(flop / (c->hw.flop_per_s * c->hw.gemm_derate),
		    bytes / (c->hw.hbm_bytes_per_s * c->hw.hbm_derate));
}

/*
 * Norm, routing, and the matrices of the experts that a batch touches, in
 * one kernel for all experts.
 */
static double ffn_s(const struct random_case *c)
{
	double b = (double)c->w.batch, h = (double)c->model.hidden;
	double f = (double)c->model.ffn, all = (double)c->model.experts;
	double e = (double)c->model.experts_per_token;
	double touched = all * (1.0 - pow(1.0 - e / all, b));
	double rows = b * e / touched, launches = 3.0;

	if (c->model.experts > 1)
		launches += 1.0;
	if (c->model.ffn_gated)
		launches += 1.0;
	return launches * c->hw.launch_s +
	       touched * product_s(c, rows, h,
				   c->model.ffn_gated ? 2.0 * f : f) +
	       touched * product_s(c, rows, f, h);
}

struct row_times row_times_at(const struct random_case *c, size_t cached,
			      size_t split)
{
	double b = (double)c->w.batch, p = ELEMENT_COMPUTE_BYTES;
	double h = (double)c->model.hidden, s = (double)cached;
	double k = (double)(c->model.kv_heads * c->model.head_dim);
	double q = (double)(c->model.heads * c->model.head_dim);
	double l = (double)split, launch = c->hw.launch_s;
	double hbm = c->hw.hbm_bytes_per_s * c->hw.hbm_derate;
	double gpu = c->hw.flop_per_s * c->hw.gemm_derate;
	int rotary = c->model.rotary;
	struct row_times t = {
		.project = (rotary ? 3.0 : 2.0) * launch +
			   product_s(c, b, h, q + 2.0 * k),
		.rest = launch +
			fmax(2.0 * b * k * p * (s + 1.0) / hbm,
			     4.0 * b * q * (s + 1.0) / gpu) +
			launch + product_s(c, b, q, h) + ffn_s(c),
		.head = 2.0 * launch +
			product_s(c, b, h, (double)c->model.vocab),
		.store_kv = c->hw.d2h.latency_s +
			    2.0 * b * k * p / c->hw.d2h.bytes_per_s,
		.store_x = c->hw.d2h.latency_s +
			   b * h * p / c->hw.d2h.bytes_per_s,
	};

	if (split > 0) {
		t.load_x = c->hw.h2d.latency_s +
			   b * l * h * p / c->hw.h2d.bytes_per_s;
		t.recompute = launch + product_s(c, b * l, h, 2.0 * k);
		if (rotary)	/* K is read, turned and written */
			t.recompute += launch + 2.0 * b * l * k * p / hbm;
	}
	if (split < cached)
		t.load_kv = c->hw.h2d.latency_s +
			    2.0 * b * (s - l) * k * p / c->hw.h2d.bytes_per_s;
	return t;
}
