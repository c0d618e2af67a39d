/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nearest.h - the name that somebody who mistyped one probably meant. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/**
 * The first of `n` `names` that begins with `name`, if that has three letters
 * or more; else the one with the smallest edit distance to `name`; of
 * equals the one with the longest common beginning, then the first.  NULL
 * if even that one differs in more than half of its letters.  Case is
 * ignored there.  Cannot fail.
 */
const char *nearest_name(const char *name, const char *const *names,
			 size_t n);

#endif
