/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/planned.h"

#include "tests/harness.h"

struct plan planned_plan(const struct random_case *c,
			 const struct policy *policy,
			 const struct planner_options *options)
{
	struct plan plan;
	struct diag d = { "" };
	enum status s = planner_plan(&c->model, &c->w, &c->hw, policy,
				     options, &plan, &d);

	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	ck_assert_ptr_eq(plan.policy, policy);
	ck_assert_uint_eq(plan.steps, c->w.gen - 1);
	return plan;
}

struct random_case planned_headline(size_t gen)
{
	struct random_case c = {
		.model = harness_model("opt-6.7b"),
		.hw = harness_hardware("a100-40gb-pcie4"),
		.w = harness_workload(64, 128, gen),
	};

	c.hw.h2d.bytes_per_s = 26e9;
	c.hw.flop_per_s = 312e12;
	c.hw.gemm_derate = 0.86;
	return c;
}
