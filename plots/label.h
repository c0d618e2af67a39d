/* SPDX-License-Identifier: GPL-3.0-or-later */
/* label.h - what axes are called: words, and the unit in brackets. */
#ifndef PLOTS_LABEL_H
#define PLOTS_LABEL_H

#include "base/quantity.h"

/** "prompt [tokens]" for the input or output `name`; NULL if not known. */
const char *label_words(const char *name);

/**
 * The unit of an axis whose numbers of dimension `q` reach `most` [SI]; NULL
 * if it has none.  `*scale` is what numbers are to be multiplied by.
 */
const char *label_unit(enum quantity q, double most, double *scale);

#endif
