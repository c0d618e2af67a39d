/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * two_engines.h - a decode without waits: kernels in a row, copies in a row.
 *
 * What jitter does to it is a formula: each engine's time is a sum of
 * independent ones, and the decode takes the longer of the two.
 */
#ifndef TESTS_TWO_ENGINES_H
#define TESTS_TWO_ENGINES_H

#include "sim/jitter.h"

struct two_engines {
	struct jitter_case of;		/* of what follows */
	struct graph *graph;
	struct workload w;
	struct plan plan;
	struct hardware hw;		/* 8 B/s in, 6 B/s out, 5 FLOP/s */
	size_t *split;
	double kernel_s, copy_s;	/* [s] all tasks of a step, alone */
	double kernel_s2, copy_s2;	/* [s^2] sum of their squares */
};

/**
 * A step of `kernels` of different lengths, whose launches count, and
 * `copies` in, whose latencies count, `steps` times over.  In each step of
 * several GPUs all do the same.  Release it with two_engines_free().
 */
struct two_engines *two_engines_new(size_t kernels, size_t copies,
				    size_t steps, size_t gpus);
void two_engines_free(struct two_engines *t);

#endif
