/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * device.h - the GPU in use, and the first thing that went wrong on it.
 *
 * Every call of CUDA or cuBLAS passes through device_ok() or
 * device_blas_ok().  The first failure is kept in the device; after it,
 * functions that work on the device return false at once, and the caller
 * that is able to report asks device_status().  A call that failed is thus
 * never lost, and code that issues twenty calls has one place to look.
 *
 * No header of this folder includes one of CUDA's: they compile where there
 * is none.  A cudaStream_t is a struct CUstream_st *, a cudaEvent_t a struct
 * CUevent_st *, and a cudaError_t is passed as an unsigned.
 */
#ifndef CUDA_VALIDATE_DEVICE_H
#define CUDA_VALIDATE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

struct CUstream_st;
struct CUevent_st;

/* Plain data, filled by device_open(). */
struct device {
	int index;
	char name[128];			/* as the driver calls it */
	char pci[24];			/* "0000:17:00.0" */
	int major, minor;		/* compute capability */
	size_t sms;			/* streaming multiprocessors */
	size_t l2_bytes, memory_bytes;
	size_t copy_engines;
	int driver, runtime;	/* of CUDA, 1000 * major + 10 * minor */
	enum status status;		/* of the first failure */
	struct diag diag;
};

/**
 * Number of GPUs, at least one.  STATUS_DEVICE if there is no driver, it is
 * too old for the CUDA runtime inside this program, or it sees no GPU.
 */
MUST_CHECK enum status device_count(size_t *n, struct diag *d);

/**
 * Make GPU `index` the current one of this thread, start CUDA on it and
 * describe it in `*g`.  STATUS_USAGE if there is no such GPU.
 */
MUST_CHECK enum status device_open(size_t index, struct device *g,
				   struct diag *d);

/** Make `g` the current GPU of this thread again. */
bool device_use(struct device *g);

/** Whether the cudaError_t `error` of the call `what` is a success. */
bool device_ok(struct device *g, unsigned error, const char *what);

/** The same of a cublasStatus_t. */
bool device_blas_ok(struct device *g, unsigned status, const char *what);

/** Record "GPU N: MESSAGE" as a failure, unless there is one; false. */
bool device_fail(struct device *g, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Whether a call has failed. */
bool device_failed(const struct device *g);

/** STATUS_OK, or the first failure and its message. */
MUST_CHECK enum status device_status(const struct device *g, struct diag *d);

/** Wait until all that was issued to `g` is done. */
bool device_synchronise(struct device *g);

/** A stream that does not wait for the default one; NULL on failure. */
struct CUstream_st *device_stream_new(struct device *g);
void device_stream_free(struct CUstream_st *stream);	/* NULL: a no-op */

/** An event that keeps time; NULL on failure. */
struct CUevent_st *device_event_new(struct device *g);
void device_event_free(struct CUevent_st *event);	/* NULL: a no-op */

#endif
