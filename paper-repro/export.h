/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reproduce_export.h - a reproduced item as text, CSV and JSON. */
#ifndef REPRODUCE_EXPORT_H
#define REPRODUCE_EXPORT_H

#include <stdio.h>

#include <cjson/cJSON.h>

#include "base/table.h"
#include "paper-repro/make.h"

/** For people: findings, headlines, a table for each metric. */
void reproduce_export_text(const struct reproduction *r, FILE *out);

/** A row for each case and metric, SI units. */
void reproduce_export_csv(const struct reproduction *r, FILE *out);

/** The whole as an object; the caller deletes it. */
cJSON *reproduce_export_json(const struct reproduction *r);

/** The headlines of `n` items, a row for each number; the caller frees. */
struct table *reproduce_export_headlines(const struct reproduction *r,
					 size_t n);

/** Whether one set of `b` gives all its numbers, in some words. */
void reproduce_export_joint(const struct band *b, FILE *out);

/** How many cells of `r` have a measured value beside them, as a sentence; none
 * where no runs were given. */
void reproduce_export_measured(const struct reproduction *r, FILE *out);

/** How many sets of `b`, whose headline is ordered, have the paper's order, in
 * some words. */
void reproduce_export_order(const struct band *b, FILE *out);

/** Whether `range` holds number `part`, in some words. */
void reproduce_export_verdict(const struct band *b, size_t part,
			      const struct band_range *range, FILE *out);

/** `value`, how far two numbers of `b` are apart, with its unit. */
void reproduce_export_distance(const struct band *b, double value,
			       char out[QUANTITY_SIZE]);

/** The choices of `set`, where there is one: "link: 32 GiB/s; ...". */
void reproduce_export_set(const struct band *b, size_t set, FILE *out);

/** The nearest pair of `b->crossing`, in a sentence; nothing without one. */
void reproduce_export_crossing(const struct band *b, FILE *out);

/** The nearest set of `b`, in words; `stated`: of those that depart from
 * nothing that the paper says. */
void reproduce_export_nearest(const struct band *b, bool stated, FILE *out);

#endif
