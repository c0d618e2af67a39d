/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/footprint.h"

#include <string.h>

#include "schedule/cpu_attention.h"
#include "schedule/kvpr_column.h"
#include "schedule/kvpr_row.h"
#include "schedule/load_all.h"
#include "schedule/recompute_all.h"
#include "schedule/zero_inference.h"
#include "tests/harness.h"

/* [B] of `what` in `place`, -1 if the account has no such line. */
static double line(const struct memory *mem, enum memory_place place,
		   const char *what)
{
	for (size_t i = 0; i < mem->n; i++)
		if (mem->items[i].place == place &&
		    strcmp(mem->items[i].what, what) == 0)
			return mem->items[i].bytes;
	return -1.0;
}

/* A line of an account; bytes -1 where there is to be none. */
struct entry {
	enum memory_place place;
	const char *what;
	double bytes;
};

/* The account is these entries, in any order, and no others. */
static void check(const struct memory *mem, const struct entry *e, size_t n)
{
	double sum[MEMORY_PLACES] = { 0.0 };
	size_t there = 0;

	for (size_t i = 0; i < n; i++) {
		double found = line(mem, e[i].place, e[i].what);

		ck_assert_msg(found == e[i].bytes,
			      "%s, %s: %.17g B, expected %.17g",
			      memory_place_name(e[i].place), e[i].what,
			      found, e[i].bytes);
		if (e[i].bytes < 0.0)
			continue;
		sum[e[i].place] += e[i].bytes;
		there++;
	}
	ck_assert_uint_eq(mem->n, there);
	for (int p = 0; p < MEMORY_PLACES; p++)
		ck_assert_double_eq_tol(
			memory_used(mem, (enum memory_place)p), sum[p],
			1e-12 * sum[p]);
}

/*
 * OPT-6.7B (32 layers, h = 4096, FFN 16384, vocabulary 50272, positions
 * 2048), batch 64, 159 tokens, fp16, by hand.  A token's KV in a layer takes
 * 2 * 64 * 4096 * 2 = 1048576 B, its X half of that.
 *
 * With a prompt of 128 prefill needs more of the GPU than decode does, with a
 * prompt of 1 it is the other way round.
 */
struct account {
	const struct policy *policy;
	size_t prefetch, split;		/* split 0: as the policy does */
	double decode, prefill;		/* buffers */
	double kv, x;			/* -1: no such line */
};

static const struct account accounts[] = {
	/* 2 * 159 tokens; 2 * 128; KV of 159 in 32 layers */
	{ &policy_load_all, 1, 0, 333447168.0, 268435456.0, 5335154688.0,
	  -1.0 },
	/* 91 X, 68 KV, and 91 KV recomputed, at the last step; 2 * (128 KV
	 * and 91 X) */
	{ &policy_kvpr_row, 0, 91, 214433792.0, 363855872.0, 5335154688.0,
	  1526726656.0 },
	{ &policy_kvpr_row, 1, 91, 333447168.0, 363855872.0, 5335154688.0,
	  1526726656.0 },
	/* 2 * (158 X and the new token's KV) and 158 KV; 2 * 128 X */
	{ &policy_recompute_all, 1, 0, 333447168.0, 134217728.0, -1.0,
	  2650800128.0 },
};

enum { ACCOUNTS = sizeof accounts / sizeof accounts[0], STEPS = 158 };

static void check_account(const struct account *a, size_t prompt)
{
	struct llm m = harness_model("opt-6.7b");
	struct workload w = harness_workload(64, prompt, 160 - prompt);
	size_t split[STEPS], steps = 159 - prompt;
	struct plan plan = { .policy = a->policy, .steps = steps,
			     .split = split,
			     .decision[DECISION_PREFETCH] =
				     (double)a->prefetch,
			     .decision[DECISION_WEIGHTS_ON_GPU] = 1 };
	struct memory mem = { .n = 7 };
	bool decode = prompt == 1;
	const struct entry expected[] = {
		/* 2 * (32 * 12 h^2 + (50272 + 2048) h) */
		{ MEMORY_GPU, "weights", 13313507328.0 },
		{ MEMORY_GPU, "layer buffers", decode ? a->decode : -1.0 },
		{ MEMORY_GPU, "prefill buffers", decode ? -1.0 : a->prefill },
		/* 64 * 2 * (5 h + 16384), of one token or of 128 */
		{ MEMORY_GPU, "activations", decode ? 4718592.0 : -1.0 },
		{ MEMORY_GPU, "prefill activations",
		  decode ? -1.0 : 603979776.0 },
		/* 64 * 2 * 50272 */
		{ MEMORY_GPU, "logits", 6434816.0 },
		{ MEMORY_HOST, "KV cache", a->kv },
		{ MEMORY_HOST, "stored activations", a->x },
	};

	for (size_t i = 0; i < steps; i++)
		split[i] = a->policy->split == SPLIT_ALL ? prompt + i
							 : a->split;
	footprint_memory(&m, &w, &plan, &mem);
	check(&mem, expected, sizeof expected / sizeof expected[0]);
}

START_TEST(opt_by_hand)
{
	check_account(&accounts[_i], 1);
	check_account(&accounts[_i], 128);
}
END_TEST

/* Gated, grouped queries, experts: LLaMA-like figures by hand. */
static struct llm small_model(void)
{
	/* q = 24, k = 8; a layer: 10 * 40 + 240 + 5 * 3 * 70 = 1690 */
	return (struct llm){
		.name = "by hand", .family = "mixtral", .layers = 3,
		.hidden = 10, .heads = 6, .kv_heads = 2, .head_dim = 4,
		.ffn = 7, .experts = 5, .experts_per_token = 2, .vocab = 13,
		.max_positions = 99, .ffn_gated = true, .rotary = true,
	};
}

static size_t splits[] = { 2, 3, 2, 2, 5, 2 };	/* of 2, 3, ... 7 tokens */

static struct plan small_plan(const struct policy *policy)
{
	struct plan plan = { .policy = policy, .steps = 6, .split = splits,
			     .whole_sequence = true };

	for (int i = 0; i < DECISION_COUNT; i++)
		plan.decision[i] = policy->rules[i].value;
	return plan;
}

/* Token: KV 128, X 80; of 8 tokens 2 recomputed, 6 loaded, in step 5. */
START_TEST(other_shapes_by_hand)
{
	static const struct entry expected[] = {
		{ MEMORY_GPU, "weights", 2.0 * (3.0 * 1690.0 + 260.0) },
		/* step 4: 3 (400 + 256) + 640 = 2608 is less */
		{ MEMORY_GPU, "layer buffers", 3.0 * (160.0 + 768.0) + 256.0 },
		{ MEMORY_GPU, "activations",
		  8.0 * (20.0 + 24.0 + 16.0) + 8.0 * 2.0 * 14.0 },
		{ MEMORY_GPU, "logits", 104.0 },
		{ MEMORY_HOST, "KV cache", 3.0 * 8.0 * 128.0 },
		{ MEMORY_HOST, "stored activations", 3.0 * 5.0 * 80.0 },
	};
	struct llm m = small_model();
	struct workload w = harness_workload(4, 2, 7);
	struct plan plan = small_plan(&policy_kvpr_row);
	struct memory mem;

	plan.decision[DECISION_PREFETCH] = 2;
	footprint_memory(&m, &w, &plan, &mem);
	check(&mem, expected, sizeof expected / sizeof expected[0]);
}
END_TEST

/*
 * Everything at once: three batches, two GPUs, a quarter of the weights and
 * 3/8 of the requests' KV on the GPU; weights and X in 4 bits (0.5625 B), KV
 * in 8 (1.0625 B).  A layer is 950.625 B, a token's KV 68, its X 22.5.
 */
START_TEST(streamed_quantised_and_shared_by_hand)
{
	static const struct entry expected[] = {
		{ MEMORY_GPU, "weights",
		  0.25 * 3.0 * 950.625 + 2.0 * 260.0 },
		{ MEMORY_GPU, "weight buffers", 2.0 * 0.75 * 950.625 },
		{ MEMORY_GPU, "dequantised weights", 2.0 * 1690.0 },
		{ MEMORY_GPU, "KV cache", 0.375 * 9.0 * 8.0 * 68.0 },
		/* 5/8 of: 3 times 2 X and 6 KV, and 2 KV recomputed; then 6.75
		 * KV dequantised, 5 of 8 * 6 loaded and 3 of 8 * 8 of the
		 * GPU's own; 5/8 of 2 X dequantised */
		{ MEMORY_GPU, "layer buffers",
		  0.625 * (3.0 * (45.0 + 408.0) + 256.0) + 6.75 * 128.0 +
			  0.625 * 160.0 },
		/* of one batch, and the hidden state of two others */
		{ MEMORY_GPU, "activations", 704.0 + 2.0 * 80.0 },
		{ MEMORY_GPU, "logits", 104.0 },
		{ MEMORY_HOST, "weights", 0.75 * 3.0 * 950.625 },
		{ MEMORY_HOST, "KV cache", 2.0 * 0.625 * 9.0 * 8.0 * 68.0 },
		{ MEMORY_HOST, "stored activations",
		  2.0 * 0.625 * 9.0 * 5.0 * 22.5 },
	};
	struct llm m = small_model();
	struct workload w = harness_workload(4, 2, 7);
	struct plan plan = small_plan(&policy_kvpr_column);
	struct memory mem;

	w.num_batches = 3;
	w.gpus = 2;
	w.weights = w.activations = ELEMENT_INT4;
	w.kv = ELEMENT_INT8;
	plan.decision[DECISION_PREFETCH] = 2;
	plan.decision[DECISION_WEIGHTS_ON_GPU] = 0.25;
	plan.decision[DECISION_CACHE_ON_GPU] = 0.375;
	footprint_memory(&m, &w, &plan, &mem);
	check(&mem, expected, sizeof expected / sizeof expected[0]);
}
END_TEST

/* The same with a prompt of 6 of 8 tokens, where prefill needs more. */
START_TEST(prefill_of_several_batches_by_hand)
{
	static const struct entry expected[] = {
		{ MEMORY_GPU, "weights", 2.0 * 260.0 },
		{ MEMORY_GPU, "weight buffers", 2.0 * 2.0 * 1690.0 },
		/* 4 * 6 tokens of 88 elements; of two batches h = 10 */
		{ MEMORY_GPU, "prefill activations",
		  2.0 * 24.0 * 88.0 + 2.0 * 2.0 * 24.0 * 10.0 },
		/* twice the KV of 6 tokens and the X of 5 */
		{ MEMORY_GPU, "prefill buffers",
		  2.0 * (6.0 * 128.0 + 5.0 * 80.0) },
		{ MEMORY_GPU, "logits", 104.0 },
		{ MEMORY_HOST, "weights", 3.0 * 2.0 * 1690.0 },
		{ MEMORY_HOST, "KV cache", 9.0 * 8.0 * 128.0 },
		{ MEMORY_HOST, "stored activations", 9.0 * 5.0 * 80.0 },
	};
	struct llm m = small_model();
	struct workload w = harness_workload(4, 6, 3);
	size_t split[] = { 5, 2 };
	struct plan plan = small_plan(&policy_kvpr_column);
	struct memory mem;

	w.num_batches = 3;
	plan.steps = 2;
	plan.split = split;
	footprint_memory(&m, &w, &plan, &mem);
	check(&mem, expected, sizeof expected / sizeof expected[0]);
}
END_TEST

/*
 * What the CPU attends to is never loaded: no buffers, whatever is stored,
 * and so prefill needs more than decode even with a prompt of 2 of 8 tokens.
 */
START_TEST(the_cpu_needs_no_buffers)
{
	static const struct policy *const policies[] = {
		&policy_cpu_attention, &policy_zero_inference,
	};
	static const struct entry expected[] = {
		{ MEMORY_GPU, "prefill buffers", 2.0 * 2.0 * 128.0 },
		{ MEMORY_GPU, "prefill activations", 2.0 * (704.0 + 80.0) },
		{ MEMORY_GPU, "logits", 104.0 },
		{ MEMORY_HOST, "KV cache", 6.0 * 8.0 * 128.0 },
		{ MEMORY_HOST, "stored activations", -1.0 },
		/* from here by policy */
		{ MEMORY_GPU, "weights", 2.0 * (3.0 * 1690.0 + 260.0) },
		{ MEMORY_GPU, "weights", 2.0 * 260.0 },
		{ MEMORY_GPU, "weight buffers", 4.0 * 1690.0 },
		{ MEMORY_HOST, "weights", 6.0 * 1690.0 },
	};
	struct llm m = small_model();
	struct workload w = harness_workload(4, 2, 7);

	w.num_batches = 2;
	for (size_t i = 0; i < 2; i++) {
		struct plan plan = small_plan(policies[i]);
		size_t none[6] = { 0 };
		struct memory mem;
		struct entry e[8];

		plan.split = none;
		footprint_memory(&m, &w, &plan, &mem);
		memcpy(e, expected, 5 * sizeof *e);
		memcpy(e + 5, expected + 5 + i,
		       (i ? 3 : 1) * sizeof *e);
		check(&mem, e, i ? 8 : 6);
	}
}
END_TEST

/* Of 8 tokens, those of 3 of 8 requests are on the GPU, and dequantised. */
START_TEST(the_cpu_leaves_the_gpu_its_own)
{
	static const struct entry expected[] = {
		{ MEMORY_GPU, "weights", 2.0 * (3.0 * 1690.0 + 260.0) },
		{ MEMORY_GPU, "KV cache", 0.375 * 6.0 * 8.0 * 68.0 },
		{ MEMORY_GPU, "layer buffers", 0.375 * 8.0 * 128.0 },
		{ MEMORY_GPU, "activations", 704.0 + 80.0 },
		{ MEMORY_GPU, "logits", 104.0 },
		{ MEMORY_HOST, "KV cache", 0.625 * 6.0 * 8.0 * 68.0 },
	};
	struct llm m = small_model();
	struct workload w = harness_workload(4, 1, 8);
	struct plan plan = small_plan(&policy_cpu_attention);
	size_t none[7] = { 0 };
	struct memory mem;

	w.num_batches = 2;
	w.kv = ELEMENT_INT8;
	plan.steps = 7;
	plan.split = none;
	plan.decision[DECISION_CACHE_ON_GPU] = 0.375;
	footprint_memory(&m, &w, &plan, &mem);
	check(&mem, expected, sizeof expected / sizeof expected[0]);
}
END_TEST

/* Two of three batches of 4 wait: 8 requests, 2 tokens each in prefill. */
START_TEST(hidden_states_wait_where_the_plan_says)
{
	struct llm m = small_model();
	struct workload w = harness_workload(4, 2, 7);
	struct plan plan = small_plan(&policy_kvpr_column);
	double waiting = 8.0 * 2.0 * (double)m.hidden * 2.0;
	struct memory gpu, host;

	w.num_batches = 3;
	w.gpus = 2;
	footprint_memory(&m, &w, &plan, &gpu);
	plan.decision[DECISION_HIDDEN] = HIDDEN_HOST;
	footprint_memory(&m, &w, &plan, &host);
	ck_assert_uint_eq(host.n, gpu.n + 1);
	ck_assert_double_eq(line(&host, MEMORY_HOST, "hidden state"),
			    2.0 * waiting);
	ck_assert_double_eq(memory_used(&host, MEMORY_HOST),
			    memory_used(&gpu, MEMORY_HOST) + 2.0 * waiting);
	ck_assert_double_lt(memory_used(&host, MEMORY_GPU),
			    memory_used(&gpu, MEMORY_GPU));
}
END_TEST

/* `on_gpu` of the layers, whatever the plan says; all else stays. */
START_TEST(what_is_placed_replaces_the_share)
{
	struct llm m = small_model();
	struct workload w = harness_workload(4, 2, 7);
	struct plan plan = small_plan(&policy_kvpr_column);
	struct memory by_plan, placed;

	plan.decision[DECISION_WEIGHTS_ON_GPU] = 0.25;
	footprint_placed(&m, &w, &plan, 0.75, &placed);
	ck_assert_double_eq(line(&placed, MEMORY_GPU, "weights"),
			    0.75 * 3.0 * 3380.0 + 520.0);
	ck_assert_double_eq(line(&placed, MEMORY_GPU, "weight buffers"),
			    2.0 * 0.25 * 3380.0);
	ck_assert_double_eq(line(&placed, MEMORY_HOST, "weights"),
			    0.25 * 3.0 * 3380.0);
	plan.decision[DECISION_WEIGHTS_ON_GPU] = 0.75;
	footprint_memory(&m, &w, &plan, &by_plan);
	ck_assert_uint_eq(placed.n, by_plan.n);
	for (size_t i = 0; i < placed.n; i++) {
		ck_assert_str_eq(placed.items[i].what, by_plan.items[i].what);
		ck_assert_double_eq(placed.items[i].bytes,
				    by_plan.items[i].bytes);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule/footprint");
	TCase *tc = tcase_create("accounts");

	tcase_add_loop_test(tc, opt_by_hand, 0, ACCOUNTS);
	tcase_add_test(tc, other_shapes_by_hand);
	tcase_add_test(tc, streamed_quantised_and_shared_by_hand);
	tcase_add_test(tc, prefill_of_several_batches_by_hand);
	tcase_add_test(tc, the_cpu_needs_no_buffers);
	tcase_add_test(tc, the_cpu_leaves_the_gpu_its_own);
	tcase_add_test(tc, hidden_states_wait_where_the_plan_says);
	tcase_add_test(tc, what_is_placed_replaces_the_share);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
