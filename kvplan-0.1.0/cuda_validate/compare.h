/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compare.h - how far two fp16 arrays on the GPU are apart. */
#ifndef CUDA_VALIDATE_COMPARE_H
#define CUDA_VALIDATE_COMPARE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct CUstream_st;

/* Columns of two matrices with rows `row` elements apart; plain data. */
struct compare_span {
	size_t rows, columns, row;
	const void *a, *b;
};

/* Sums over all elements; what is not a number counts in `nans` alone. */
struct compare_sums {
	double difference_squared;	/* of (a - b)^2 */
	double reference_squared;	/* of b^2 */
	unsigned long long nans;	/* elements of a or b */
	unsigned long long differ;	/* elements with other bits */
};

/**
 * Add the sums of `span` to `*sums`, which lies on the GPU; a cudaError_t.
 */
unsigned compare_run(const struct compare_span *span, struct compare_sums *sums,
		     struct CUstream_st *stream);

#ifdef __cplusplus
}
#endif

#endif
