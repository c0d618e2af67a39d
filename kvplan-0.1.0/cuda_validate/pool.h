/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pool.h - the host memory that jobs copy from and to, allocated once.
 *
 * Pinning and filling tens of gigabytes takes longer than most runs, so all
 * jobs of a call use the same memory, one after another.  It holds random
 * numbers.  A job takes pieces of it, each as often as it would like to: one
 * for every layer's cache, say.  If there is no room for all of them, each
 * kind gets its share and pieces are used over and over: the link does not
 * know the difference.
 */
#ifndef CUDA_VALIDATE_POOL_H
#define CUDA_VALIDATE_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "cuda_validate/buffer.h"

/* `count` pieces of `bytes`; plain data. */
struct pool_pieces {
	char *data;
	size_t bytes;		/* of a piece, rounded up */
	size_t wanted, count;	/* that are asked for, that there are */
};

/** Let `p` ask for `count` pieces of `bytes`; either may be 0. */
void pool_want(struct pool_pieces *p, size_t bytes, size_t count);

/** [B] that the `n` kinds of pieces `p` ask for, and the least they take. */
size_t pool_wanted_bytes(struct pool_pieces *const *p, size_t n);
size_t pool_least_bytes(struct pool_pieces *const *p, size_t n);

/**
 * Divide the `bytes` at `data` among the `n` kinds; false, and a failure in
 * `g`, if there is not room for one piece of each.
 */
bool pool_divide(struct device *g, char *data, size_t bytes,
		 struct pool_pieces *const *p, size_t n);

/** Piece number `i`, of as many as were wanted; NULL if none were. */
void *pool_at(const struct pool_pieces *p, size_t i);

/* Pinned and pageable memory; plain data, all zero is empty. */
struct pool {
	struct buffer pinned, pageable;
};

/** Allocate so many bytes of each and fill them; 0 is none. */
bool pool_open(struct device *g, struct pool *p, size_t pinned_bytes,
	       size_t pageable_bytes);
void pool_close(struct pool *p);

#endif
