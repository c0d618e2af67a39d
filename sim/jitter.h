/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jitter.h - random factors on the times of tasks.
 *
 * A task that would take t, with its engine and link to itself, takes
 * t * F * G.  F is drawn for every task (jitter); G once for a source and a
 * run (a systematic error: a clock that is low, a rate that was measured too
 * high), with which all tasks of the source are off the same way.  Of many
 * tasks F averages out, G does not.
 *
 * Both are lognormal with mean 1 and the spread c as their standard deviation
 * (base/statistics.h).  Lognormal, because times are positive, have
 * their longer tail upwards, and products of such factors are again so.  Mean
 * 1, so that jitter changes a decode by waiting alone and not by longer tasks.
 * Curves of a calibration are medians; the factor's median is below its mean
 * by c^2/2, 0.1 % at a spread of 5 %, which is left at that.
 *
 * Sources.  Each engine of each GPU has a random stream of its own, which
 * depends on (seed, replication, GPU, engine) alone.  Streams of one seed have
 * different seeds of the generator, so that no two are the same.
 */
#ifndef SIM_JITTER_H
#define SIM_JITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "model/hardware.h"
#include "model/workload.h"
#include "schedule/graph.h"
#include "schedule/plan.h"

/* Instead of a spread: that of each task's curves, measured_spread(). */
#define JITTER_CALIBRATION (-1.0)

/* Spreads, 0 <= c <= 1: those of tasks, and those of a run. */
struct jitter_spec {
	double task[ENGINE_COUNT];
	double run[ENGINE_COUNT];
};

/* What is run, on what; borrowed. */
struct jitter_case {
	const struct graph *graph;
	const struct workload *w;
	const struct plan *plan;
	const struct hardware *hw;
};

enum { JITTER_MOST_REPLICATIONS = 1000000 };

struct jitter;			/* opaque */

/**
 * Read spreads: one for all engines, "5%", "0.05" or "calibration", or, parted
 * by commas, one for all and then others by the engine's name, as in
 * "2%,h2d=3%,sm=calibration".  Engines that are not named have 0.
 * STATUS_USAGE, with what was found, if it is none; `spread` is then
 * unchanged.
 */
MUST_CHECK enum status jitter_parse(const char *text,
				    double spread[ENGINE_COUNT],
				    struct diag *d);

/** Whether `spread` asks for a calibration. */
bool jitter_needs_calibration(const double spread[ENGINE_COUNT]);

/**
 * The factors of `spec` for `c`, whose machine has a calibration if `spec`
 * needs one; to be seeded.  jitter_free() releases it.
 */
struct jitter *jitter_new(const struct jitter_spec *spec,
			  const struct jitter_case *c);

/** Release `j`; NULL is a no-op. */
void jitter_free(struct jitter *j);

/** Begin replication `replication` < JITTER_MOST_REPLICATIONS of `seed`. */
void jitter_seed(struct jitter *j, uint32_t seed, size_t replication);

/** The next factor for a task of `work` (an index) and `step` on `gpu`. */
double jitter_factor(struct jitter *j, size_t gpu, size_t work, size_t step);

#endif
