/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * buffer.h - memory of the GPU and of the host that it copies from and to.
 */
#ifndef CUDA_VALIDATE_BUFFER_H
#define CUDA_VALIDATE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "cuda_validate/device.h"

enum buffer_place {
	BUFFER_DEVICE,
	BUFFER_PINNED,		/* host, page-locked: copied from directly */
	BUFFER_PAGEABLE,	/* host, as malloc() gives it */
};

/* Plain data; all zero is an empty buffer. */
struct buffer {
	void *data;
	size_t bytes;
	enum buffer_place place;
};

/**
 * `bytes` > 0 bytes at `place` into `*out`, on a boundary of 256 bytes at
 * least and not set to anything.  False, and the failure in `g` with what
 * was asked for and what is free, if there is no room.
 */
bool buffer_alloc(struct device *g, enum buffer_place place, size_t bytes,
		  struct buffer *out);

/** Release `b` and empty it; an empty one is a no-op. */
void buffer_free(struct buffer *b);

/** `b` from byte `offset` on. */
void *buffer_at(const struct buffer *b, size_t offset);

/**
 * Fill `b` with normally distributed random fp16 numbers of deviation
 * `scale`, made on the GPU from `seed`; returns when it is done.
 */
bool buffer_fill_random(struct device *g, const struct buffer *b, float scale,
			unsigned long long seed);

/** Fill `b` with 0xff, which is NaN in fp16; returns when it is done. */
bool buffer_poison(struct device *g, const struct buffer *b);

#endif
