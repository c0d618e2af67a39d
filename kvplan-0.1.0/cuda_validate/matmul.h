/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * matmul.h - the matrix products of a decoder layer, through cuBLAS.
 *
 *     Y[m][n] = X[m][k] * W[n][k]^T
 *
 * All row-major fp16, sums in fp32.  Weights lie as in a PyTorch Linear,
 * output by input, so both factors are read along k.
 */
#ifndef CUDA_VALIDATE_MATMUL_H
#define CUDA_VALIDATE_MATMUL_H

#include <stdbool.h>
#include <stddef.h>

#include "cuda_validate/device.h"

struct matmul;			/* opaque: a cuBLAS handle, its workspace */

/**
 * For `g`, which must outlive it; NULL if `g` fails.  Products issued
 * through one matmul must not run at the same time: they share a workspace.
 */
struct matmul *matmul_new(struct device *g);
void matmul_free(struct matmul *p);	/* NULL is a no-op */

/* One product; plain data. */
struct matmul_shape {
	size_t m, n, k;
	size_t row;		/* elements from one row of Y to the next */
	bool add;		/* to what Y holds: a residual */
};

/** Issue the product on `stream`; x, w and y are on the GPU. */
bool matmul_run(struct matmul *p, const struct matmul_shape *shape,
		const void *x, const void *w, void *y,
		struct CUstream_st *stream);

/** Version of cuBLAS, 10000*major + 100*minor + patch; 0 if unknown. */
int matmul_version(const struct matmul *p);

#endif
