/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pace.h - how fast a plan decodes in its steady state.
 *
 * The period T of a layer (lp/steady.h) at the splits that the plan has.  A
 * token takes T for each layer; the output head, the start of a run, and
 * copies that slow one another are the simulator's to tell.  On a machine with
 * a power limit (model/power_limit.h) all is at the clock at which the whole
 * decode settles.
 */
#ifndef LP_PACE_H
#define LP_PACE_H

#include <stddef.h>

#include "lp/steady.h"
#include "model/hardware.h"
#include "model/llm.h"
#include "model/power_limit.h"
#include "model/workload.h"
#include "schedule/plan.h"

/** `hw` at the clock at which `plan` settles there; `hw` where that is 1. */
struct hardware pace_machine(const struct llm *m, const struct workload *w,
			     const struct hardware *hw,
			     const struct plan *plan);

/** The load of the GPU's kernels of one layer that takes `layer_s` [s]. */
struct power_load pace_layer_load(const struct graph *layer, double cached,
				  double split, double layer_s);

/**
 * The same over `count` steps of `plan` from `first`, whose layers take `sum_s`
 * [s] together, one layer for each step: pace_sum_s().
 */
struct power_load pace_load(const struct graph *layer,
			    const struct workload *w, const struct plan *plan,
			    size_t first, size_t count, double sum_s);

/**
 * The sum of T [s] over `count` steps of `plan` from `first`, by the steady
 * state of its layer.
 */
double pace_sum_s(struct steady *layer, const struct workload *w,
		  const struct plan *plan, size_t first, size_t count);

/** T [s] of a layer in step `step` of `plan` on `hw`. */
double pace_layer_s(const struct llm *m, const struct workload *w,
		    const struct hardware *hw, const struct plan *plan,
		    size_t step);

/** Mean over all steps of T for each layer [s]: the time per token. */
double pace_step_s(const struct llm *m, const struct workload *w,
		   const struct hardware *hw, const struct plan *plan);

#endif
