/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * samples.h - what a profile measured, as JSON (doc/FORMATS.md, "samples").
 *
 * A series is a name, attributes that hold for all of it, and rows: the
 * numbers that were varied, then chain, n and five times (struct timing).
 */
#ifndef CUDA_VALIDATE_SAMPLES_H
#define CUDA_VALIDATE_SAMPLES_H

#include <stddef.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "cuda_validate/timing.h"

struct samples;			/* opaque */

/** No series yet; never NULL. */
struct samples *samples_new(void);
void samples_free(struct samples *s);	/* NULL is a no-op */

/**
 * Begin the series `name`, whose rows start with the `nkeys` numbers `keys`,
 * such as "bytes".  `attributes` is a JSON object, which this deletes.
 */
void samples_begin(struct samples *s, const char *name, cJSON *attributes,
		   const char *const *keys, size_t nkeys);

/**
 * Add a row: as many `values` as there are keys, NaN if not known, and what
 * was measured.
 */
void samples_add(struct samples *s, const double *values,
		 const struct timing *t);

/** Number of rows of all series. */
size_t samples_rows(const struct samples *s);

/**
 * Write everything to `out` as one JSON object: first the members of the
 * object `head`, then the series.  Errors stay in `out`.
 */
void samples_write(struct samples *s, const cJSON *head, FILE *out);

#endif
