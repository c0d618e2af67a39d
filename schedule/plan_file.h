/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan_file.h - a plan, with what it was made for, as a file.
 *
 * A plan file (doc/FORMATS.md, "plan") holds the model, the workload and the
 * hardware as well, so that it can be simulated, or run on a GPU, on its own.
 */
#ifndef SCHEDULE_PLAN_FILE_H
#define SCHEDULE_PLAN_FILE_H

#include "base/json.h"
#include "schedule/plan.h"

/** The decisions other than the split as members of `json`. */
void plan_file_add_decisions(const struct plan *plan, cJSON *json);

/**
 * The plan file of `plan`; `hardware` is the profile's JSON text, `made_by`
 * (base/provenance.h), which is taken over, says how; NULL: not said.  The
 * caller deletes it.
 */
cJSON *plan_file_json(const struct llm *m, const struct workload *w,
		      const struct plan *plan, const char *hardware,
		      cJSON *made_by);

/**
 * Parse a plan file: its model, workload and decisions, checked against one
 * another.  `*hardware`, the profile's JSON text, is freed by the caller.
 * STATUS_INVALID names the path that is wrong; outputs are then unchanged.
 */
MUST_CHECK enum status plan_file_parse(const char *json, struct llm *m,
				       struct workload *w, struct plan *plan,
				       char **hardware, struct diag *d);

/**
 * The plan for `w` that the members of `at` state: policy, decisions,
 * "whole_sequence" and, in "split", `n` steps from `first` on; of the others,
 * the least that the plan may recompute.  The caller releases `*out` with
 * plan_clear().  STATUS_INVALID names the path that is wrong; `*out` is then
 * unchanged.
 */
MUST_CHECK enum status plan_file_parse_plan(const struct json *at,
					    const struct workload *w,
					    size_t first, size_t n,
					    struct plan *out, struct diag *d);

#endif
