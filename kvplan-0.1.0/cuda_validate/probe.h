/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe.h - kernels that do nothing useful, to measure with.
 *
 * Each function launches one kernel on `stream` and returns a cudaError_t.
 */
#ifndef CUDA_VALIDATE_PROBE_H
#define CUDA_VALIDATE_PROBE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct CUstream_st;

/** Does nothing. */
unsigned probe_empty(struct CUstream_st *stream);

/**
 * Wait until the pinned host variable `released` has reached `ticket`, or
 * `limit_ms` have passed.  One thread.
 */
unsigned probe_hold(volatile unsigned *released, unsigned ticket,
		    unsigned limit_ms, struct CUstream_st *stream);

/**
 * Copy `bytes`, a multiple of 16, on the GPU from `from` to `to`: reads and
 * writes device memory as fast as it goes.
 */
unsigned probe_copy(void *to, const void *from, size_t bytes,
		    struct CUstream_st *stream);

/** Read `bytes`, a multiple of 16, and write (almost) nothing. */
unsigned probe_read(const void *from, size_t bytes, unsigned *sink,
		    struct CUstream_st *stream);

#ifdef __cplusplus
}
#endif

#endif
