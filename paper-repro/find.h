/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * find.h - what an item's members name: studies, axes, metrics, texts.
 *
 * STATUS_INVALID names the member, what was found and what is expected.
 */
#ifndef REPRODUCE_FIND_H
#define REPRODUCE_FIND_H

#include "paper-repro/item.h"

/** The study of `item` that the member "study" of `at` names. */
MUST_CHECK enum status reproduce_find_study(const struct json *at,
					    const struct item *item,
					    size_t *out, struct diag *d);

/** The metric `name` of `s`, which stands in the member `key`. */
MUST_CHECK enum status reproduce_find_metric(const struct json *at,
					     const char *key,
					     const struct study *s,
					     const char *name, size_t *out,
					     struct diag *d);

/** The axis `name` of `s`, which stands in the member `key`. */
MUST_CHECK enum status reproduce_find_axis(const struct json *at,
					   const char *key,
					   const struct study *s,
					   const char *name, size_t *out,
					   struct diag *d);

/** The axis that the member `key` names; STUDY_ANY if there is none. */
MUST_CHECK enum status reproduce_find_own_axis(const struct json *at,
					       const char *key,
					       const struct study *s,
					       size_t *out, struct diag *d);

/** The texts of the list `key`, `most` at most; none if it is not there. */
MUST_CHECK enum status reproduce_find_texts(const struct json *at,
					    const char *key, const char **out,
					    size_t most, size_t *n,
					    struct diag *d);

#endif
