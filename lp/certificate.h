/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * certificate.h - why a plan is good, and how good.
 *
 * For one decode step in its steady state: how far the plan is from the
 * floor that no schedule can pass, which splits would do as well, what
 * binds, what better hardware would be worth, and what the paper's own
 * formula would have chosen.  Every time is that of one layer; the output
 * head, the start and the end of a run are the simulator's to tell.  All of it
 * is at the clock at which the plan settles (lp/pace.h).  What figures are
 * worth counts how they move that (lp/tangent.h); other splits, and more
 * memory, are taken at the same clock.
 */
#ifndef LP_CERTIFICATE_H
#define LP_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "lp/paper_split.h"
#include "model/hardware.h"
#include "model/llm.h"
#include "model/workload.h"
#include "schedule/bound.h"
#include "schedule/policy.h"

struct certificate {
	size_t step, cached;		/* the decode step, and its s' */
	double clock;			/* 1 if no power limit acts */
	size_t split;
	double layer_s;			/* [s] T, the period of a layer */
	bool in_order;			/* copies go in the order of issue, as
					 * T takes them (graph.h) */
	size_t best_split;		/* the split with the shortest period */
	double split_regret_pct;	/* T over that period, less 1 */
	size_t split_low, split_high;	/* all l within 1 % of the shortest */
	double lower_bound_s;		/* [s] of any order of these tasks, at
					 * any split that the plan may use */
	double gap_pct;			/* T over the bound, less 1 */
	double cycle_share[OP_COUNT];	/* of T, by op on the critical
					 * cycle, and */
	double shared_share[BOUND_SHARED];	/* by what engines share,
						 * and */
	double handoff_share;		/* from engine to engine; all sum to
					 * 1 */
	enum engine bound;		/* most of that cycle; not meant where
					 * one of those is the most */
	double figure[HARDWARE_MOST_FIELDS];	/* [SI] of hardware_fields() */
	double worth[HARDWARE_MOST_FIELDS];	/* dT/d figure [s per SI
					 * unit] */
	double cache_bytes;	/* [B] KV of all requests, in all layers */
	double memory_worth;		/* dT/d byte that is kept on the GPU
					 * and not moved [s/B], of the better
					 * use: KV of whole requests, or
					 * weights; 0 if neither is of use.
					 * Whether there is room is not asked
					 * (lp/worth.h) */
	enum decision memory_for;	/* that use, and all bytes of it */
	double memory_bytes;
	enum paper_form paper_form;	/* column where weights are streamed */
	size_t paper_split;		/* that form's answer */
	double paper_regret_pct;	/* with the plan's prefetch depth, T
					 * there over the shortest, less 1 */
};

/**
 * Examine step `step` of `plan`.  With `replan`, cycle and worth are those
 * at the best split, which moves as the hardware changes; without, those of
 * the plan's own split.  STATUS_SOLVER as period_solve().
 */
MUST_CHECK enum status certificate_make(const struct llm *m,
					const struct workload *w,
					const struct hardware *hw,
					const struct plan *plan, size_t step,
					bool replan, struct certificate *out,
					struct diag *d);

#endif
