/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/workload.h"

#include "tests/harness.h"

/* A toy with 77 positions. */
static struct llm toy(void)
{
	return (struct llm){ .name = "toy", .max_positions = 77 };
}

START_TEST(the_first_token_comes_from_prefill)
{
	struct workload w = harness_workload(64, 128, 32);

	ck_assert_int_eq(w.weights, ELEMENT_FP16);
	ck_assert_int_eq(w.kv, ELEMENT_FP16);
	ck_assert_int_eq(w.activations, ELEMENT_FP16);
	ck_assert_double_eq(element_bytes(w.kv), 2.0);
	ck_assert_uint_eq(workload_steps(&w), 31);
	ck_assert_uint_eq(workload_cached(&w, 0), 128);
	ck_assert_uint_eq(workload_cached(&w, 17), 145);
	/* the last step attends to 128 + 30, and feeds back no more */
	ck_assert_uint_eq(workload_cached(&w, 30), 158);
}
END_TEST

START_TEST(batches_multiply_the_requests)
{
	struct workload w = harness_workload(17, 128, 32);

	ck_assert_uint_eq(workload_requests(&w), 17);
	w.num_batches = 5;
	w.gpus = 8;			/* each has such a workload */
	ck_assert_uint_eq(workload_requests(&w), 85);
	ck_assert_uint_eq(workload_steps(&w), 31);
	ck_assert_uint_eq(workload_tokens(&w), 159);
}
END_TEST

static const struct {
	size_t num_batches, gpus;
	const char *message;	/* NULL: accepted */
} shapes[] = {
	{ 1, 1, NULL }, { 1024, 10, NULL }, { 17, 3, NULL },
	{ 0, 1, "num_batches: found 0, expected 1 to 1024" },
	{ 1025, 1, "num_batches: found 1025, expected 1 to 1024" },
	{ 3, 0, "gpus: found 0, expected 1 to 10" },
	{ 3, 11, "gpus: found 11, expected 1 to 10" },
};

enum { SHAPES = sizeof shapes / sizeof shapes[0] };

START_TEST(batches_and_gpus_have_a_range)
{
	struct llm m = toy();
	struct workload w = harness_workload(3, 50, 17);
	struct diag d = { "" };

	w.num_batches = shapes[_i].num_batches;
	w.gpus = shapes[_i].gpus;
	ck_assert_int_eq(workload_check(&w, &m, &d),
			 shapes[_i].message ? STATUS_INVALID : STATUS_OK);
	ck_assert_str_eq(d.text, shapes[_i].message ? shapes[_i].message
						    : "");
}
END_TEST

START_TEST(what_fits_the_positions_is_accepted)
{
	struct llm m = toy();
	struct workload w = harness_workload(3, 50, 28);	/* 77 */
	struct diag d = { "untouched" };

	ck_assert_int_eq(workload_check(&w, &m, &d), STATUS_OK);
	w = harness_workload(1 << 20, 76, 2);
	ck_assert_int_eq(workload_check(&w, &m, &d), STATUS_OK);
	ck_assert_str_eq(d.text, "untouched");
}
END_TEST

static const struct {
	size_t batch, prompt, gen;
	const char *message;
} wrong[] = {
	{ 0, 50, 17, "batch: found 0, expected 1 to 1048576" },
	{ 1048577, 50, 17, "batch: found 1048577, expected 1 to 1048576" },
	{ 3, 0, 17, "prompt: found 0, expected 1 to 268435456" },
	{ 3, 268435457, 17,
	  "prompt: found 268435457, expected 1 to 268435456" },
	{ 3, (size_t)-1, 17,
	  "prompt: found 18446744073709551615, expected 1 to 268435456" },
	{ 3, 50, 0, "gen: found 0, expected 2 to 268435456" },
	{ 3, 50, 1, "gen: found 1, expected 2 or more: the first token comes "
	  "from prefill, so there is no decode step to plan" },
	{ 3, 50, 268435457,
	  "gen: found 268435457, expected 2 to 268435456" },
	{ 3, 50, 29, "prompt 50 + gen 29 needs 78 positions, toy has 77" },
	{ 3, 268435456, 268435456,
	  "prompt 268435456 + gen 268435456 needs 536870911 positions, toy "
	  "has 77" },
};

enum { WRONG = sizeof wrong / sizeof wrong[0] };

START_TEST(says_which_number_is_out_of_range)
{
	struct llm m = toy();
	struct workload w = harness_workload(wrong[_i].batch,
					     wrong[_i].prompt,
					     wrong[_i].gen);
	struct diag d;

	if (sizeof(size_t) < 8 && wrong[_i].prompt == (size_t)-1)
		return;		/* the message has 64 bits in it */
	ck_assert_int_eq(workload_check(&w, &m, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, wrong[_i].message);
}
END_TEST

/* The paper's own setting, against its own model. */
START_TEST(the_papers_workload_fits_opt)
{
	struct llm m = harness_model("opt-6.7b");
	struct workload w = harness_workload(64, 128, 128);
	struct diag d;

	ck_assert_int_eq(workload_check(&w, &m, &d), STATUS_OK);
	w.prompt = 2048 - 127;
	ck_assert_int_eq(workload_check(&w, &m, &d), STATUS_OK);
	w.prompt++;
	ck_assert_int_eq(workload_check(&w, &m, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "prompt 1922 + gen 128 needs 2049 positions, "
			 "opt-6.7b has 2048");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/workload");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, the_first_token_comes_from_prefill);
	tcase_add_test(tc, batches_multiply_the_requests);
	tcase_add_loop_test(tc, batches_and_gpus_have_a_range, 0, SHAPES);
	tcase_add_test(tc, what_fits_the_positions_is_accepted);
	tcase_add_loop_test(tc, says_which_number_is_out_of_range, 0, WRONG);
	tcase_add_test(tc, the_papers_workload_fits_opt);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
