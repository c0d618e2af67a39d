/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shares of a batch, stored elements, prefill and the host, by hand. */
#include "model/layer.h"

#include "tests/harness.h"
#include "tests/shapes.h"

/*
 * b = 17 requests of llama-3.1-8b, 3/8 of them on the host, prompts of 128:
 * K and V are 2 * 17 * 1024 = 34816 elements, X is 17 * 4096 = 69632.
 */
#define SHARE 0.375

static struct workload small_elements(void)
{
	struct workload w = harness_workload(17, 128, 32);

	w.weights = ELEMENT_INT4;
	w.kv = ELEMENT_INT8;
	w.activations = ELEMENT_INT4;
	w.gpus = 8;
	return w;
}

/* A kernel that moves `bytes` and computes nothing. */
static void check_conversion(struct work w, double bytes, double launches)
{
	ck_assert_int_eq(w.engine, ENGINE_SM);
	ck_assert_double_eq(work_bytes(&w, SHAPES_CACHED, SHAPES_SPLIT), bytes);
	ck_assert_double_eq(work_flop(&w, SHAPES_CACHED, SHAPES_SPLIT), 0.0);
	ck_assert_double_eq(w.launches, launches);
}

START_TEST(weights_come_in_parts)
{
	struct llm m = harness_model("llama-3.1-8b");
	struct workload w = harness_workload(17, 128, 32);

	/* 2 * 4096 * 1024, 2 * 4096^2, 3 * 4096 * 14336 elements */
	ck_assert_double_eq(layer_part_bytes(&m, &w, LAYER_KV), 16777216.0);
	ck_assert_double_eq(layer_part_bytes(&m, &w, LAYER_QO), 67108864.0);
	ck_assert_double_eq(layer_part_bytes(&m, &w, LAYER_FFN),
			    352321536.0);
	ck_assert_double_eq(layer_weight_bytes(&m, &w), 436207616.0);
	shapes_copy(layer_load_weight(&m, &w, LAYER_QO, SHARE), ENGINE_H2D,
		   25165824.0);
	w = small_elements();		/* 0.5625 B for 2 */
	shapes_copy(layer_load_weight(&m, &w, LAYER_KV, 1.0), ENGINE_H2D,
		   4718592.0);
	shapes_copy(layer_load_weight(&m, &w, LAYER_FFN, SHARE), ENGINE_H2D,
		   37158912.0);
	/* 128256 * 4096 */
	shapes_copy(layer_load_embedding(&m, &w), ENGINE_H2D, 295501824.0);
	m = harness_model("mixtral-8x7b");	/* all 8 experts */
	ck_assert_double_eq(layer_part_bytes(&m, &w, LAYER_FFN),
			    0.5625 * 8 * 3 * 4096 * 14336);
	m = harness_model("qwen3-32b");		/* q = 8192 is not h */
	ck_assert_double_eq(layer_part_bytes(&m, &w, LAYER_QO),
			    0.5625 * 2 * 5120 * 8192);
}
END_TEST

/* 34816 * 1.0625 = 36992 B of a token's KV, 69632 * 0.5625 = 39168 of X. */
START_TEST(copies_are_of_a_share_as_it_is_stored)
{
	struct llm m = harness_model("llama-3.1-8b");
	struct workload w = small_elements();

	ck_assert_double_eq(layer_kv_token_bytes(&m, &w), 36992.0);
	ck_assert_double_eq(layer_activation_token_bytes(&m, &w), 39168.0);
	shapes_copy(layer_load_cache(&m, &w, SHARE), ENGINE_H2D,
		   43 * 13872.0);
	shapes_copy(layer_load_activation(&m, &w, SHARE), ENGINE_H2D,
		   102 * 14688.0);
	shapes_copy(layer_store_cache(&m, &w, SHARE, 128.0), ENGINE_D2H,
		   128 * 13872.0);
	shapes_copy(layer_store_whole_cache(&m, &w, SHARE), ENGINE_D2H,
		   146 * 13872.0);
	shapes_copy(layer_store_activation(&m, &w, SHARE, 91.0), ENGINE_D2H,
		   91 * 14688.0);
	/* the hidden state is in 16 bits: 69632 * 2 a token */
	shapes_copy(layer_load_hidden(&m, &w, 128.0), ENGINE_H2D,
		   128 * 139264.0);
	shapes_copy(layer_store_hidden(&m, &w, 1.0), ENGINE_D2H, 139264.0);
}
END_TEST

START_TEST(the_host_attends_to_what_it_stores)
{
	struct llm m = harness_model("llama-3.1-8b");
	struct workload w = small_elements();
	struct work a = layer_attend_host(&m, &w, SHARE);
	struct work s = layer_stage_half(&m, &w, SHARE);

	/* Q of 4096 and K, V of 1024: 17 * 6144 * 2 B; 17 * 4096 * 2 */
	shapes_copy(layer_store_query(&m, &w, SHARE), ENGINE_D2H, 78336.0);
	shapes_copy(layer_load_attention(&m, &w, SHARE), ENGINE_H2D,
		   52224.0);
	ck_assert_int_eq(a.engine, ENGINE_CPU);
	ck_assert_double_eq(work_bytes(&a, SHAPES_CACHED, SHAPES_SPLIT),
			    146 * 13872.0);
	ck_assert_double_eq(work_bytes(&a, SHAPES_CACHED, 0.0), 146 * 13872.0);
	/* K alone, or V, of what is cached */
	ck_assert_int_eq(s.engine, ENGINE_COPY);
	ck_assert_double_eq(work_bytes(&s, SHAPES_CACHED, SHAPES_SPLIT),
			    145 * 6936.0);
	shapes_copy(layer_load_half(&m, &w, SHARE), ENGINE_H2D,
		   145 * 6936.0);
}
END_TEST

START_TEST(kernels_serve_a_share)
{
	struct llm m = harness_model("llama-3.1-8b");
	struct workload w = small_elements();
	struct work a = layer_attend(&m, &w, SHARE);
	struct work r = layer_recompute(&m, &w, SHARE);
	double rows = SHARE * 17 * 102;		/* 650.25 */

	/* in 16 bits, whatever is stored */
	ck_assert_double_eq(work_bytes(&a, SHAPES_CACHED, SHAPES_SPLIT),
			    146 * SHARE * 69632.0);
	ck_assert_double_eq(work_flop(&a, SHAPES_CACHED, SHAPES_SPLIT),
			    146 * SHARE * 17 * 4.0 * 4096);
	ck_assert_double_eq(work_flop(&r, SHAPES_CACHED, SHAPES_SPLIT),
			    shapes_flop(rows, 4096, 2048));
	ck_assert_double_eq(work_bytes(&r, SHAPES_CACHED, SHAPES_SPLIT),
			    shapes_bytes(rows, 4096, 2048) +
				    2 * rows * 1024 * SHAPES_P);
}
END_TEST

START_TEST(prefill_has_the_rows_of_all_prompts)
{
	struct llm m = harness_model("llama-3.1-8b");
	struct workload w = small_elements();
	struct work a = layer_attend_prompt(&m, &w);
	struct work f = layer_ffn(&m, &w, 128.0);
	double rows = 2176.0;			/* 17 * 128 */

	shapes_product(layer_project(&m, &w, 128.0), rows, 4096, 6144);
	shapes_product(layer_output(&m, &w, 128.0), rows, 4096, 4096);
	ck_assert_double_eq(work_flop(&f, SHAPES_CACHED, SHAPES_SPLIT),
			    shapes_flop(rows, 4096, 2 * 14336) +
				    shapes_flop(rows, 14336, 4096));
	/* a token attends to itself and those before: 128 * 129 / 2 */
	ck_assert_int_eq(a.engine, ENGINE_SM);
	ck_assert_double_eq(work_flop(&a, SHAPES_CACHED, SHAPES_SPLIT),
			    17 * 4.0 * 4096 * 8256.0);
	/* Q and the result of 4096, K and V of 1024 */
	ck_assert_double_eq(work_bytes(&a, SHAPES_CACHED, SHAPES_SPLIT),
			    rows * SHAPES_P * 10240.0);
	/* 17 * 128 tokens touch all experts of mixtral */
	m = harness_model("mixtral-8x7b");
	f = layer_ffn(&m, &w, 128.0);
	ck_assert_double_eq_tol(work_bytes(&f, SHAPES_CACHED, SHAPES_SPLIT),
				SHAPES_P * (8.0 * 3 * 4096 * 14336 +
				     2 * rows * (2 * 4096 + 3 * 14336)),
				1e-3);
}
END_TEST

/* Read as stored, written in 16 bits, or the other way round. */
START_TEST(conversions_read_and_write)
{
	struct llm m = harness_model("llama-3.1-8b");
	struct workload w = small_elements();
	struct work d;

	/* 218103808 elements of 0.5625 + 2 B; Q, K, V, O and 3 of the FFN */
	check_conversion(layer_dequantise_weight(&m, &w), 558891008.0, 7.0);
	/* 34816 elements of 1.0625 + 2 B: 106624 B a token */
	check_conversion(layer_dequantise_cache(&m, &w, SHARE, 0.625),
			 106624.0 * (0.375 * 43 + 0.625 * 145), 2.0);
	check_conversion(layer_dequantise_cache(&m, &w, 0.0, 0.25),
			 26656.0 * 145, 2.0);
	check_conversion(layer_dequantise_cache(&m, &w, 1.0, 0.0),
			 106624.0 * 43, 2.0);
	/* 69632 elements of 0.5625 + 2 B: 178432 B a token */
	check_conversion(layer_dequantise_activation(&m, &w, SHARE),
			 102 * 66912.0, 1.0);
	check_conversion(layer_quantise(&m, &w, 1.0, 0.0, 128.0),
			 128 * 106624.0, 2.0);
	check_conversion(layer_quantise(&m, &w, 0.25, SHARE, 1.0),
			 26656.0 + 66912.0, 3.0);
	check_conversion(layer_quantise(&m, &w, 0.0, 1.0, 91.0),
			 91 * 178432.0, 1.0);
	/* what is in 16 bits stays as it is */
	w.activations = ELEMENT_FP16;
	check_conversion(layer_quantise(&m, &w, 1.0, 1.0, 1.0), 106624.0,
			 2.0);
	w.kv = ELEMENT_FP16;
	d = layer_quantise(&m, &w, 1.0, 1.0, 128.0);
	ck_assert(work_is_empty(&d, SHAPES_CACHED, SHAPES_SPLIT));
	m = harness_model("mixtral-8x7b");	/* 8 experts of 3 matrices */
	ck_assert_double_eq(layer_dequantise_weight(&m, &w).launches, 28.0);
	m = harness_model("opt-6.7b");
	ck_assert_double_eq(layer_dequantise_weight(&m, &w).launches, 6.0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/layer");
	TCase *tc = tcase_create("stored");

	tcase_add_test(tc, weights_come_in_parts);
	tcase_add_test(tc, copies_are_of_a_share_as_it_is_stored);
	tcase_add_test(tc, the_host_attends_to_what_it_stores);
	tcase_add_test(tc, kernels_serve_a_share);
	tcase_add_test(tc, prefill_has_the_rows_of_all_prompts);
	tcase_add_test(tc, conversions_read_and_write);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
