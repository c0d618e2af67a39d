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
 * `simulated_s` is the step's simulated time [s] by the layer: where it is
 * more than the steady state, in which both directions of the link are taken
 * to run freely, the reader is told.
 * `chosen`: the split was the planner's.
 */
void explain_print(const struct certificate *c, size_t steps, size_t gpus,
		   double simulated_s, bool chosen, FILE *out);

/** `c` as a JSON object (doc/FORMATS.md); the caller deletes it. */
cJSON *explain_json(const struct certificate *c);

#endif
