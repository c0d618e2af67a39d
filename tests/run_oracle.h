/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run_oracle.h - when tasks end, evaluated without sim/.
 *
 * Two evaluations of a graph, as plain recurrences over arrays, written from
 * the text of schedule/graph.h, sim/run.h and model/work.h and sharing no
 * code with what they test.  Neither knows a duplex limit.
 *
 * Times of all tasks stand in one array, in the order of issue: see
 * run_oracle_at().
 */
#ifndef TESTS_RUN_ORACLE_H
#define TESTS_RUN_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/run.h"

/* A run: the caller fills the first group, run_check() the second. */
struct run_oracle {
	const struct graph *graph;
	const struct workload *w;
	const struct plan *plan;
	const struct hardware *hw;
	size_t first_step, end_step;

	struct run_result result;
	struct timeline timeline;
	double *step_end_s;		/* of all steps; -1 if not run */
};

/* What sums of rounded terms may differ by. */
#define RUN_ORACLE_TOLERANCE 1e-9

/** Whether `a` and `b` are equal to that, relatively. */
bool run_oracle_close(double a, double b);

/* A copy, alone on its direction, or what the host does. */
struct run_copy {
	double latency_s, bytes_per_s, bytes;
};

struct run_copy run_oracle_copy(const struct run_oracle *r, size_t task,
				size_t step);

/** [s] that `task` takes in `step`, alone: the roofline, the transfer. */
double run_oracle_seconds(const struct run_oracle *r, size_t task,
			  size_t step);

/** Whether `task` has nothing to do in `step`. */
bool run_oracle_is_empty(const struct run_oracle *r, size_t task,
			 size_t step);

/** Index of `task` of `step`; with (0, end_step), the number of them all. */
size_t run_oracle_at(const struct run_oracle *r, size_t task, size_t step);

/**
 * When `task` of `step` is ready: its predecessor on the stream and all that
 * it waits for have ended, as `end_s` has it.  NAN if one of these is.
 */
double run_oracle_ready(const struct run_oracle *r, size_t task, size_t step,
			const double *end_s);

/** Ends, if engines serve in the order of issue: the longest path. */
void run_oracle_longest_path(const struct run_oracle *r, double *end_s);

/** Ends, if engines serve first come, first served. */
void run_oracle_first_come(const struct run_oracle *r, double *end_s);

/** Fail unless each slice of the timeline ends where `ends` says. */
void run_oracle_compare(const struct run_oracle *r,
			void (*ends)(const struct run_oracle *, double *));

#endif
