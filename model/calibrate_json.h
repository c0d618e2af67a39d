/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calibrate_json.h - writes a hardware profile, figure by figure. */
#ifndef MODEL_CALIBRATE_JSON_H
#define MODEL_CALIBRATE_JSON_H

#include <cjson/cJSON.h>

#include "model/curve.h"
#include "model/profile.h"

/** A name for a profile: "NVIDIA H200" becomes "nvidia-h200". */
void calibrate_json_name(const char *gpu, char out[PROFILE_NAME_SIZE]);

/** `value` with six significant digits: more is noise. */
double calibrate_json_round(double value);

/**
 * A profile of kind "data_sheet" with the figures of the profile text `base`,
 * whose values are made numbers, or with none if that is NULL.
 */
cJSON *calibrate_json_begin(const char *base, const char *name,
			    const char *title);

/** Set figure `path`; an empty `note` is left out. */
void calibrate_json_figure(cJSON *profile, const char *path, double value,
			   const char *source, const char *confidence,
			   const char *note);

/** Take figure `path` out, if it is there. */
void calibrate_json_forget(cJSON *profile, const char *path);

/** The value of figure `path`, or NULL. */
const cJSON *calibrate_json_value(const cJSON *profile, const char *path);

/** `c` as members of `object`: points and spread. */
void calibrate_json_curve(cJSON *object, const struct curve *c);

#endif
