/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.h - texts from outside, made fit to be shown. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/**
 * Replace each control character of `text` by a space and each byte that is
 * not part of a valid UTF-8 character, as at the end of a text that was cut,
 * by '?', in place.
 */
void text_clean(char *text);

#endif
