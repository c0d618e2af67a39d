/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * calibrate.h - makes a hardware profile out of samples.
 *
 * Figures are fitted (doc/VALIDATION.md, "Calibration"), curves kept as
 * tables.  What was not measured is taken from another profile, with its
 * sources.  The same input gives the same profile, on any machine.
 */
#ifndef MODEL_CALIBRATE_H
#define MODEL_CALIBRATE_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/diag.h"
#include "base/quantity.h"
#include "model/fit.h"
#include "model/nvbandwidth.h"
#include "model/sampled.h"

/* How GEMMs were run that the profile is to speak for. */
enum calibrate_gemm {
	CALIBRATE_RESTED,		/* the GPU rests in between */
	CALIBRATE_SUSTAINED,		/* without: at its power limit */
};

/* What a figure or curve is from and how well it fits. */
struct calibrate_row {
	char name[64];
	enum quantity quantity;		/* of the value */
	double value;			/* [SI]; of a curve its best rate */
	struct fit_residual residual;	/* relative */
	enum quantity of;		/* what the range is of */
	double from, to;		/* the range; 0: none */
	size_t samples, kept;		/* points; kept: in a curve's table */
	bool in_profile;		/* as a figure or a curve */
	const char *doubt;		/* why it cannot be so; NULL: it can */
};

struct calibrate_options {
	const char *source;		/* what to call the samples */
	const char *name;		/* of the profile; NULL: the GPU's */
	const char *base;		/* profile text, or NULL */
	double peak_flop_per_s;		/* 0: the base's, or none */
	enum calibrate_gemm gemm;
};

struct calibrate_result {
	cJSON *profile;
	struct calibrate_row *rows;
	size_t nrows;
};

/**
 * Calibrate from `m`, whose points are `s`.  STATUS_INVALID if figures that a
 * profile must have are neither measured nor in the base, or if products
 * without rests are asked for that were not measured.  The caller releases
 * `*out` with calibrate_clear().
 */
MUST_CHECK enum status calibrate_make(const struct measurements *m,
				      const struct sampled *s,
				      const struct calibrate_options *options,
				      struct calibrate_result *out,
				      struct diag *d);

/** The link's rates alone, from nvbandwidth: a base must be given. */
MUST_CHECK enum status
calibrate_link(const struct nvbandwidth *n,
	       const struct calibrate_options *options,
	       struct calibrate_result *out, struct diag *d);

/** Release what `r` owns. */
void calibrate_clear(struct calibrate_result *r);

#endif
