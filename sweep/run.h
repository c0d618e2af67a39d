/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run.h - works out the points of a sweep and writes them in order.
 *
 * Points are dealt in pieces to the threads here and to the other ranks as
 * they have room; a ring of pieces puts them back into order.  The ring has a
 * few places for each thread, so memory does not grow with the number of
 * points.  Each piece is flushed as it is written.
 */
#ifndef SWEEP_RUN_H
#define SWEEP_RUN_H

#include "sweep/file.h"
#include "sweep/ranks.h"

/**
 * Write the points `file->next` .. `end` - 1 of `s`, with `jobs` threads of
 * its own beside those of the other ranks; `file->next` follows.  On SIGINT
 * and SIGTERM it ends early, `*signal_number` set, with all written that was
 * done in order.  STATUS_IO if writing fails.
 */
MUST_CHECK enum status sweep_run(const struct sweep *s,
				 struct sweep_ranks *ranks,
				 struct sweep_file *file, uint64_t end,
				 size_t jobs, int *signal_number,
				 struct diag *d);

#endif
