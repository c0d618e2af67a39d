/* SPDX-License-Identifier: GPL-3.0-or-later */
/* threads.h - how many threads work is shared among. */
#ifndef BASE_THREADS_H
#define BASE_THREADS_H

#include <stddef.h>

enum { THREADS_MOST = 1024 };	/* more is a mistake, not a machine */

/** Processors that are online, 1 to THREADS_MOST.  Cannot fail. */
size_t threads_processors(void);

#endif
