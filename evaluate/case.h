/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * case.h - the case that a command is about: model, hardware, workload and
 * the decisions that the user fixed, from options or from a plan file.
 */
#ifndef EVALUATE_CASE_H
#define EVALUATE_CASE_H

#include <stdbool.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "base/diag.h"
#include "evaluate/request.h"
#include "model/hardware.h"
#include "model/llm.h"
#include "model/workload.h"
#include "schedule/policy.h"

struct decode_case {
	struct llm model;
	struct workload workload;
	struct hardware hardware;
	char *hardware_text;		/* JSON, --set applied */
	const struct policy *policy;	/* NULL: "auto", evaluate_best() */
	struct planner_options planner;
	bool has_plan;			/* from a plan file: */
	struct plan plan;
};

/**
 * Load what `r` names.  With `plan_path` the case is that plan file's, and
 * only hardware, host memory and figures can be replaced.  The caller
 * releases `*out` with case_clear().
 */
MUST_CHECK enum status case_load(const struct case_request *r,
				 const char *plan_path, struct decode_case *out,
				 struct diag *d);

/** Release what `c` owns. */
void case_clear(struct decode_case *c);

/**
 * What case_load() asks of options alone: STATUS_USAGE if one is missing, or
 * cannot be used with `policy` (NULL: "auto").
 */
MUST_CHECK enum status case_check(const struct case_request *r,
				  const struct policy *policy,
				  struct diag *d);

/**
 * The hardware that `r` names, with its figures and host memory: the
 * profile's text, which the caller frees, and `*out`, for hardware_clear().
 */
MUST_CHECK enum status case_hardware(const struct case_request *r,
				     char **text, struct hardware *out,
				     struct diag *d);

/** How a result was made: version, command line, inputs; caller deletes. */
cJSON *case_provenance(const struct decode_case *c);

/** Add what the case is to `json`: model, hardware, workload, made_by. */
void case_add_json(const struct decode_case *c, cJSON *json);

/** One line on the workload: "opt-6.7b, batch 64, ..."; caller frees. */
char *case_title(const struct decode_case *c);

/** Print that, wrapped, and a line with the hardware. */
void case_print_title(const struct decode_case *c, FILE *out);

#endif
