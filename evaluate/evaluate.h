/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evaluate.h - plan a case, check that it fits, simulate it.
 *
 * Where planner and simulator meet: neither knows of the other.
 */
#ifndef EVALUATE_EVALUATE_H
#define EVALUATE_EVALUATE_H

#include <stdbool.h>

#include "evaluate/case.h"
#include "evaluate/outcome.h"
#include "traces/timeline.h"

/**
 * Plan `c` under `policy` (or take `c`'s plan file if it is of that policy)
 * and refuse it if it does not fit memory.  The caller releases `*out` with
 * plan_clear().
 */
MUST_CHECK enum status evaluate_plan(const struct decode_case *c,
				     const struct policy *policy,
				     struct plan *out, struct diag *d);

/**
 * Plan `c` under `policy` (or take `c`'s plan file if it is of that
 * policy), refuse it if it does not fit memory, and simulate prefill and all
 * its steps.  `timeline` (of the decode) may be NULL.  With `like`, `policy`
 * is a baseline of that plan (planner_like()).  The caller releases `*out`
 * with outcome_clear().
 */
MUST_CHECK enum status evaluate(const struct decode_case *c,
				const struct policy *policy,
				const struct plan *like,
				struct timeline *timeline,
				struct outcome *out, struct diag *d);

/**
 * Simulate prefill of `plan`, whose sizes depend on no step, once: until the
 * first token is computed, and with the last store of its KV [s], at the
 * clock at which it settles by itself (sim/clock.h).
 */
MUST_CHECK enum status evaluate_prefill(const struct llm *m,
					const struct workload *w,
					const struct hardware *hw,
					const struct plan *plan,
					double *first_token_s,
					double *prefill_s, double *clock,
					struct diag *d);

/**
 * Evaluate every policy and take the one that decodes fastest among those
 * that fit, and that leave to the user what the user decided: `*policy` and
 * `*out`, as evaluate() gives it.  If there is none, why, as
 * evaluate_pass_over() keeps it.
 */
MUST_CHECK enum status evaluate_best(const struct decode_case *c,
				     const struct policy **policy,
				     struct outcome *out, struct diag *d);

/**
 * Where several policies are tried: whether `s`, with `mine`, says no more than
 * that one cannot be taken, so that the search goes on.  `*why` and `*d` then
 * keep why the first does not fit, or else why the last is not allowed.
 */
bool evaluate_pass_over(enum status s, const struct diag *mine,
			enum status *why, struct diag *d);

#endif
