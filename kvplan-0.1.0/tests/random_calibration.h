/* SPDX-License-Identifier: GPL-3.0-or-later */
/* random_calibration.h - measured curves, drawn, for property tests. */
#ifndef TESTS_RANDOM_CALIBRATION_H
#define TESTS_RANDOM_CALIBRATION_H

#include <gsl/gsl_rng.h>

#include "model/hardware.h"

/**
 * Give `hw` curves, for the figures that it has: times of about those that
 * the figures say, but with steps, so that they neither rise all along nor
 * are convex; some are left out.  hardware_clear() releases them.
 */
void random_calibration_draw(gsl_rng *rng, struct hardware *hw);

#endif
