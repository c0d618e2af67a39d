/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sampled_power.h - bursts of products with rests between, out of the series
 * `power` of a machine's samples (model/sampled.h says how).
 */
#ifndef MODEL_SAMPLED_POWER_H
#define MODEL_SAMPLED_POWER_H

#include "model/measurements.h"
#include "model/sampled.h"

/**
 * Add to s->power each series that tells a share of the time above 0 and at
 * most 1 and a product's speed; others are left out.  Nothing can fail.
 */
void sampled_power_add(const struct measurements *m, struct sampled *s);

#endif
