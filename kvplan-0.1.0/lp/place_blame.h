/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place_blame.h - which memory limit keeps a placement from existing. */
#ifndef LP_PLACE_BLAME_H
#define LP_PLACE_BLAME_H

#include "base/diag.h"
#include "lp/place.h"

/**
 * For sizes `box`, one pair, with which `r` has no feasible placement:
 * STATUS_INFEASIBLE, with a message that names the limit.  That is the first
 * that is below what is needed whatever the other limits are; else that of
 * the memory, of GPU, host and disk, that would have to grow by the smallest
 * factor if the others hold; else all of them together.  STATUS_SOLVER if
 * GLPK fails, or finds all well.
 */
MUST_CHECK enum status place_blame(const struct place_request *r,
				   const struct placement_box *box,
				   struct diag *d);

#endif
