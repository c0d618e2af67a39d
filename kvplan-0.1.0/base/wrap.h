/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wrap.h - prose on a terminal. */
#ifndef BASE_WRAP_H
#define BASE_WRAP_H

#include <stddef.h>
#include <stdio.h>

/**
 * Print the words of `text` in lines of at most `width` characters; a word
 * longer than that has a line of its own.
 */
void wrap_print(const char *text, size_t width, FILE *out);

#endif
