/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * random_place.h - cases of placement for property tests, drawn with the
 * caller's generator; and the machine that FlexGen's cost model fits.
 */
#ifndef TESTS_RANDOM_PLACE_H
#define TESTS_RANDOM_PLACE_H

#include <gsl/gsl_rng.h>

#include "lp/place.h"

/** FlexGen's T4; the test fails if its profile does not parse. */
struct offload random_place_t4(void);

/** OPT-30B on it, prompt 512, 32 tokens, all open. */
struct place_request random_place_opt30b(bool flexgen);

/**
 * A small model on a machine whose memories hold a few hundred requests at
 * most; for kvplan's costs also with grouped queries, gated FFNs, experts,
 * and without disk, CPU, device memory's rate or a duplex limit.
 */
struct placement_case random_place_case(gsl_rng *rng, bool flexgen);

/** Such a case to be searched, everything open, without a limit of time. */
struct place_request random_place_request(gsl_rng *rng, bool flexgen);

/** What place_search() finds; the test fails if that is nothing. */
struct place_result random_place_search(const struct place_request *r);

/** Shares that the costs allow, each kind summing to 1. */
void random_place_shares(gsl_rng *rng, const struct placement_costs *c,
			 double share[SHARE_COUNT]);

#endif
