/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * space.h - which points a sweep has.
 *
 * Without a sample the points are the full grid, the last axis the fastest.
 * A sample has as many points as one asks for:
 *
 *   lhs     a Latin hypercube (McKay, Beckman, Conover, A comparison of three
 *           methods for selecting values of input variables, 1979): of N
 *           points exactly one falls into each N-th of every axis
 *   sobol   the Sobol sequence, from GSL's gsl_qrng
 */
#ifndef SWEEP_SPACE_H
#define SWEEP_SPACE_H

#include <stdint.h>

#include "sweep/axis.h"

enum { SWEEP_MOST_AXES = 16 };
#define SWEEP_MOST_POINTS ((uint64_t)1 << 48)
/* GSL's sequence has 30 bits, and is stepped from 0 to any point: this far in
 * less than a second. */
#define SWEEP_MOST_SOBOL ((uint64_t)1 << 26)

enum sweep_sample { SWEEP_GRID, SWEEP_LHS, SWEEP_SOBOL };

/* Plain data; sweep_space_clear(). */
struct sweep_space {
	struct sweep_axis axes[SWEEP_MOST_AXES];
	size_t naxes;
	enum sweep_sample sample;
	uint64_t points;
	unsigned long seed;
};

/**
 * Read "lhs:N" or "sobol:N" into `space`; STATUS_USAGE for anything else.
 */
MUST_CHECK enum status sweep_space_sample(struct sweep_space *space,
					  const char *text, struct diag *d);

/** Add the argument of a --vary; STATUS_USAGE as sweep_axis_parse(). */
MUST_CHECK enum status sweep_space_vary(struct sweep_space *space,
					const char *text, struct diag *d);

/**
 * Count the points.  STATUS_USAGE if there is no axis, if there are too many
 * points, or if a range without a number of values is not sampled.
 */
MUST_CHECK enum status sweep_space_finish(struct sweep_space *space,
					  struct diag *d);

/** Release what `space` owns. */
void sweep_space_clear(struct sweep_space *space);

/** Number of names that are varied: the columns of the inputs. */
size_t sweep_space_names(const struct sweep_space *space);

/** Name `i` of them. */
const struct sweep_name *sweep_space_name(const struct sweep_space *space,
					  size_t i);

#endif
