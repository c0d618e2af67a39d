/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workload_json.h - a workload in the files that hold one.
 *
 * The object "workload" of plan files and of measured runs (doc/FORMATS.md,
 * "plan").
 */
#ifndef MODEL_WORKLOAD_JSON_H
#define MODEL_WORKLOAD_JSON_H

#include "base/json.h"
#include "model/workload.h"

/** `w` as a JSON object; the caller deletes it. */
cJSON *workload_json(const struct workload *w);

/**
 * The member "workload" of `top`, for `m`, into `*w`.  STATUS_INVALID, naming
 * the path, unless workload_check() accepts it; `*w` is then not meant.
 */
MUST_CHECK enum status workload_json_parse(const struct json *top,
					   const struct llm *m,
					   struct workload *w,
					   struct diag *d);

#endif
