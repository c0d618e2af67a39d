/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pace.h - how fast a plan decodes in its steady state.
 *
 * The period T of a layer (lp/steady.h) at the splits that the plan has.  A
 * token takes T for each layer; the output head, the start of a run, and
 * copies that slow one another are the simulator's to tell.
 */
#ifndef LP_PACE_H
#define LP_PACE_H

#include <stddef.h>

#include "model/hardware.h"
#include "model/llm.h"
#include "model/workload.h"
#include "schedule/plan.h"

/** T [s] of a layer in step `step` of `plan` on `hw`. */
double pace_layer_s(const struct llm *m, const struct workload *w,
		    const struct hardware *hw, const struct plan *plan,
		    size_t step);

/** Mean over all steps of T for each layer [s]: the time per token. */
double pace_step_s(const struct llm *m, const struct workload *w,
		   const struct hardware *hw, const struct plan *plan);

#endif
