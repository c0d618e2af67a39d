/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * place_case.h - what `kvplan place` is about: model, machine, workload and
 * what the user fixed, from its options; and what its machine is worth.
 */
#ifndef CLI_PLACE_CASE_H
#define CLI_PLACE_CASE_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/diag.h"
#include "lp/place.h"
#include "model/hardware.h"

enum { PLACE_PERCENTS = 6 };

/* The texts of the options, until place_case_load() gives them a meaning. */
struct place_options {
	const char *model, *hardware;	/* NULL: not given */
	size_t prompt, gen;		/* 0: not given */
	size_t batch, num_batches;	/* 0: open */
	bool costs_given, flexgen;
	double memory_share;		/* 0: the profile's */
	double limit_s;			/* INFINITY: none */
	double percent[PLACE_PERCENTS];	/* weights, KV, hidden: GPU, host */
	size_t npercent;		/* 0 or 6 */
	const char **sets;		/* "PATH=VALUE" */
	size_t nsets;
};

struct place_case {
	struct place_request request;
	bool is_offload;		/* else from a hardware profile: */
	struct hardware hardware;
	char *text;			/* the profile, --set applied */
};

/**
 * Load what `o` names.  STATUS_USAGE for what is missing or cannot be
 * combined.  The caller releases `*out` with place_case_clear().
 */
MUST_CHECK enum status place_case_load(const struct place_options *o,
				       struct place_case *out,
				       struct diag *d);

/** Release what `c` owns. */
void place_case_clear(struct place_case *c);

/** The table of figures of the machine; `*n` of them. */
const struct figure *place_case_fields(const struct place_case *c,
				       size_t *n);

/** The value of figure `f`; 0 where it is not stated. */
double place_case_figure(const struct place_case *c,
			 const struct figure *f);

/**
 * What the total time of `r` changes by for one unit more of figure `f`
 * [s per SI unit]: by the dual values, of the memories too.
 */
double place_case_worth(const struct place_case *c,
			const struct place_result *r,
			const struct figure *f);

/** How the result was made, as case_provenance(); the caller deletes. */
cJSON *place_case_provenance(const struct place_case *c);

#endif
