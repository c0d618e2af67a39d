/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fingerprint.h - tells whether two inputs were the same.
 *
 * FNV-1a, 64 bits (Fowler, Noll, Vo): for traceability, not for security.
 */
#ifndef BASE_FINGERPRINT_H
#define BASE_FINGERPRINT_H

enum { FINGERPRINT_SIZE = 17 };	/* 16 hexadecimal digits and a NUL */

/** Write the fingerprint of the string `text` to `out`.  Cannot fail. */
void fingerprint_text(const char *text, char out[FINGERPRINT_SIZE]);

#endif
