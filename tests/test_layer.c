/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/layer.h"

#include <math.h>

#include "tests/harness.h"
#include "tests/shapes.h"

/*
 * The oracle is arithmetic on the published shapes, written out here:
 *
 *                  h     q     k      f   vocab
 *   opt-6.7b    4096  4096  4096  16384   50272
 *   llama-3.1-8b 4096 4096  1024  14336  128256   gated, rotary
 *   mixtral-8x7b 4096 4096  1024  14336   32000   gated, rotary, 2 of 8
 *   qwen3-32b   5120  8192  1024  25600  151936   gated, rotary
 */

/* 145 tokens are cached, 102 of which are recomputed; one is new. */
static void check_copies(const struct llm *m, const struct workload *w,
			 double kv_bytes, double x_bytes)
{
	shapes_copy(layer_load_cache(m, w, 1.0), ENGINE_H2D, 43 * kv_bytes);
	shapes_copy(layer_load_activation(m, w, 1.0), ENGINE_H2D,
		    102 * x_bytes);
	shapes_copy(layer_store_cache(m, w, 1.0, 1.0), ENGINE_D2H, kv_bytes);
	shapes_copy(layer_store_activation(m, w, 1.0, 1.0), ENGINE_D2H,
		    x_bytes);
}

/* b = 64 requests of opt-6.7b: multi-head, so k = h. */

START_TEST(opt_moves_twice_as_much_kv_as_activations)
{
	struct llm m = harness_model("opt-6.7b");
	struct workload w = harness_workload(64, 128, 32);

	/* 2 * 64 * 4096 * 2 and 64 * 4096 * 2 */
	ck_assert_double_eq(layer_kv_token_bytes(&m, &w), 1048576.0);
	ck_assert_double_eq(layer_activation_token_bytes(&m, &w), 524288.0);
	/* (4 * 4096^2 + 2 * 4096 * 16384) * 2 */
	ck_assert_double_eq(layer_weight_bytes(&m, &w), 402653184.0);
	check_copies(&m, &w, 1048576.0, 524288.0);
}
END_TEST

START_TEST(opt_computes_as_the_shapes_say)
{
	struct llm m = harness_model("opt-6.7b");
	struct workload w = harness_workload(64, 128, 32);
	struct work ffn = layer_ffn(&m, &w, 1.0);
	struct work r = layer_recompute(&m, &w, 1.0);

	shapes_product(layer_project(&m, &w, 1.0), 64, 4096, 12288);
	shapes_product(layer_output(&m, &w, 1.0), 64, 4096, 4096);
	shapes_product(layer_head(&m, &w), 64, 4096, 50272);
	shapes_product(r, 64 * 102, 4096, 8192);
	/* the paper's N = 4 b l h^2 */
	ck_assert_double_eq(work_flop(&r, SHAPES_CACHED, SHAPES_SPLIT),
			    4.0 * 64 * 102 * 4096 * 4096);
	ck_assert_double_eq(work_flop(&ffn, SHAPES_CACHED, SHAPES_SPLIT),
			    shapes_flop(64, 4096, 16384) +
				    shapes_flop(64, 16384, 4096));
	ck_assert_double_eq(work_bytes(&ffn, SHAPES_CACHED, SHAPES_SPLIT),
			    shapes_bytes(64, 4096, 16384) +
				    shapes_bytes(64, 16384, 4096));
}
END_TEST

/* The new token attends to itself as well: 145 + 1. */
START_TEST(attention_reads_the_whole_cache)
{
	struct llm m = harness_model("opt-6.7b");
	struct workload w = harness_workload(64, 128, 32);
	struct work a = layer_attend(&m, &w, 1.0);

	ck_assert_int_eq(a.engine, ENGINE_SM);
	ck_assert_double_eq(work_bytes(&a, SHAPES_CACHED, SHAPES_SPLIT),
			    146 * 1048576.0);
	ck_assert_double_eq(work_flop(&a, SHAPES_CACHED, SHAPES_SPLIT),
			    4.0 * 64 * 4096 * 146);
	/* it does not depend on the split */
	ck_assert_double_eq(work_bytes(&a, SHAPES_CACHED, 0.0),
			    146 * 1048576.0);
}
END_TEST

/* b = 64 requests of llama-3.1-8b: 8 KV heads for 32, rotary. */

START_TEST(grouped_queries_store_less_kv_than_activations)
{
	struct llm m = harness_model("llama-3.1-8b");
	struct workload w = harness_workload(64, 128, 32);

	ck_assert_double_eq(layer_kv_token_bytes(&m, &w), 262144.0);
	ck_assert_double_eq(layer_activation_token_bytes(&m, &w), 524288.0);
	/* (2 * 4096^2 + 2 * 4096 * 1024 + 3 * 4096 * 14336) * 2 */
	ck_assert_double_eq(layer_weight_bytes(&m, &w), 436207616.0);
	check_copies(&m, &w, 262144.0, 524288.0);
}
END_TEST

START_TEST(grouped_queries_compute_as_the_shapes_say)
{
	struct llm m = harness_model("llama-3.1-8b");
	struct workload w = harness_workload(64, 128, 32);
	struct work a = layer_attend(&m, &w, 1.0), ffn = layer_ffn(&m, &w, 1.0);

	shapes_product(layer_project(&m, &w, 1.0), 64, 4096, 4096 + 2 * 1024);
	shapes_product(layer_output(&m, &w, 1.0), 64, 4096, 4096);
	shapes_product(layer_head(&m, &w), 64, 4096, 128256);
	/* K and V shrink, the queries do not */
	ck_assert_double_eq(work_bytes(&a, SHAPES_CACHED, SHAPES_SPLIT),
			    146 * 262144.0);
	ck_assert_double_eq(work_flop(&a, SHAPES_CACHED, SHAPES_SPLIT),
			    4.0 * 64 * 4096 * 146);
	ck_assert_double_eq(work_flop(&ffn, SHAPES_CACHED, SHAPES_SPLIT),
			    shapes_flop(64, 4096, 2 * 14336) +
				    shapes_flop(64, 14336, 4096));
	ck_assert_double_eq(work_bytes(&ffn, SHAPES_CACHED, SHAPES_SPLIT),
			    shapes_bytes(64, 4096, 2 * 14336) +
				    shapes_bytes(64, 14336, 4096));
}
END_TEST

/* K of the recomputed tokens is read, rotated, and written again. */
START_TEST(recomputing_a_rotary_model_rotates_again)
{
	struct llm m = harness_model("llama-3.1-8b");
	struct workload w = harness_workload(64, 128, 32);
	struct work r = layer_recompute(&m, &w, 1.0);

	/* 4 b l h k */
	ck_assert_double_eq(work_flop(&r, SHAPES_CACHED, SHAPES_SPLIT),
			    4.0 * 64 * 102 * 4096 * 1024);
	ck_assert_double_eq(work_bytes(&r, SHAPES_CACHED, SHAPES_SPLIT),
			    shapes_bytes(64 * 102, 4096, 2048) +
				    2 * 64 * 102 * 1024 * SHAPES_P);
	m = harness_model("opt-6.7b");
	ck_assert_double_gt(r.launches, layer_recompute(&m, &w, 1.0).launches);
}
END_TEST

START_TEST(nothing_is_recomputed_at_split_zero)
{
	struct llm m = harness_model("llama-3.1-8b");
	struct workload w = harness_workload(64, 128, 32);
	struct work r = layer_recompute(&m, &w, 1.0);
	struct work x = layer_load_activation(&m, &w, 1.0);
	struct work kv = layer_load_cache(&m, &w, 1.0);

	ck_assert(work_is_empty(&r, SHAPES_CACHED, 0.0));
	ck_assert(work_is_empty(&x, SHAPES_CACHED, 0.0));
	ck_assert(!work_is_empty(&kv, SHAPES_CACHED, 0.0));
	ck_assert(work_is_empty(&kv, SHAPES_CACHED, SHAPES_CACHED));
}
END_TEST

/* heads * head_dim need not be h. */
START_TEST(wide_queries_are_not_the_hidden_size)
{
	struct llm m = harness_model("qwen3-32b");
	struct workload w = harness_workload(17, 128, 32);

	shapes_product(layer_project(&m, &w, 1.0), 17, 5120, 8192 + 2 * 1024);
	shapes_product(layer_output(&m, &w, 1.0), 17, 8192, 5120);
	shapes_product(layer_head(&m, &w), 17, 5120, 151936);
	ck_assert_double_eq(layer_activation_token_bytes(&m, &w),
			    17 * 5120 * SHAPES_P);
	ck_assert_double_eq(layer_kv_token_bytes(&m, &w),
			    2 * 17 * 1024 * SHAPES_P);
}
END_TEST

/* mixtral-8x7b: each token takes 2 of 8 experts. */

/* Experts that are read, by the header's formula worked out by hand. */
static const struct {
	size_t batch;
	double read;
} experts[] = {
	{ 1, 2.0 },			/* 8 * (1 - 3/4) */
	{ 2, 3.5 },			/* 8 * (1 - 9/16) */
	{ 3, 4.625 },			/* 8 * (1 - 27/64) */
	{ 6, 6.576171875 },		/* 8 * (1 - 729/4096) */
};

enum { EXPERTS = sizeof experts / sizeof experts[0] };

START_TEST(experts_are_read_as_expected)
{
	struct llm m = harness_model("mixtral-8x7b");
	struct workload w = harness_workload(experts[_i].batch, 128, 32);
	struct work ffn = layer_ffn(&m, &w, 1.0);
	double b = (double)w.batch, read = experts[_i].read;
	double flop, bytes;

	/* the work of 2 experts for each token, however they are shared */
	flop = shapes_flop(2 * b, 4096, 2 * 14336) +
	       shapes_flop(2 * b, 14336, 4096);
	ck_assert_double_eq_tol(work_flop(&ffn, SHAPES_CACHED, SHAPES_SPLIT),
				flop, 1e-12 * flop);
	/* weights of the experts read; the rows of 2 b tokens */
	bytes = SHAPES_P * (read * 3 * 4096 * 14336 +
		     2 * b * (4096 + 2 * 14336 + 14336 + 4096));
	ck_assert_double_eq_tol(work_bytes(&ffn, SHAPES_CACHED, SHAPES_SPLIT),
				bytes, 1e-12 * bytes);
}
END_TEST

/*
 * The formula against routing itself: the mean number of different experts
 * over all C(8, 2)^3 ways that three tokens can choose.
 */
START_TEST(the_expected_experts_are_a_mean_over_all_choices)
{
	unsigned pairs[28], n = 0, ways = 0, sum = 0;

	for (unsigned i = 0; i < 8; i++)
		for (unsigned j = 0; j < i; j++)
			pairs[n++] = 1U << i | 1U << j;
	ck_assert_uint_eq(n, 28);
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < n; j++)
			for (unsigned k = 0; k < n; k++, ways++)
				for (unsigned e = 0; e < 8; e++)
					sum += (pairs[i] | pairs[j] |
						pairs[k]) >> e & 1;
	ck_assert_uint_eq(ways, 28 * 28 * 28);
	ck_assert_double_eq_tol((double)sum / ways, experts[2].read, 1e-12);
}
END_TEST

START_TEST(a_large_batch_reads_all_experts)
{
	struct llm m = harness_model("mixtral-8x7b");
	struct workload w = harness_workload(512, 128, 32);
	struct work ffn = layer_ffn(&m, &w, 1.0);
	double bytes = SHAPES_P * (8.0 * 3 * 4096 * 14336 +
			    1024.0 * (4096 + 3 * 14336 + 4096));

	ck_assert_double_eq_tol(work_bytes(&ffn, SHAPES_CACHED, SHAPES_SPLIT),
				bytes, 1e-12 * bytes);
	/* all 8 are in memory, whatever is read */
	ck_assert_double_eq(layer_weight_bytes(&m, &w),
			    SHAPES_P * (2.0 * 4096 * 4096 + 2.0 * 4096 * 1024 +
				 8.0 * 3 * 4096 * 14336));
}
END_TEST

/* Doubling the requests doubles what is theirs, and not the weights. */
START_TEST(bytes_scale_with_the_batch)
{
	struct llm m = harness_model("llama-3.1-8b");
	struct workload one = harness_workload(17, 128, 32);
	struct workload two = harness_workload(34, 128, 32);

	ck_assert_double_eq(layer_kv_token_bytes(&m, &two),
			    2.0 * layer_kv_token_bytes(&m, &one));
	ck_assert_double_eq(layer_activation_token_bytes(&m, &two),
			    2.0 * layer_activation_token_bytes(&m, &one));
	ck_assert_double_eq(layer_weight_bytes(&m, &two),
			    layer_weight_bytes(&m, &one));
	/* a byte and 4 of 64, instead of two */
	one.kv = one.weights = ELEMENT_INT8;
	ck_assert_double_eq(layer_kv_token_bytes(&m, &one),
			    2.0 * 17 * 1024 * 1.0625);
	ck_assert_double_eq(layer_activation_token_bytes(&m, &one),
			    17 * 4096 * SHAPES_P);
	ck_assert_double_eq(layer_weight_bytes(&m, &one),
			    218103808.0 * 1.0625);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/layer");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, opt_moves_twice_as_much_kv_as_activations);
	tcase_add_test(tc, opt_computes_as_the_shapes_say);
	tcase_add_test(tc, attention_reads_the_whole_cache);
	tcase_add_test(tc, grouped_queries_store_less_kv_than_activations);
	tcase_add_test(tc, grouped_queries_compute_as_the_shapes_say);
	tcase_add_test(tc, recomputing_a_rotary_model_rotates_again);
	tcase_add_test(tc, nothing_is_recomputed_at_split_zero);
	tcase_add_test(tc, wide_queries_are_not_the_hidden_size);
	tcase_add_loop_test(tc, experts_are_read_as_expected, 0, EXPERTS);
	tcase_add_test(tc, the_expected_experts_are_a_mean_over_all_choices);
	tcase_add_test(tc, a_large_batch_reads_all_experts);
	tcase_add_test(tc, bytes_scale_with_the_batch);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
