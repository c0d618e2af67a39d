/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * threads.h - a fixed number of threads that do something together.
 */
#ifndef CUDA_VALIDATE_THREADS_H
#define CUDA_VALIDATE_THREADS_H

#include <stddef.h>

struct threads;			/* opaque */

/** Start `n` >= 1 threads, which sleep until there is work; never NULL. */
struct threads *threads_new(size_t n);
void threads_free(struct threads *t);	/* NULL is a no-op */

/** Call `work`(context, i, n) in thread i of all n; returns when all have. */
void threads_run(struct threads *t,
		 void (*work)(void *context, size_t i, size_t n),
		 void *context);

#endif
