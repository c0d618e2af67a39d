/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * paper_split.h - the paper's program: one integer, the split l.
 *
 * KVPR (arXiv 2411.17089, section 3.2; symbols of model/layer.h) gives, for
 * one layer of one decode step with s' cached tokens,
 *
 *     M_X  = b l h p           bytes of activations sent
 *     M_KV = 2 b (s' - l) k p  bytes of KV sent
 *     N    = 4 b l h k         FLOP of recomputation
 *
 * and two readings of how they overlap:
 *
 *     row:     t(l) = M_X / v_com + max(N / v_gpu, M_KV / v_com)
 *     column:  t(l) = max(N / v_gpu, (M_X + M_KV) / v_com + W)
 *
 * where W is a batch's part of the time to send a streamed layer's weights.
 * The terms are quoted; that they combine so is inferred from the text, for
 * both forms.  t is convex and piecewise linear, so the optimum stands at a
 * corner: with x = h p / v_com, k2 = 2 k p / v_com, n = 4 h k / v_gpu (time
 * for a token and request) the two arms of the maximum meet at
 *
 *     row:     l = s' k2 / (n + k2)
 *     column:  l = (s' k2 + W) / (n + k2 - x)
 *
 * and recomputation pays at all only if x < k2, that is h < 2k: where
 * stored activations are not smaller than the KV (grouped-query models),
 * l = 0.
 */
#ifndef LP_PAPER_SPLIT_H
#define LP_PAPER_SPLIT_H

#include <stddef.h>

#include "base/diag.h"
#include "model/hardware.h"
#include "model/llm.h"
#include "model/workload.h"
#include "schedule/plan.h"

enum paper_form { PAPER_ROW, PAPER_COLUMN };

struct paper_split {
	enum paper_form form;
	size_t cached;			/* s' */
	size_t limit;			/* l <= limit <= cached */
	double activation_s;		/* [s] to send X of one token */
	double kv_s;			/* [s] to send KV of one token */
	double recompute_s;		/* [s] to recompute one token */
	double weights_s;		/* [s] W, in the column form */
};

/**
 * The program for `cached` tokens and splits up to `limit`: v_com is the
 * host-to-device bandwidth and v_gpu the rate that a large GEMM achieves, at
 * the full clock; no weights are streamed.  Pure; cannot fail.
 */
struct paper_split paper_split_of(const struct llm *m,
				  const struct workload *w,
				  const struct hardware *hw,
				  enum paper_form form, size_t cached,
				  size_t limit);

/** The paper's form for `plan`: column where weights are streamed. */
enum paper_form paper_split_form(const struct plan *plan);

/** The same program for `step` of `plan`, streamed weights included. */
struct paper_split paper_split_at(const struct llm *m,
				  const struct workload *w,
				  const struct hardware *hw,
				  const struct plan *plan,
				  enum paper_form form, size_t step);

/** t(l) [s].  Requires l <= limit.  Pure; cannot fail. */
double paper_split_time(const struct paper_split *p, size_t l);

/**
 * The smallest l that minimises t (to within rounding), from the closed
 * form.  Cannot fail.
 */
size_t paper_split_closed_form(const struct paper_split *p);

/**
 * The same from the integer program, by GLPK.  GLPK decides to within its
 * tolerance (1e-7 of s' KV transfers, a token); from there the exact best is
 * a walk down, t being convex.  STATUS_SOLVER as solver_solve(), and if the
 * answer was further off than the tolerance allows.
 */
MUST_CHECK enum status paper_split_solve(const struct paper_split *p,
					 size_t *l, struct diag *d);

#endif
