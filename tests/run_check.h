/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run_check.h - simulates a run and checks what holds for every run.
 *
 * Slices: one for each task with something to do.  Order: streams run their
 * tasks one after another, no task starts before what it waits for has
 * ended, an engine serves one at a time, first come, first served, and never
 * idles while something is ready.  Durations: kernels last as the roofline
 * says; copies move exactly their bytes at the shares that a duplex limit
 * leaves them.  Accounts: bytes, FLOP, busy time and tasks of every engine
 * and op add up; without a duplex limit engines are busy for exactly
 * bound_engines(); no engine is busier than the makespan is long.
 */
#ifndef TESTS_RUN_CHECK_H
#define TESTS_RUN_CHECK_H

#include "tests/random_case.h"
#include "tests/run_oracle.h"

/** All of `span` of `plan`, with a graph of its policy for run_check_end(). */
struct run_oracle run_check_begin(const struct random_case *c,
				  const struct plan *plan, enum span span);

/** Simulate `r` and fail if an invariant is broken. */
void run_check(struct run_oracle *r);

/** Release what run_check() made; it may run again. */
void run_check_clear(struct run_oracle *r);

/** The same, and the graph. */
void run_check_end(struct run_oracle *r);

#endif
