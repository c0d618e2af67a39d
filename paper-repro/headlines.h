/* SPDX-License-Identifier: GPL-3.0-or-later */
/* headlines.h - the report's tables of what the paper claims. */
#ifndef REPRODUCE_HEADLINES_H
#define REPRODUCE_HEADLINES_H

#include <stdio.h>

#include "paper-repro/make.h"

/** One table of all headlines: paper, band, nearest. */
void reproduce_headlines_summary(const struct reproduction *r, size_t n,
				 FILE *out);

/** What `write` of export.h writes of `b`, as HTML. */
void reproduce_headlines_words(const struct band *b,
			       void (*write)(const struct band *, FILE *),
			       FILE *out);

/** Title, what was tried, verdicts and the nearest sets of `b` of `item`. */
void reproduce_headlines_verdict(const char *item, const struct band *b,
				 FILE *out);

/** What each assumption does alone. */
void reproduce_headlines_effects(const struct band *b, FILE *out);

#endif
