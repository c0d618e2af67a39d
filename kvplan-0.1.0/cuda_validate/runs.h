/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runs.h - measured runs as JSON (doc/FORMATS.md, "runs").
 */
#ifndef CUDA_VALIDATE_RUNS_H
#define CUDA_VALIDATE_RUNS_H

#include <stdio.h>

#include <cjson/cJSON.h>

#include "cuda_validate/measure.h"
#include "cuda_validate/sensors.h"

struct runs;			/* opaque */

/** None yet; never NULL. */
struct runs *runs_new(void);
void runs_free(struct runs *r);		/* NULL is a no-op */

/**
 * Add what was measured of `job`, whose splits in use are those of `m`, and
 * what the sensors say now, right after it; `sensors` may be NULL.
 */
void runs_add(struct runs *r, const struct job *job,
	      const struct workspace *w, const struct measure *m,
	      const struct sensors *sensors);

/**
 * Write everything to `out` as one JSON object: the members of the object
 * `head`, the models, then the runs, one a line.  Errors stay in `out`.
 */
void runs_write(const struct runs *r, const cJSON *head, FILE *out);

#endif
