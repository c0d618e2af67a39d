/* SPDX-License-Identifier: GPL-3.0-or-later */
/* export.h - a reproduced item as text, CSV and JSON. */
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

#endif
