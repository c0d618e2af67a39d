/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/usage.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "schedule/policy.h"
#include "tests/harness.h"

static struct job small_job(void)
{
	struct job j = { .model = harness_model("opt-125m"),
			 .workload = harness_workload(2, 40, 5),
			 .end_step = 4 };
	struct diag d;

	j.model.layers = 2;
	ck_assert_int_eq(policy_find("kvpr-row", &j.plan.policy, &d),
			 STATUS_OK);
	j.plan.steps = 4;
	j.plan.split = xcalloc(4, sizeof *j.plan.split);
	for (size_t i = 0; i < 4; i++)
		j.plan.split[i] = 11;
	for (int i = 0; i < DECISION_COUNT; i++)
		j.plan.decision[i] = j.plan.policy->rules[i].value;
	j.graph = j.plan.policy->build(&j.model, &j.workload, &j.plan,
				       SPAN_STEP);
	return j;
}

static void add(struct timeline *t, const struct job *j, enum op op,
		size_t step, double start_s, double end_s)
{
	for (size_t i = 0; i < j->graph->ntasks; i++)
		if (j->graph->tasks[i].op == op) {
			timeline_add(t, (struct slice){
				.task = i, .step = step,
				.start_s = start_s, .end_s = end_s });
			return;
		}
	ck_abort_msg("no %s", op_name(op));
}

START_TEST(engines_are_busy_while_any_of_their_tasks_is)
{
	struct job j = small_job();
	struct timeline t = { .n = 0 };
	struct usage u;

	add(&t, &j, OP_LOAD_ACTIVATION, 1, 0.5, 2.0);
	add(&t, &j, OP_LOAD_CACHE, 1, 1.5, 4.0);	/* overlaps */
	add(&t, &j, OP_LOAD_CACHE, 2, 2.5, 3.0);	/* within */
	add(&t, &j, OP_LOAD_ACTIVATION, 2, 7.0, 9.0);
	add(&t, &j, OP_FFN, 1, 4.25, 4.75);
	u = usage_of(&t, &j, 1.0, 8.0);
	ck_assert_double_eq_tol(u.engine[ENGINE_H2D].busy_s, 4.0, 1e-12);
	ck_assert_double_eq_tol(u.engine[ENGINE_SM].busy_s, 0.5, 1e-12);
	ck_assert_double_eq_tol(u.engine[ENGINE_D2H].busy_s, 0.0, 1e-12);
	timeline_clear(&t);
	job_clear(&j);
}
END_TEST

/* X: 2 * 768 * 2 bytes a token, 11 tokens; KV: twice that, 41 - 11. */
START_TEST(bytes_are_counted_as_far_as_they_lie_in_the_window)
{
	struct job j = small_job();
	struct timeline t = { .n = 0 };
	struct usage u;

	add(&t, &j, OP_LOAD_ACTIVATION, 1, 0.0, 4.0);
	add(&t, &j, OP_LOAD_CACHE, 1, 4.0, 6.0);
	u = usage_of(&t, &j, 3.0, 10.0);
	ck_assert_double_eq_tol(u.engine[ENGINE_H2D].bytes,
				0.25 * 33792.0 + 184320.0, 1e-6);
	ck_assert_double_eq_tol(u.op[OP_LOAD_CACHE].bytes, 184320.0, 1e-6);
	ck_assert_double_eq_tol(u.op[OP_LOAD_ACTIVATION].bytes, 33792.0,
				1e-6);
	timeline_clear(&t);
	job_clear(&j);
}
END_TEST

START_TEST(ops_have_sums_and_medians)
{
	struct job j = small_job();
	struct timeline t = { .n = 0 };
	struct usage u;

	add(&t, &j, OP_FFN, 0, 0.0, 0.25);
	add(&t, &j, OP_FFN, 1, 1.0, 1.5);
	add(&t, &j, OP_FFN, 2, 2.0, 5.0);
	u = usage_of(&t, &j, 0.0, 5.0);
	ck_assert_uint_eq(u.op[OP_FFN].tasks, 3);
	ck_assert_double_eq_tol(u.op[OP_FFN].busy_s, 3.75, 1e-12);
	ck_assert_double_eq_tol(u.op[OP_FFN].median_s, 0.5, 1e-12);
	ck_assert_uint_eq(u.op[OP_HEAD].tasks, 0);
	timeline_clear(&t);
	job_clear(&j);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("usage");
	TCase *c = tcase_create("usage");

	tcase_add_test(c, engines_are_busy_while_any_of_their_tasks_is);
	tcase_add_test(c,
		       bytes_are_counted_as_far_as_they_lie_in_the_window);
	tcase_add_test(c, ops_have_sums_and_medians);
	suite_add_tcase(s, c);
	return harness_run(s);
}
