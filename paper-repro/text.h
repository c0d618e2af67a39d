/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * text.h - sentences whose numbers are filled in.
 *
 * A place is {HOW METRIC STUDY AXIS=CHOICE; AXIS=CHOICE}: of the rows of the
 * study that are there, the least ("min"), the largest ("max"), both ("range",
 * as "3 % to 7 %"), or the one number that there is ("only"), with its unit; or
 * what was measured of them ("measured", as "range").
 */
#ifndef REPRODUCE_TEXT_H
#define REPRODUCE_TEXT_H

#include "paper-repro/item.h"
#include "paper-repro/run.h"

/**
 * `text` with its places filled from `results`, one for each of `item`'s
 * studies, into `*out`, which the caller frees.  STATUS_INVALID, quoting the
 * place, if it has no such form or no number.  On the machine of a bundle
 * that is not there a place becomes "(not measured)".
 */
MUST_CHECK enum status reproduce_text_fill(const struct item *item,
					   const struct study_results *results,
					   const char *text, char **out,
					   struct diag *d);

#endif
