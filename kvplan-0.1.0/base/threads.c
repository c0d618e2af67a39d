/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/threads.h"

#include <unistd.h>

size_t threads_processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > THREADS_MOST ? THREADS_MOST : (size_t)n;
}
