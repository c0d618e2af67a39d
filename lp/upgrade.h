/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * upgrade.h - a machine made better in one respect, and planned again.
 *
 * An upgrade is a figure of the profile, or "link": the rates of both
 * directions of the link and their duplex limit, which come together in
 * hardware.  A factor f > 1 makes it f times better: a rate or a capacity is
 * multiplied by f, a latency divided.  What is achieved of a peak (the
 * derates) is no figure that money changes.
 *
 * Memory makes a plan faster only if something is kept there.  So where the
 * policy leaves it to the user, and the user has said nothing, more memory
 * means more of the KV, or of the weights, on the GPU.
 */
#ifndef LP_UPGRADE_H
#define LP_UPGRADE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "lp/planner.h"

enum { UPGRADE_MOST_FIELDS = 3 };

struct upgrade {
	const char *name;		/* "link", or the figure's path */
	const struct figure *field[UPGRADE_MOST_FIELDS];
	size_t nfields;			/* the first stands for all */
	bool memory;			/* that of the GPU */
};

/**
 * The upgrade called `name`.  STATUS_USAGE, with the nearest name, if there is
 * none.
 */
MUST_CHECK enum status upgrade_find(const char *name, struct upgrade *out,
				    struct diag *d);

/** Make `hw` `factor` times better; what is not stated, as 0, stays so. */
void upgrade_apply(const struct upgrade *u, double factor,
		   struct hardware *hw);

/** The first figure of `u` [SI] in `hw`; 0 if it is not stated. */
double upgrade_value(const struct upgrade *u, const struct hardware *hw);

/* What is planned, on which machine. */
struct upgrade_case {
	const struct llm *m;
	const struct workload *w;
	const struct policy *policy;
	const struct planner_options *options;
};

/** Whether memory can be of use: some share on the GPU is still open. */
bool upgrade_uses_memory(const struct upgrade_case *c);

/**
 * Plan `c` on `hw`, its steady time per token [s] (lp/pace.h) into `*step_s`.
 * With `fill`, the GPU's memory is filled with KV and what is left with
 * weights, or the other way round, whichever is faster, at the prefetch depth
 * that is best then; the time is then never more with more memory.  The caller
 * releases `*out` with plan_clear().  Fails as planner_plan().
 */
MUST_CHECK enum status upgrade_plan(const struct upgrade_case *c,
				    const struct hardware *hw, bool fill,
				    struct plan *out, double *step_s,
				    struct diag *d);

#endif
