/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/host_attention.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "cuda_validate/half.h"
#include "cuda_validate/reference.h"
#include "tests/harness.h"

static const struct {
	struct cache cache;
	size_t tokens, threads;
} cases[] = {
	{ { .batch = 3, .heads = 4, .kv_heads = 4, .head_dim = 64 }, 1, 1 },
	{ { .batch = 1, .heads = 6, .kv_heads = 6, .head_dim = 80 }, 37, 4 },
	{ { .batch = 5, .heads = 8, .kv_heads = 2, .head_dim = 128 }, 65, 3 },
	{ { .batch = 2, .heads = 3, .kv_heads = 1, .head_dim = 40 }, 200, 7 },
};

static float noise(size_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (float)(*state >> 40) * 0x1p-23f - 1.0f;
}

/* One query head against fp64; ||a - b|| / ||b||. */
static double error_of(const struct host_attention *a, size_t request,
		       size_t head)
{
	const struct cache *c = &a->cache;
	size_t d = c->head_dim, width = cache_kv_width(c);
	size_t column = head / (c->heads / c->kv_heads) * d;
	size_t at = request * cache_query_width(c) + head * d;
	double *k = xcalloc(a->tokens * d, sizeof *k);
	double *v = xcalloc(a->tokens * d, sizeof *v);
	double q[128], right[128];
	struct reference_error e = { 0.0, 0.0, 0 };

	for (size_t t = 0; t < a->tokens; t++)
		for (size_t j = 0; j < d; j++) {
			const uint16_t *row = a->kv +
				(t * c->batch + request) * 2 * width + column;

			k[t * d + j] = (double)half_to_float(row[j]);
			v[t * d + j] = (double)half_to_float(row[width + j]);
		}
	for (size_t j = 0; j < d; j++)
		q[j] = (double)a->q[at + j];
	reference_attention(q, k, v, a->tokens, d, (double)a->scale, right);
	for (size_t j = 0; j < d; j++)
		reference_add(&e, (double)a->out[at + j], right[j]);
	free(k);
	free(v);
	return reference_relative(&e);
}

static void try(size_t which, int portable)
{
	struct host_attention a = { .cache = cases[which].cache,
				    .tokens = cases[which].tokens,
				    .scale = 0.31f, .portable = portable };
	size_t n = cache_kv_bytes(&a.cache, a.tokens) / 2, state = 7 + which;
	size_t width = a.cache.batch * cache_query_width(&a.cache);
	uint16_t *kv = xcalloc(n, sizeof *kv);
	float *q = xcalloc(width, sizeof *q);
	float *out = xcalloc(width, sizeof *out);
	struct threads *t = threads_new(cases[which].threads);
	size_t seen = 0;

	for (size_t i = 0; i < n; i++)
		kv[i] = half_from_float(noise(&state));
	for (size_t i = 0; i < width; i++) {
		q[i] = 3.0f * noise(&state);
		out[i] = NAN;
	}
	a.kv = kv;
	a.q = q;
	a.out = out;
	host_attention_run(&a, t);
	for (size_t r = 0; r < a.cache.batch; r++)
		for (size_t h = 0; h < a.cache.heads; h++, seen++)
			/* fp32: some roundings of 2^-24 for each element */
			ck_assert_double_lt(error_of(&a, r, h), 1e-5);
	ck_assert_uint_eq(seen, a.cache.batch * a.cache.heads);
	threads_free(t);
	free(kv);
	free(q);
	free(out);
}

START_TEST(is_what_fp64_says)
{
	try((size_t)_i, 1);
	if (host_attention_is_vectorised())
		try((size_t)_i, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cuda_validate/host_attention");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, is_what_fp64_says, 0,
			    (int)(sizeof cases / sizeof cases[0]));
	suite_add_tcase(s, tc);
	return harness_run(s);
}
