/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fill.h - random numbers, made where they are needed. */
#ifndef CUDA_VALIDATE_FILL_H
#define CUDA_VALIDATE_FILL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct CUstream_st;

/**
 * Write `n` fp16 numbers, normal with mean 0 and deviation `scale`, to
 * `data` on the GPU.  Number i depends on `seed` and `first` + i alone, so
 * pieces may be made apart.  A cudaError_t.
 */
unsigned fill_random(void *data, size_t n, float scale, unsigned long long seed,
		     size_t first, struct CUstream_st *stream);

#ifdef __cplusplus
}
#endif

#endif
