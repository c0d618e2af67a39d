/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * claim.h - no output takes the place of an input, or of another output.
 *
 * A program that called claim_begin() remembers the regular files that it
 * reads (file_open(), claim_stream()) and writes (file_commit()) by device
 * and inode, so that "./a.json", a link and "a.json" are the same; then
 * file_create() refuses them.  Without claim_begin() all of this does nothing:
 * a library may rewrite what it read.  May be called by several threads.
 */
#ifndef BASE_CLAIM_H
#define BASE_CLAIM_H

#include <stdio.h>

#include "base/diag.h"

/** From now on, remember. */
void claim_begin(void);

/** Remember the file of `f`. */
void claim_stream(FILE *f);

/** STATUS_USAGE if `path` is a file that is remembered. */
MUST_CHECK enum status claim_check(const char *path, struct diag *d);

/** Forget all, and remember no more. */
void claim_end(void);

#endif
