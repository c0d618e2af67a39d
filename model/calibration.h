/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * calibration.h - the measured curves of a machine.
 *
 * A hardware profile that was made by `kvplan calibrate` holds, beside its
 * figures, times as they were measured (doc/FORMATS.md, "calibration"):
 *
 *   copies       by bytes, for either direction, one after another
 *   products     by rows m, for each shape (n, k) that was measured
 *   attention    by bytes of KV that a decode step's kernel reads
 *
 * A kernel's time is without the overhead of its launch, which is a figure.
 * The figures that the curves were measured at stand beside them, so that a
 * figure that is changed with --set scales its curves.  Immutable.
 */
#ifndef MODEL_CALIBRATION_H
#define MODEL_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/json.h"
#include "model/curve.h"

struct calibration_product {
	double n, k;
	struct curve rows;		/* m -> [s] */
};

struct calibration {
	struct curve copy[2];		/* bytes -> [s], to and from the GPU */
	struct calibration_product *products;
	size_t nproducts;
	struct curve attention;		/* bytes -> [s]; n is 0 if not there */
	double copy_bytes_per_s[2];	/* figures that all this is for */
	double gemm_flop_per_s, hbm_bytes_per_s;
};

/**
 * Parse the member "calibration" of the profile `top` into `*out`, or NULL if
 * it has none; calibration_free() releases it.  STATUS_INVALID, naming the
 * path, if it is not as doc/FORMATS.md says.
 */
MUST_CHECK enum status calibration_parse(const struct json *top,
					 struct calibration **out,
					 struct diag *d);

/** Release `c`; NULL is a no-op. */
void calibration_free(struct calibration *c);

/**
 * The curve of the product of m x k by k x n, and in `*scale` what to
 * multiply its times with: where that shape was not measured, it is the
 * nearest in n * k, in proportion to it.  `*exact` says which.
 */
const struct curve *calibration_product(const struct calibration *c,
					double n, double k, double *scale,
					bool *exact);

#endif
