/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * calibration.h - the measured curves of a machine.
 *
 * A hardware profile that was made by `kvplan calibrate` holds, beside its
 * figures, times as they were measured (doc/FORMATS.md, "calibration"):
 *
 *   copies       by bytes, for either direction, one after another, from and
 *                to pinned memory, and pageable memory
 *   products     by rows m, for each shape (n, k) that was measured
 *   attention    by bytes of K and V that a decode step's kernel reads, for
 *                each number of sequences (requests times KV heads)
 *   kernels      the small ones, by bytes read and written
 *   host         attention by the CPU, by bytes of K and V, and a thread's
 *                copy from pageable to pinned memory
 *
 * Times are of one of many in a row and whole: a kernel's has in it what lies
 * between it and the next.  The figures that the curves were measured at
 * stand beside them, so that a figure that is changed with --set scales its
 * curves.  Immutable.
 */
#ifndef MODEL_CALIBRATION_H
#define MODEL_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/json.h"
#include "model/curve.h"

/* Kernels that only read and write. */
enum kernel {
	KERNEL_NORM,
	KERNEL_ROTATE,		/* K again, by its positions */
	KERNEL_APPEND,		/* a token's K and V into the cache */
	KERNEL_ACTIVATE,
	KERNEL_COPY,		/* within device memory */
	KERNEL_CURVES,		/* those above have curves */
	KERNEL_OTHER = KERNEL_CURVES,	/* launch and bytes, by the figures */
	KERNEL_ATTENTION,	/* by its sequences, too */
	KERNEL_COUNT
};

/* A product's shape, or a number of sequences, and the times for it. */
struct calibration_product {
	double n, k;
	struct curve rows;		/* m -> [s] */
};

struct calibration_attention {
	double sequences;
	struct curve bytes;		/* of K and V -> [s] */
};

enum { CALIBRATION_H2D, CALIBRATION_D2H, CALIBRATION_DIRECTIONS };

/* What the host does in the order of a stream. */
enum { CALIBRATION_ATTENTION, CALIBRATION_COPY, CALIBRATION_HOST };

/* Figures that the curves are for. */
struct calibration_figures {
	double bytes_per_s[CALIBRATION_DIRECTIONS];	/* pinned */
	double pageable_bytes_per_s[CALIBRATION_DIRECTIONS];	/* or 0 */
	double latency_s[CALIBRATION_DIRECTIONS];
	double host_bytes_per_s[CALIBRATION_HOST];	/* or 0 */
	double gemm_flop_per_s, hbm_bytes_per_s, launch_s;
};

/* Curves that were not measured have n = 0, lists have none. */
struct calibration {
	struct curve pinned[CALIBRATION_DIRECTIONS];	/* bytes -> [s] */
	struct curve pageable[CALIBRATION_DIRECTIONS];
	struct calibration_product *products;
	size_t nproducts;
	struct calibration_attention *attention;
	size_t nattention;
	struct curve kernels[KERNEL_CURVES];	/* bytes -> [s] */
	struct curve host[CALIBRATION_HOST];	/* bytes -> [s] */
	struct calibration_figures at;
	double spread;			/* of times by figures alone */
};

/** "norm", "rotate", ...: a kernel's name in the file. */
const char *calibration_kernel_name(enum kernel k);

/**
 * Parse the member "calibration" of the profile `top` into `*out`;
 * calibration_free() releases it.  STATUS_INVALID, naming the path, if it is
 * not as doc/FORMATS.md says.
 */
MUST_CHECK enum status calibration_parse(const struct json *top,
					 struct calibration **out,
					 struct diag *d);

/** Release `c`; NULL is a no-op. */
void calibration_free(struct calibration *c);

/**
 * The curve of the product of m x k by k x n, and in `*scale` what to
 * multiply its times with: where that shape was not measured, it is the
 * nearest in n * k, in proportion to it.  NULL if there are no products.
 */
const struct curve *calibration_product(const struct calibration *c,
					double n, double k, double *scale);

/**
 * The curve of decode attention over `sequences`: where that number was not
 * measured, the nearest.  NULL if there are none.
 */
const struct curve *calibration_attention(const struct calibration *c,
					  double sequences);

#endif
