/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include "lp/pace.h"
#include "lp/upgrade.h"
#include "model/layer.h"
#include "model/memory.h"
#include "tests/harness.h"
#include "tests/random_case.h"

static struct upgrade find(const char *name)
{
	struct upgrade u;
	struct diag d = { "" };

	ck_assert_msg(upgrade_find(name, &u, &d) == STATUS_OK, "%s", d.text);
	return u;
}

START_TEST(test_names)
{
	struct hardware hw = harness_hardware("a100-40gb-pcie4"), more = hw;
	struct upgrade u = find("link");
	struct diag d = { "" };

	ck_assert_str_eq(u.name, "link");
	ck_assert_double_eq(upgrade_value(&u, &hw), 26e9);
	upgrade_apply(&u, 1.5, &more);
	ck_assert_double_eq(more.h2d.bytes_per_s, 1.5 * 26e9);
	ck_assert_double_eq(more.d2h.bytes_per_s, 1.5 * 25.7e9);
	ck_assert_double_eq(more.duplex_bytes_per_s, 1.5 * 37.6e9);
	ck_assert_double_eq(more.flop_per_s, hw.flop_per_s);
	u = find("gpu.launch_s");
	ck_assert(!u.memory);
	upgrade_apply(&u, 1.5, &more);
	ck_assert_double_eq(more.launch_s, hw.launch_s / 1.5);
	u = find("gpu.memory_bytes");
	ck_assert(u.memory);
	u = find("host.copy_bytes_per_s");
	upgrade_apply(&u, 1.5, &more);
	ck_assert_double_eq(upgrade_value(&u, &more), 0.0);

	ck_assert_int_eq(upgrade_find("link.h2d.bytes", &u, &d),
			 STATUS_USAGE);
	ck_assert_str_eq(d.text, "found 'link.h2d.bytes', expected link or a "
			 "rate, capacity or latency of the hardware, the "
			 "nearest is link.h2d.bytes_per_s");
	/* a share of a peak is not for sale */
	ck_assert_int_eq(upgrade_find("gpu.gemm_derate", &u, &d),
			 STATUS_USAGE);
}
END_TEST

struct subject {
	struct llm m;
	struct workload w;
	struct planner_options options;
	struct upgrade_case c;
};

static void name_policy(struct subject *s, const char *name)
{
	struct diag d = { "" };

	s->c = (struct upgrade_case){ .m = &s->m, .w = &s->w,
				      .options = &s->options };
	ck_assert_int_eq(policy_find(name, &s->c.policy, &d), STATUS_OK);
}

static double planned_s(const struct subject *s, const struct hardware *hw,
			bool fill, double share[2])
{
	struct plan plan;
	struct memory mem;
	double step_s;
	struct diag d = { "" };

	ck_assert_msg(upgrade_plan(&s->c, hw, fill, &plan, &step_s, &d) ==
			      STATUS_OK, "%s", d.text);
	plan.policy->memory(&s->m, &s->w, &plan, &mem);
	ck_assert_int_eq(memory_check(&mem, hw, &d), STATUS_OK);
	ck_assert_double_eq(step_s, pace_step_s(&s->m, &s->w, hw, &plan));
	share[0] = plan.decision[DECISION_CACHE_ON_GPU];
	share[1] = plan.decision[DECISION_WEIGHTS_ON_GPU];
	plan_clear(&plan);
	return step_s;
}

/* Alone the link: layers times the mean of latency + KV s' / v. */
START_TEST(test_load_all)
{
	struct hardware hw = harness_hardware("a100-40gb-pcie4");
	struct subject s = { .m = harness_model("opt-6.7b"),
			     .w = harness_workload(64, 128, 9) };
	double kv, share[2];

	name_policy(&s, "load-all");
	kv = 131.5 * layer_kv_token_bytes(&s.m, &s.w);
	ck_assert_double_eq_tol(planned_s(&s, &hw, false, share),
				32.0 * (hw.h2d.latency_s +
					kv / hw.h2d.bytes_per_s), 1e-9);
	ck_assert_double_eq(share[0], 0.0);
}
END_TEST

/* A better machine is never slower, memory filled or not. */
static void check_monotone(gsl_rng *r, struct subject *s, struct hardware hw,
			   bool fill, const char *name)
{
	const struct upgrade u = find(name);
	double before = INFINITY, share[2];

	for (size_t i = 0; i < 5; i++) {
		double now = planned_s(s, &hw, fill, share);

		ck_assert_double_le(now, before * (1.0 + 1e-9));
		before = now;
		upgrade_apply(&u, 1.0 + gsl_rng_uniform(r), &hw);
	}
}

START_TEST(test_monotone)
{
	static const char *const policies[] = { "kvpr-row", "kvpr-column",
						"load-all", "flexgen" };
	static const char *const names[] = { "link", "gpu.flop_per_s",
					     "gpu.memory_bytes" };
	gsl_rng *r = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(r, 20261121);
	for (size_t i = 0; i < 12; i++) {
		struct hardware hw = harness_hardware("a100-40gb-pcie4");
		struct subject s = {
			.m = harness_model(i % 3 == 0 ? "llama-3.1-8b"
						      : "opt-6.7b"),
			.w = harness_workload(random_case_size(r, 1, 64),
					      random_case_size(r, 100, 900),
					      3),
		};

		name_policy(&s, policies[i % 4]);
		s.w.num_batches = 1 + i % 2;
		hw.host_copy_bytes_per_s = 10e9;
		hw.memory_bytes = random_case_log(r, 24e9, 80e9);
		hw.flop_per_s = random_case_log(r, 3e13, 3e15);
		for (size_t k = 0; k < 3; k++)
			check_monotone(r, &s, hw, k == 2, names[k]);
	}
	gsl_rng_free(r);
}
END_TEST

/* Filled is all that fits: a little more would not. */
START_TEST(test_filled)
{
	struct hardware hw = harness_hardware("a100-40gb-pcie4"), less;
	struct subject s = { .m = harness_model("opt-6.7b"),
			     .w = harness_workload(64, 128, 9) };
	double share[2], without, kv;

	name_policy(&s, "kvpr-row");
	without = planned_s(&s, &hw, false, share);
	ck_assert_double_eq(share[0], 0.0);
	ck_assert_double_lt(planned_s(&s, &hw, true, share), without);
	ck_assert_double_eq(share[0], 1.0);
	less = hw;
	less.memory_bytes = 17e9;
	planned_s(&s, &less, true, share);
	ck_assert_double_gt(share[0], 0.01);
	ck_assert_double_lt(share[0], 0.99);
	kv = 32.0 * 136.0 * layer_kv_token_bytes(&s.m, &s.w);
	ck_assert_double_lt(kv, 5e9);

	/* what the user gave stays */
	s.options.fix[DECISION_CACHE_ON_GPU] = true;
	s.options.value[DECISION_CACHE_ON_GPU] = 0.25;
	ck_assert(!upgrade_uses_memory(&s.c));
	planned_s(&s, &hw, true, share);
	ck_assert_double_eq(share[0], 0.25);
}
END_TEST

START_TEST(test_too_big)
{
	struct hardware hw = harness_hardware("a100-40gb-pcie4");
	struct subject s = { .m = harness_model("opt-30b"),
			     .w = harness_workload(64, 128, 9) };
	struct plan plan;
	double step_s = 2.385;
	struct diag d = { "" };

	name_policy(&s, "kvpr-row");
	ck_assert_int_eq(upgrade_plan(&s.c, &hw, true, &plan, &step_s, &d),
			 STATUS_INFEASIBLE);
	ck_assert_ptr_nonnull(strstr(d.text, "weights"));
	ck_assert_double_eq(step_s, 2.385);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("upgrade");
	TCase *t = tcase_create("upgrade");

	tcase_add_test(t, test_names);
	tcase_add_test(t, test_load_all);
	tcase_add_test(t, test_monotone);
	tcase_add_test(t, test_filled);
	tcase_add_test(t, test_too_big);
	suite_add_tcase(s, t);
	return harness_run(s);
}
