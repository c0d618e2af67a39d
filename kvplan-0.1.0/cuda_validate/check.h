/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check.h - proves on the GPU that recomputing and joining changes nothing.
 *
 * One decode step of one layer's attention block, on random data:
 *
 * - "whole": K and V of all tokens, as prefill makes them and the host
 *   stores them;
 * - "joined": a poisoned buffer, into whose front K and V of the first
 *   `split` tokens are recomputed from X, and into whose rest those of the
 *   others are copied from the host;
 * - the new token is projected, appended to both and stored to the host;
 *   attention runs over both.
 *
 * Found numbers are held against each other and, on a sample, against fp64.
 * An error is ||a - b|| / ||b||.  What is allowed is counted in roundings to
 * fp16, each of which moves a number by at most 2^-11 of it, so that n of
 * them move a vector by at most about n * 2^-11 of its norm; sums in fp32
 * add some 1e-6.  A K has one rounding from its product and one more from
 * its rotation; a score moves by as much as q and K do, and with it each
 * weight; an attention's output is rounded once more.
 */
#ifndef CUDA_VALIDATE_CHECK_H
#define CUDA_VALIDATE_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "cuda_validate/cache.h"
#include "cuda_validate/device.h"

/* A mistake made on purpose: the check must see it. */
enum check_mistake {
	CHECK_NO_MISTAKE,
	CHECK_SPLIT,		/* the rest is joined a token too early */
	CHECK_TAIL,		/* the last cached token is not copied */
	CHECK_LENGTH,		/* attention leaves out the last token */
	CHECK_MISTAKES
};

/** "none", "split", "tail", "length". */
const char *check_mistake_name(enum check_mistake m);

struct check_case {
	struct cache cache;
	bool rotary;
	size_t length;		/* s': tokens that are cached, >= 1 */
	size_t split;		/* l <= length; strictly between 0 and
				 * length for CHECK_SPLIT, < length for
				 * CHECK_TAIL */
	unsigned long long seed;
	enum check_mistake mistake;
};

/* One comparison. */
struct check_result {
	const char *what;	/* static */
	double error;		/* ||a - b|| / ||b|| */
	double allowed;		/* 0: the same bits */
	size_t unwritten;	/* elements that are not numbers */
	size_t compared;	/* elements */
	bool passed;
};

enum { CHECK_MOST_RESULTS = 12 };

/** Run `c` on `g`; `*n` results.  False if the GPU fails. */
bool check_run(struct device *g, const struct check_case *c,
	       struct check_result results[CHECK_MOST_RESULTS], size_t *n);

#endif
