/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crew.h - cases simulated by as many threads as there are processors.
 *
 * Each result depends on its case alone, so that threads change no bit.
 */
#ifndef REPRODUCE_CREW_H
#define REPRODUCE_CREW_H

#include "evaluate/case.h"
#include "paper-repro/run.h"

struct crew;				/* opaque: cases that wait */

struct crew *reproduce_crew_new(void);

/** Release `c` and the cases that still wait; NULL is a no-op. */
void reproduce_crew_free(struct crew *c);

/** Let `from`, which `c` takes over, be simulated into `to`. */
void reproduce_crew_add(struct crew *c, struct reproduced *to,
			const struct decode_case *from);

/**
 * Simulate all that wait.  What does not fit, or asks for a figure that is not
 * stated, leaves `done` unset and says why; of other failures the first, in the
 * order of reproduce_crew_add(), is returned, with the case's options.
 */
MUST_CHECK enum status reproduce_crew_run(struct crew *c, struct diag *d);

#endif
