/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sweep_subject.h - a sweep in a test, from texts. */
#ifndef TESTS_SWEEP_SUBJECT_H
#define TESTS_SWEEP_SUBJECT_H

#include "sweep/worker.h"

/* A sweep of which some options are given and some axes vary. */
struct sweep_subject {
	struct sweep sweep;		/* begun by sweep_new() */
	struct sweep_worker *worker;
};

/**
 * `options` as "name=value", `axes` as for --vary, both NULL-terminated;
 * `columns` as for --columns.  A mistake in one fails the test.
 */
void sweep_subject_make(struct sweep_subject *s, const char *const *options,
			const char *const *axes, const char *columns);

/** What is found out about `point`, which has to have a plan. */
struct sweep_result sweep_subject_at(struct sweep_subject *s, uint64_t point);

/** Release what `s` owns. */
void sweep_subject_clear(struct sweep_subject *s);

#endif
