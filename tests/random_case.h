/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * random_case.h - models, machines, workloads and plans for property tests.
 *
 * Drawn with the caller's generator, so that a test is the same each time.
 * Small (a few layers and steps) but of every kind: multi-head and grouped
 * queries, rotary or not, gated or not, mixtures of experts; links and GPUs
 * over three orders of magnitude; latencies that are often 0.
 */
#ifndef TESTS_RANDOM_CASE_H
#define TESTS_RANDOM_CASE_H

#include <gsl/gsl_rng.h>

#include "model/hardware.h"
#include "model/llm.h"
#include "model/workload.h"
#include "schedule/policy.h"

struct random_case {
	struct llm model;
	struct hardware hw;		/* without a duplex limit, events,
					 * hand-offs */
	struct workload w;
};

/** Uniform whole number in [low, high]. */
size_t random_case_size(gsl_rng *rng, size_t low, size_t high);

/** In [low, high], its logarithm uniform; 0 < low. */
double random_case_log(gsl_rng *rng, double low, double high);

/** A model of at most 6 layers, a machine, and at most 8 decode steps. */
struct random_case random_case_draw(gsl_rng *rng);

/** State events and hand-offs, as long as launches and copies: often 0. */
void random_case_hand_over(struct hardware *hw);

/** Copies out that nothing ever waits for. */
void random_case_hide_stores(struct hardware *hw);

/** Several batches; weights, KV and X in any number of bits. */
void random_case_widen(gsl_rng *rng, struct random_case *c);

/** Draw the decisions that the user or the planner may take of `plan`. */
void random_case_decide(gsl_rng *rng, struct plan *plan);

/**
 * A plan of `policy` whose splits are drawn, step by step, from what it
 * allows; the caller releases it with plan_clear().
 */
struct plan random_case_plan(gsl_rng *rng, const struct random_case *c,
			     const struct policy *policy, size_t prefetch);

/**
 * A graph of a few layers: any ops, on any engines, with work that is often
 * empty and waits for anything issued before, in this step or an earlier
 * one.  The caller frees it.
 */
struct graph *random_case_graph(gsl_rng *rng);

#endif
