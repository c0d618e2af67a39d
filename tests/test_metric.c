/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of a simulated case, those that need its timeline. */
#include "paper-repro/metric.h"

#include "tests/harness.h"

static struct diag d;

/* What `key` is for accelerate's sequence, with `set` as --set. */
static double metric_of(const char *key, const char *set, struct outcome *o)
{
	struct case_request r = request_new();
	struct timeline t = { 0 };
	const struct metric *m;
	struct decode_case c;
	double value;

	r.model = "opt-125m";
	r.hardware = "t4";
	r.policy = "accelerate-sequential";
	r.workload.batch = 2;
	r.workload.prompt = 64;
	r.workload.gen = 4;
	for (int i = CASE_MODEL; i <= CASE_GEN; i++)
		r.given[i] = true;
	r.given[CASE_POLICY] = true;
	r.sets = &set;
	r.nsets = set != NULL;
	ck_assert_msg(case_load(&r, NULL, &c, &d) == STATUS_OK, "%s", d.text);
	ck_assert_msg(evaluate(&c, c.policy, NULL, &t, o, &d) == STATUS_OK,
		      "%s", d.text);
	ck_assert(reproduce_metric_find(key, &m, &d) == STATUS_OK);
	value = m->of(&c, o, &t);
	timeline_clear(&t);
	case_clear(&c);
	return value;
}

/*
 * One thing at a time: kernels and copies do not overlap, so that a GPU is
 * active for the sum of their times, whatever a thread takes to issue them.
 */
START_TEST(issuing_is_not_activity)
{
	static const char *const sets[] = { NULL, "host.issue_s=5us",
					    "host.issue_s=300us" };
	const double most[] = { 100.0, 100.0, 60.0 };	/* [%] */

	for (size_t i = 0; i < 3; i++) {
		struct outcome o;
		double active = metric_of("active_pct", sets[i], &o);
		double busy_s = 0.0;

		for (int k = 0; k < OP_COUNT; k++) {
			enum process p = op_process((enum op)k);

			if (p != PROCESS_HOST && p != PROCESS_ISSUE)
				busy_s += o.run.op[k].busy_s;
		}
		ck_assert_double_eq_tol(active, 100.0 * busy_s /
					o.run.makespan_s, 1e-9);
		ck_assert_double_gt(active, 1.0);
		ck_assert_double_le(active, most[i]);
		outcome_clear(&o);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("paper-repro/metric");
	TCase *tc = tcase_create("timeline");

	tcase_add_test(tc, issuing_is_not_activity);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
