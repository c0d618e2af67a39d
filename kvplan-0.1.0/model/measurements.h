/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measurements.h - what `kvplan-gpu profile` measured, as it was written
 * (doc/FORMATS.md, "Samples").
 *
 * Immutable once parsed; what functions return is borrowed.
 */
#ifndef MODEL_MEASUREMENTS_H
#define MODEL_MEASUREMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/diag.h"

struct measurements;			/* opaque */

/* A series: attributes that hold for all of it, and a table of numbers. */
struct measurements_series {
	const char *name;
	const cJSON *attributes;	/* the series itself */
	const char **columns;
	double *values;			/* [nrows][ncolumns]; NAN: not known */
	size_t ncolumns, nrows;
};

/**
 * Parse the samples `json`; measurements_free() releases `*out`.
 * STATUS_INVALID, naming the path, if they are not as doc/FORMATS.md says.
 */
MUST_CHECK enum status measurements_parse(const char *json,
					  struct measurements **out,
					  struct diag *d);

/** Release `m`; NULL is a no-op. */
void measurements_free(struct measurements *m);

/** Name of the GPU, day of the measurement. */
const char *measurements_gpu(const struct measurements *m);
const char *measurements_date(const struct measurements *m);

/** [B] of the GPU's and the host's memory; 0: not stated. */
double measurements_gpu_bytes(const struct measurements *m);
double measurements_host_bytes(const struct measurements *m);

/** The first series `name` after `after`, or of all if that is NULL. */
const struct measurements_series *
measurements_next(const struct measurements *m, const char *name,
		  const struct measurements_series *after);

/** Whether attribute `key` of `s` is `text`, or a list of that alone. */
bool measurements_is(const struct measurements_series *s, const char *key,
		     const char *text);

/** Whether attribute `key` of `s` is a list with `text` in it. */
bool measurements_lists(const struct measurements_series *s, const char *key,
			const char *text);

/** Attribute `key` of `s`, a number; NAN if there is none. */
double measurements_number(const struct measurements_series *s,
			   const char *key);

/** `column` of row `row`; NAN if there is none, or it is not known. */
double measurements_value(const struct measurements_series *s, size_t row,
			  const char *column);

/** [s] the median of row `row`, and how far, relatively, repeats spread. */
double measurements_time(const struct measurements_series *s, size_t row);
double measurements_noise(const struct measurements_series *s, size_t row);

#endif
