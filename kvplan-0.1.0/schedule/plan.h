/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan.h - what was decided: the policy and the values of its decisions.
 *
 * Plain data apart from the array of splits, which the plan owns.  Written
 * as JSON and read back (doc/FORMATS.md, "plan"), together with the model,
 * the workload and the hardware that it was made for, so that a plan file
 * can be simulated, or run on a GPU, on its own.
 */
#ifndef SCHEDULE_PLAN_H
#define SCHEDULE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/diag.h"
#include "model/llm.h"
#include "model/workload.h"
#include "schedule/decision.h"

struct policy;

enum { PLAN_MOST_PREFETCH = 64 };

#define PLAN_SCHEMA "kvplan-plan-2"

struct plan {
	const struct policy *policy;	/* static, from the table */
	size_t steps;			/* decode steps */
	size_t *split;			/* l of each step, <= cached tokens */
	double decision[DECISION_COUNT];
	bool whole_sequence;		/* X of generated tokens is kept too:
					 * l <= s' instead of l <= prompt */
};

/** Slots that loads run ahead of compute. */
size_t plan_prefetch(const struct plan *plan);

/** Shares of the weights, of the requests' KV, that lie on the host. */
double plan_weights_on_host(const struct plan *plan);
double plan_cache_on_host(const struct plan *plan);

/** Largest split of step `step` that `plan` may use on `w`. */
size_t plan_split_limit(const struct plan *plan, const struct workload *w,
			size_t step);

/** Release what `plan` owns. */
void plan_clear(struct plan *plan);

/** The decisions other than the split as members of `json`. */
void plan_add_decisions(const struct plan *plan, cJSON *json);

/** `plan`'s decisions as a JSON object; the caller deletes it. */
cJSON *plan_json(const struct plan *plan);

/** `w` as a JSON object; the caller deletes it. */
cJSON *plan_workload_json(const struct workload *w);

/**
 * Parse a plan file: its model, workload and decisions, checked against one
 * another.  `*hardware`, the profile's JSON text, is freed by the caller.
 * STATUS_INVALID names the path that is wrong; outputs are then unchanged.
 */
MUST_CHECK enum status plan_parse(const char *json, struct llm *m,
				  struct workload *w, struct plan *plan,
				  char **hardware, struct diag *d);

#endif
