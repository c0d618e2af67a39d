/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outcome.h - what evaluate() finds of a plan, and how it is told. */
#ifndef EVALUATE_OUTCOME_H
#define EVALUATE_OUTCOME_H

#include <stddef.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "model/memory.h"
#include "schedule/plan.h"
#include "schedule/trust.h"
#include "sim/run.h"

struct outcome {
	struct plan plan;
	struct memory memory;
	struct run_result run;		/* of the decode */
	double clock;			/* at which it settled, sim/clock.h */
	double *step_end_s;		/* of each step */
	double first_token_s;		/* [s] when prefill has computed it */
	double prefill_s;		/* [s] with the last store of its KV */
	double prefill_clock;		/* at which that settled, by itself */
	double decode_s, step_s;
	double tokens_per_s;		/* of the decode, all GPUs */
	double total_s;			/* prefill and decode */
	double total_tokens_per_s;	/* all tokens in that time */
	enum engine bound;		/* the busiest */
	struct trust trust;		/* of the middle step; outside its
					 * curves, of the first and last too */
};

/** Release what `o` owns. */
void outcome_clear(struct outcome *o);

/** Share of the time in which `e` is busy, in per cent. */
double outcome_busy_pct(const struct outcome *o, enum engine e);

/** Simulated time [s] of `step`: from one token to the next. */
double outcome_step_s(const struct outcome *o, size_t step);

/** The splits of `o`'s steps, from least to most: "128", "91 to 128". */
void outcome_split(const struct outcome *o, char *text, size_t size);

/** Say in a line on `out` where a calibration is asked for what was not
 * measured. */
void outcome_warn(const struct outcome *o, const struct hardware *hw,
		  FILE *out);

/** Print which engine is how busy, and what lies where. */
void outcome_print_engines(const struct outcome *o, FILE *out);
void outcome_print_memory(const struct outcome *o, const struct hardware *hw,
			  FILE *out);

/** Prefill and the whole as members of `json`. */
void outcome_add_total(const struct outcome *o, cJSON *json);

/** "bound", "utilisation" and "memory" as members of `json`. */
void outcome_add_json(const struct outcome *o, const struct hardware *hw,
		      cJSON *json);

#endif
