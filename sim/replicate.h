/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replicate.h - a run with jitter, many times over, and what comes of it.
 *
 * Replications are independent: each has random streams of its own, which
 * depend on the seed and its number alone (sim/jitter.h).  They are shared out
 * to threads as these come free, and summed up in the order of their numbers,
 * so that results are the same, bit for bit, for any number of threads; and
 * replication i is the same however many there are.
 *
 * Three quantities:
 *
 *   decode   [s] from an idle machine to the end of the last task
 *   token    [s] of each step of each replication, from the end of the last
 *            compute task of the step before, on all GPUs, to its own
 *   rate     [tokens/s] of each replication, all tokens over decode
 *
 * Kept are 24 bytes for each replication, and for the percentiles of all
 * tokens of all replications a histogram for each thread: nothing grows with
 * replications times steps.
 */
#ifndef SIM_REPLICATE_H
#define SIM_REPLICATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/progress.h"
#include "sim/jitter.h"
#include "sim/run.h"

struct replicate_options {
	struct jitter_spec jitter;
	size_t replications;		/* 2 <= n <=
					 * JITTER_MOST_REPLICATIONS */
	uint32_t seed;
	size_t jobs;			/* threads >= 1 */
	struct progress *progress;	/* or NULL */
};

/*
 * Of the values of a quantity.  The 95 % confidence interval of the mean is
 * mean -+ half, half = t * s / sqrt(n) with t of Student's distribution with
 * n - 1 degrees of freedom and s the standard deviation of the n replications'
 * own values (of their means, for tokens, as steps of one run depend on one
 * another).  Percentiles are those of base/statistics.h;
 * for tokens, to 0.003 %.  p95 is the slow tail of times, of rates the fast
 * one.
 */
struct replicate_summary {
	double mean, half;
	double sd;			/* of the values: for tokens of all
					 * steps, which grow, as KV does */
	double p50, p95, p99;
};

struct replicate_result {
	struct replicate_summary decode, token, rate;
};

/**
 * Run all steps of `c`, each of which computes something, as often as
 * `options` say.  run_graph()'s failures.
 */
MUST_CHECK enum status
replicate_run(const struct jitter_case *c,
	      const struct replicate_options *options,
	      struct replicate_result *out, struct diag *d);

/** Replication `which` alone, as `run` says; its jitter is not looked at. */
MUST_CHECK enum status
replicate_one(const struct jitter_case *c,
	      const struct replicate_options *options, size_t which,
	      const struct run_options *run, struct run_result *out,
	      struct diag *d);

#endif
