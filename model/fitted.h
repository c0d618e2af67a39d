/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fitted.h - figures of a profile that is being calibrated: each with
 * its source, and a row on how well it fits.
 */
#ifndef MODEL_FITTED_H
#define MODEL_FITTED_H

#include "model/calibrate.h"

/* A calibration under way; plain data, all borrowed. */
struct fitted {
	const struct sampled *s;
	const struct calibrate_options *o;
	char source[160];
	struct calibrate_result *out;
};

/** A row, of a figure of the profile unless in_profile is cleared. */
struct calibrate_row *fitted_add(struct fitted *k,
					   const char *name,
					   enum quantity quantity,
					   double value);

/** `row` is of the points `p`, whose x are of `of`. */
void fitted_range(struct calibrate_row *row,
			    const struct fit_points *p, enum quantity of);

/**
 * Set figure `path`, with a note of how `row` fits, if it has samples, and of
 * `more`.
 */
void fitted_set(struct fitted *k, const char *path,
			  double value, const char *confidence,
			  const struct calibrate_row *row, const char *more);

/** The figure `path` of the profile so far; NULL: there is none. */
const double *fitted_value(const struct fitted *k,
				     const char *path);

#endif
