/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transfers.h - contended transfers on one host with several GPUs.
 *
 * For each GPU some streams copy each way; a stream starts its next copy when
 * one has ended.  Limits: each direction of a GPU's bus, both together, a
 * root complex that four GPUs share, the host's memory.  Sizes are a function
 * of the stream and the copy, so that another simulator can do the same.
 */
#ifndef TESTS_BENCH_TRANSFERS_H
#define TESTS_BENCH_TRANSFERS_H

#include <stddef.h>

struct transfers {
	const char *name;
	unsigned gpus;		/* at most TRANSFERS_MOST_GPUS */
	unsigned streams;	/* of a GPU, each way */
};

enum { TRANSFERS_MOST_GPUS = 16, TRANSFERS_GPUS_OF_ROOT = 4 };

/* Of the order of PCIe 4.0 x16, and of one socket's memory [B/s], [s]. */
#define TRANSFERS_H2D 26e9
#define TRANSFERS_D2H 24e9
#define TRANSFERS_BOTH 45e9
#define TRANSFERS_ROOT 90e9
#define TRANSFERS_MEMORY 150e9
#define TRANSFERS_LATENCY_S 5e-6

/** The cases, of which there are TRANSFERS_CASES. */
enum { TRANSFERS_CASES = 3 };
extern const struct transfers transfers_cases[TRANSFERS_CASES];

/** Streams of `t`: those of GPU 0 to the GPU, then back, then GPU 1. */
unsigned transfers_streams(const struct transfers *t);

/** Size of copy `k` of stream `i`, a whole number [B]. */
double transfers_bytes(unsigned i, size_t k);

/** Simulate `each` copies of every stream: when the last ends [s]. */
double transfers_run(const struct transfers *t, size_t each);

#endif
