/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/launcher.h"

#include <stdlib.h>

/* What the first of both that is set says, if it is a number. */
static size_t read_number(const char *open_mpi, const char *pmi,
			  size_t otherwise)
{
	const char *text = getenv(open_mpi);
	char *end;
	unsigned long n;

	if (text == NULL)
		text = getenv(pmi);
	if (text == NULL)
		return otherwise;
	n = strtoul(text, &end, 10);
	return end != text && *end == '\0' ? n : otherwise;
}

size_t sweep_launcher_count(void)
{
	return read_number("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", 1);
}

size_t sweep_launcher_rank(void)
{
	return read_number("OMPI_COMM_WORLD_RANK", "PMI_RANK", 0);
}
