/* SPDX-License-Identifier: GPL-3.0-or-later */
/* words.h - what is found of a headline, and of an item, in words. */
#ifndef REPRODUCE_WORDS_H
#define REPRODUCE_WORDS_H

#include <stdbool.h>
#include <stdio.h>

#include "paper-repro/make.h"

/** Whether one set of `b` gives all its numbers, in some words. */
void reproduce_words_joint(const struct band *b, FILE *out);

/** How many cells of `n` items have a measured value beside them, as a
 * sentence; none where no runs were given. */
void reproduce_words_measured(const struct reproduction *r, size_t n,
			      FILE *out);

/** How many sets of `b`, whose headline is ordered, have the paper's order, in
 * some words. */
void reproduce_words_order(const struct band *b, FILE *out);

/** Whether `range` holds number `part`, in some words. */
void reproduce_words_verdict(const struct band *b, size_t part,
			      const struct band_range *range, FILE *out);

/** The choices of `set`, where there is one: "link: 32 GiB/s; ...". */
void reproduce_words_set(const struct band *b, size_t set, FILE *out);

/** The nearest pair of `b->crossing`, in a sentence; nothing without one. */
void reproduce_words_crossing(const struct band *b, FILE *out);

/** The nearest set of `b`, in words; `stated`: of those that depart from
 * nothing that the paper says. */
void reproduce_words_nearest(const struct band *b, bool stated, FILE *out);

#endif
