/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xalloc.h - allocation that never returns NULL.
 *
 * When memory is gone there is no plan to hand back: a line on stderr and
 * exit status 70.
 */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>
#include <stdio.h>

/** `n` zeroed elements of `size` bytes; never NULL, the caller frees. */
void *xcalloc(size_t n, size_t size);

/** Resize `p` (or NULL) to `n` elements of `size` bytes; never NULL. */
void *xrealloc_array(void *p, size_t n, size_t size);

/**
 * Room in `p`, of `n` elements of `size` bytes, for one more: capacities are
 * powers of two, so that `n` tells when one is full.  Never NULL.
 */
void *xgrow(void *p, size_t n, size_t size);

/** `size` bytes, for libraries that ask for an allocator; never NULL. */
void *xmalloc(size_t size);

/**
 * A stream that writes to memory, as open_memstream() does; never NULL.  It
 * is finished with xmemstream_close(), which gives the text; caller frees.
 */
FILE *xmemstream(char **text, size_t *size);
void xmemstream_close(FILE *stream);

/** Copy of the string `s`; never NULL, the caller frees. */
char *xstrdup(const char *s);

#endif
