/* SPDX-License-Identifier: GPL-3.0-or-later */
/* planned.h - plans that planner_plan() must find. */
#ifndef TESTS_PLANNED_H
#define TESTS_PLANNED_H

#include "lp/planner.h"
#include "tests/random_case.h"

/** The plan of `policy`; the caller releases it with plan_clear(). */
struct plan planned_plan(const struct random_case *c,
			 const struct policy *policy,
			 const struct planner_options *options);

/** The paper's headline: OPT-6.7B, batch 64, 26 GB/s, 86 % of 312 TFLOP/s. */
struct random_case planned_headline(size_t gen);

#endif
