/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fact.h - reads the numbers of the paper, and where they belong. */
#ifndef REPRODUCE_FACT_H
#define REPRODUCE_FACT_H

#include "base/json.h"
#include "paper-repro/study.h"

/** The place that the object `key` of `at` describes, if it is there. */
MUST_CHECK enum status reproduce_fact_place(const struct study *s,
					     const struct json *at,
					     const char *key,
					     struct study_place *out,
					     struct diag *d);

/**
 * The number, of dimension `q`, confidence and source of a fact: members of
 * `at`.  Confidence is quoted, derived or inferred.
 */
MUST_CHECK enum status reproduce_fact_read(const struct json *at,
					    enum quantity q,
					    struct study_fact *out,
					    struct diag *d);

#endif
