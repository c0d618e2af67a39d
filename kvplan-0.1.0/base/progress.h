/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * progress.h - how far a long command has come, on one line of stderr.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdbool.h>

struct progress;		/* opaque */

/**
 * A line that shows itself on a terminal, or everywhere if `always`: there
 * as a line for each new label.
 */
struct progress *progress_new(bool always);

/** Show that the share `done`, 0 to 1, is done and `label` is under way. */
void progress_show(struct progress *p, double done, const char *label);

/** Clear the line and release `p`; NULL is a no-op. */
void progress_free(struct progress *p);

#endif
