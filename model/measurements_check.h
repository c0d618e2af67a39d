/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measurements_check.h - whether a series is one that could have been measured.
 *
 * Attributes and columns that a profile is made from have ranges, by the name
 * of the series (doc/FORMATS.md, "Samples"): what is outside is an error, as
 * leaving it out would make another profile without a word.
 */
#ifndef MODEL_MEASUREMENTS_CHECK_H
#define MODEL_MEASUREMENTS_CHECK_H

#include "base/diag.h"
#include "base/json.h"
#include "model/measurements.h"

/* Wide bounds that still catch a slipped unit [s]. */
#define MEASUREMENTS_LEAST_S 1e-12
#define MEASUREMENTS_MOST_S 1e6

/**
 * Check the series `s`, which was read from `at`.  STATUS_INVALID, naming the
 * attribute or the column and row, if one is missing, of another type or out of
 * its range; if quartiles are no times within the least and the longest; or if
 * there are fewer rows than the series needs.
 */
MUST_CHECK enum status measurements_check(const struct json *at,
					  const struct measurements_series *s,
					  struct diag *d);

#endif
