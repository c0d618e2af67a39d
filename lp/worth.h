/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worth.h - what each figure of a machine is worth to a plan.
 *
 * For one decode step in its steady state, twice over: by the tangent of the
 * certificate (lp/certificate.h), which holds for a small change, and by
 * planning again on a machine whose figure is a share x more or less, which
 * holds for that change.  That the two differ is curvature: another split,
 * another depth, or another engine that binds.
 *
 * More GPU memory is put to use as lp/upgrade.h does: KV, or weights, where
 * the user has not said how much.  But so is what a plan leaves free, so that
 * memory is worth only what more of it does beyond that: nothing where all that
 * is of use would fit already.
 */
#ifndef LP_WORTH_H
#define LP_WORTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "lp/certificate.h"
#include "lp/upgrade.h"

struct worth_figure {
	const struct figure *field;
	double value;			/* [SI], stated: > 0 */
	double tangent;			/* dT/d value [s per SI unit]; that of
					 * latencies is >= 0, of others <= 0 */
	double most_more;		/* [SI] more is of no use: of memory
					 * when all is there; else INFINITY */
	double more_s, less_s;		/* [s] T with value (1 +- x), planned
					 * again; of memory T and what it
					 * changes filled_s by; NAN where
					 * nothing fits */
};

enum { WORTH_SHARES = 2 };

/* What memory can be used for: shares of KV and of weights on the GPU. */
extern const enum decision worth_shares[WORTH_SHARES];

struct worth {
	size_t step, cached;		/* the decode step, and its s' */
	double layer_s;			/* [s] T */
	double share;			/* x */
	double filled_s;		/* [s] T where the memory that there is
					 * is put to use, with these shares */
	double filled[WORTH_SHARES];
	bool has_memory;		/* more than that is of use, for: */
	enum decision memory_for;
	struct worth_figure figure[HARDWARE_MOST_FIELDS];
	size_t n;			/* rates, capacities, latencies and the
					 * power limit, if T depends on them
					 * either way */
};

/**
 * What figures are worth to the plan that planner_plan() made of `c` on `hw`
 * and whose certificate at a step is `cert`; 0 < `share` < 1.  Fails as
 * planner_plan(), but for what does not fit.
 */
MUST_CHECK enum status worth_make(const struct upgrade_case *c,
				  const struct hardware *hw,
				  const struct certificate *cert,
				  double share, struct worth *out,
				  struct diag *d);

/** Elasticity: by how many per cent T changes with one of the figure. */
double worth_elasticity(const struct worth *w, const struct worth_figure *f);

/** Whether T is shorter once the memory that there is is put to use. */
bool worth_leaves_memory(const struct worth *w);

/** By how much [s] T changes with `value` (1 + x), by the tangent. */
double worth_tangent_s(const struct worth *w, const struct worth_figure *f);

/*
 * Where recomputation begins or ends to pay, as one upgrade (lp/upgrade.h) is
 * varied: on its better side for the link, on its worse for the GPU's rate.
 */
struct worth_limit {
	bool pays;			/* at the factor 1 */
	bool found;			/* false: so it is at every factor from
					 * 1/WORTH_MOST to WORTH_MOST */
	double factor;			/* of the upgrade's figures, to 1e-6 */
};

#define WORTH_MOST 1e6

/**
 * The factor of `u` at which the split of step `step` falls to 0, by planning
 * `c` again and halving.  Fails as planner_plan(), but for what does not fit.
 */
MUST_CHECK enum status worth_find_limit(const struct upgrade_case *c,
					const struct hardware *hw,
					const struct upgrade *u, size_t step,
					struct worth_limit *out,
					struct diag *d);

#endif
