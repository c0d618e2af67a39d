/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/xalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_NO_MEMORY = 70 };	/* EX_SOFTWARE of sysexits.h */

static void *or_die(void *p)
{
	if (p != NULL)
		return p;
	fputs("kvplan: out of memory\n", stderr);
	exit(EXIT_NO_MEMORY);
}

/* An allocation of nothing still yields a pointer that can be freed. */
void *xcalloc(size_t n, size_t size)
{
	return or_die(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc_array(void *p, size_t n, size_t size)
{
	if (n == 0 || size == 0)
		n = size = 1;
	return or_die(n > SIZE_MAX / size ? NULL : realloc(p, n * size));
}

void *xgrow(void *p, size_t n, size_t size)
{
	if ((n & (n - 1)) != 0)
		return p;
	return xrealloc_array(p, n > 0 ? 2 * n : 1, size);
}

void *xmalloc(size_t size)
{
	return or_die(malloc(size ? size : 1));
}

FILE *xmemstream(char **text, size_t *size)
{
	return or_die(open_memstream(text, size));
}

void xmemstream_close(FILE *stream)
{
	if (ferror(stream) | fclose(stream))
		or_die(NULL);
}

char *xstrdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(xcalloc(size, 1), s, size);
}
