/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bundle.h - the measured runs of a machine, and what is predicted for them.
 *
 * A bundle is a folder with hardware.json, a profile, and runs/, whose files
 * of schema kvplan-runs-1 are those of `kvplan-gpu run` (doc/FORMATS.md,
 * "Runs").  Each run is simulated step by step as it was measured, from the
 * profile alone: nothing of a run but its splits goes into its prediction.
 */
#ifndef EVALUATE_BUNDLE_H
#define EVALUATE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/diag.h"
#include "model/hardware.h"
#include "schedule/policy.h"

struct bundle_run {
	char *file;			/* the plan file's name */
	struct llm model;		/* with the layers that were run */
	struct workload workload;
	struct plan plan;
	size_t first_step, steps;
	bool planned;			/* with the plan's own split */
	double measured_s, min_s, max_s;	/* mean step of the repeats */
	double predicted_s;
	double bar;			/* relative error bar of that */
	bool outside;			/* a curve was asked outside */
};

/* The steps that are read lie between these [s]. */
#define BUNDLE_STEP_LEAST 1e-9
#define BUNDLE_STEP_MOST 1e6

/* Runs that need a figure which the machine does not state. */
struct bundle_left {
	const char *path;		/* the figure's */
	size_t n;
};

struct bundle {
	struct hardware hardware;
	char *hardware_text;
	struct bundle_run *runs;	/* those of a plan file together, by
					 * split */
	size_t n;
	struct bundle_left left[ENGINE_COUNT];	/* not among these */
	size_t nleft;
};

/**
 * Read the bundle `folder` and predict its runs, but for those that need a
 * figure which the machine does not state.  If `profile` is given, use that
 * machine in place of the bundle's.  STATUS_IO, STATUS_INVALID name the file,
 * the latter also the machine that lacks what every run needs.  The caller
 * releases `*out` with bundle_clear().
 */
MUST_CHECK enum status bundle_load(const char *folder, const char *profile,
				   struct bundle *out, struct diag *d);

/** A warning for each figure without which runs of `b` were left out. */
void bundle_warn(const struct bundle *b, FILE *out);

/** Release what `b` owns. */
void bundle_clear(struct bundle *b);

/**
 * Predict `r` on `hw`: its predicted_s, bar and outside.  As it is measured,
 * that is the mean step from bundle_first_timed() on.  `hw` states what the
 * run needs.  STATUS_INVALID as run_graph(): then nothing of `r` changes.
 */
MUST_CHECK enum status bundle_predict(const struct hardware *hw,
				      struct bundle_run *r, struct diag *d);

/**
 * The first step of `r` that counts, as kvplan-gpu measures it: of several the
 * first follows the last of the lap before, and does not.
 */
size_t bundle_first_timed(const struct bundle_run *r);

/** Split of the last step of `r`. */
size_t bundle_split(const struct bundle_run *r);

/** Error [%] of the prediction; > 0: it is too long. */
double bundle_error_pct(const struct bundle_run *r);

/** How far the repeats of `r` differ [%]: (max - min) / median. */
double bundle_spread_pct(const struct bundle_run *r);

/**
 * "opt-13b b32 s512", with "n2" where two batches share a loaded layer and "g2"
 * where two GPUs share the host.
 */
void bundle_workload(const struct bundle_run *r, char *text, size_t size);

/**
 * The policy, with its prefetch depth where that is open, "kvpr-row, 1", and
 * with each word of the user's that is not the policy's own, "flexgen, pinned".
 */
void bundle_policy(const struct bundle_run *r, char *text, size_t size);

#endif
