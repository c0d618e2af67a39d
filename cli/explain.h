/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain.h - a certificate, for people and for programs. */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "lp/certificate.h"

/**
 * Print `c`, of one of `steps` decode steps on each of `gpus` GPUs, in some
 * ten lines.
 *
 * `simulated_s` is a layer's part [s] of the step's simulated time.  A line
 * says so, and why, where it is over 1 % off the steady state, which for one
 * leaves out how copies of the link's two directions slow one another.
 * `chosen`: the split was the planner's.
 */
void explain_print(const struct certificate *c, size_t steps, size_t gpus,
		   double simulated_s, bool chosen, FILE *out);

/** `c` as a JSON object (doc/FORMATS.md); the caller deletes it. */
cJSON *explain_json(const struct certificate *c);

#endif
