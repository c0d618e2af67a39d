/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * steps.h - decode steps of kvpr-row's shape, written down by hand so that
 * they need no profile: a layer loads X and K, V, projects, stores, recomputes,
 * attends, and has its output and its FFN.
 */
#ifndef TESTS_BENCH_STEPS_H
#define TESTS_BENCH_STEPS_H

#include <stddef.h>

struct steps;			/* opaque */

/**
 * `n` steps of `layers` layers on each of `gpus` GPUs, several of them with
 * jitter so that they are out of step; the caller releases them.
 */
struct steps *steps_new(size_t layers, size_t n, size_t gpus);

/** Release `s`. */
void steps_free(struct steps *s);

/** Simulate them all: how many tasks that was, on all GPUs. */
size_t steps_run(const struct steps *s);

#endif
