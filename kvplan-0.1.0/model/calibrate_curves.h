/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calibrate_curves.h - the curves of a calibration, out of points. */
#ifndef MODEL_CALIBRATE_CURVES_H
#define MODEL_CALIBRATE_CURVES_H

#include "model/calibrate.h"
#include "model/hardware.h"

/** Add a row to `r`, in the profile; the pointer is good until the next. */
struct calibrate_row *calibrate_curves_row(struct calibrate_result *r,
					   const char *name,
					   enum quantity quantity,
					   double value);

/**
 * Add the member "calibration" to the profile of `r`, whose figures are `hw`,
 * and a row for each curve; of kernels by figures alone `spread` is known.
 */
void calibrate_curves_add(const struct sampled *s, const struct hardware *hw,
			  enum calibrate_gemm gemm, double spread,
			  struct calibrate_result *r);

#endif
