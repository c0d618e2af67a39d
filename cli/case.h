/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * case.h - the case that a command is about: model, hardware, workload and
 * the decisions that the user fixed, from options or from a plan file.
 */
#ifndef CLI_CASE_H
#define CLI_CASE_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/diag.h"
#include "base/options.h"
#include "lp/planner.h"
#include "model/hardware.h"
#include "model/llm.h"
#include "model/workload.h"
#include "schedule/policy.h"

/** The options of a case, to stand at the head of a command's table. */
enum {
	CASE_MODEL, CASE_HARDWARE, CASE_BATCH, CASE_PROMPT, CASE_GEN,
	CASE_POLICY, CASE_SPLIT, CASE_PREFETCH, CASE_PROGRAM, CASE_LIMIT,
	CASE_HOST_MEMORY, CASE_SET, CASE_OPTIONS
};
extern const struct option_spec case_options[CASE_OPTIONS];

/* The texts of the options, until case_load() gives them a meaning. */
struct case_request {
	const char *model, *hardware, *policy;
	size_t batch, prompt, gen;	/* 0: not given */
	struct planner_options planner;
	bool pageable;
	bool auto_allowed;		/* --policy auto has a meaning here */
	bool given[CASE_OPTIONS];	/* which options were there */
	const char **sets;		/* "PATH=VALUE" */
	size_t nsets;
};

struct cli_case {
	struct llm model;
	struct workload workload;
	struct hardware hardware;
	char *hardware_text;		/* JSON, --set applied */
	const struct policy *policy;	/* NULL: "auto", evaluate_best() */
	struct planner_options planner;
	bool has_plan;			/* from a plan file: */
	struct plan plan;
};

/** Note option `index` of case_options; option_handler's contract. */
MUST_CHECK enum status case_option(struct case_request *r, size_t index,
				   const char *text, struct diag *d);

/** Release what `r` owns. */
void case_request_clear(struct case_request *r);

/**
 * Load what `r` names.  With `plan_path` the case is that plan file's, and
 * only hardware, host memory and figures can be replaced.  The caller
 * releases `*out` with case_clear().
 */
MUST_CHECK enum status case_load(const struct case_request *r,
				 const char *plan_path, struct cli_case *out,
				 struct diag *d);

/** Release what `c` owns. */
void case_clear(struct cli_case *c);

/** How a result was made: version, command line, inputs; caller deletes. */
cJSON *case_provenance(const struct cli_case *c);

/** One line on the workload: "opt-6.7b, batch 64, ..." */
void case_title(const struct cli_case *c, char *out, size_t size);

#endif
