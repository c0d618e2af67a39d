/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * room.h - whether a plan fits memory, without planning all of its steps.
 *
 * On the host memory rises with every split.  On the GPU it is what is fixed
 * and the larger of two phases, each affine in every split and with slopes of
 * the same sign in all steps: its most is where no token is recomputed, or as
 * many as may be.  So a plan that fits at both fits, and one whose items, each
 * the lesser of what it is at both, do not fit does not.
 */
#ifndef LP_ROOM_H
#define LP_ROOM_H

#include "base/diag.h"
#include "lp/planner.h"
#include "model/hardware.h"
#include "model/llm.h"
#include "model/workload.h"
#include "schedule/plan.h"

enum room { ROOM_TOO_LITTLE, ROOM_UNSURE, ROOM_ENOUGH };

/**
 * Judge `plan`, whose splits are not read, of `w` on `hw`, with splits of
 * `low` .. `high` in the last step.  ROOM_TOO_LITTLE with what memory_check()
 * says of the least that it needs; ROOM_UNSURE depends on the splits.
 */
enum room room_judge(const struct llm *m, const struct workload *w,
		     const struct hardware *hw, const struct plan *plan,
		     size_t low, size_t high, struct diag *d);

/**
 * How much memory [B] lacks at least for any plan of `w` under `policy`, as
 * `options` leave it open, with what memory_check() says of that in `d`; 0
 * where some plan may fit.
 */
double room_lack(const struct llm *m, const struct workload *w,
		 const struct hardware *hw, const struct policy *policy,
		 const struct planner_options *options, struct diag *d);

#endif
