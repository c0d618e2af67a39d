/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crossing.h - sets that a grid steps over.
 *
 * A continuous assumption is tried at a few values.  Where the paper's
 * numbers lie between those of two neighbours, no set of the grid need give
 * them though a value between does.  That value is fitted to the paper's
 * numbers: it says that they can be, and confirms nothing.
 */
#ifndef REPRODUCE_CROSSING_H
#define REPRODUCE_CROSSING_H

#include "paper-repro/band.h"

/** Whether all of the paper's numbers are at those of sets `i` and `k` or
 * between. */
bool reproduce_crossing_between(const struct band *b, size_t i, size_t k);

/** Fill `b->crossing` where no set that departs from nothing gives all. */
void reproduce_crossing_find(struct band *b);

/** Fill `b->noutcomes` and `b->ncombinations`. */
void reproduce_crossing_count(struct band *b);

/** Simulate values between the neighbours of `b->crossing`, ever closer to
 * the paper's numbers, and keep those that give them all. */
MUST_CHECK enum status reproduce_crossing_fit(struct band *b,
					      struct cases *cases,
					      struct diag *d);

#endif
