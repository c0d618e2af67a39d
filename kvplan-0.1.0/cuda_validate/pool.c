/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/pool.h"

#include "base/quantity.h"

/* Copies begin at such addresses. */
enum { ALIGNMENT = 4096 };

void pool_want(struct pool_pieces *p, size_t bytes, size_t count)
{
	*p = (struct pool_pieces){ .data = NULL };
	if (bytes == 0 || count == 0)
		return;
	p->bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	p->wanted = count;
}

size_t pool_wanted_bytes(struct pool_pieces *const *p, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += p[i]->bytes * p[i]->wanted;
	return sum;
}

size_t pool_least_bytes(struct pool_pieces *const *p, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += p[i]->bytes;
	return sum;
}

bool pool_divide(struct device *g, char *data, size_t bytes,
		 struct pool_pieces *const *p, size_t n)
{
	size_t wanted = pool_wanted_bytes(p, n);
	size_t least = pool_least_bytes(p, n);
	double share = 1.0;
	char text[QUANTITY_SIZE], have[QUANTITY_SIZE];

	quantity_format((double)least, QUANTITY_BYTES, text);
	quantity_format((double)bytes, QUANTITY_BYTES, have);
	if (least > bytes)
		return device_fail(g, "the host pool has %s, but one layer "
				   "alone takes %s", have, text);
	/* one piece of each kind, and a share of the rest */
	if (wanted > bytes)
		share = (double)(bytes - least) / (double)(wanted - least);
	for (size_t i = 0; i < n; i++) {
		if (p[i]->wanted == 0)
			continue;
		p[i]->count = 1 + (size_t)(share *
					   (double)(p[i]->wanted - 1));
		p[i]->data = data;
		data += p[i]->bytes * p[i]->count;
	}
	return true;
}

void *pool_at(const struct pool_pieces *p, size_t i)
{
	if (p->count == 0)
		return NULL;
	return p->data + i % p->count * p->bytes;
}

bool pool_open(struct device *g, struct pool *p, size_t pinned_bytes,
	       size_t pageable_bytes)
{
	const size_t bytes[] = { pinned_bytes, pageable_bytes };
	struct buffer *buffers[] = { &p->pinned, &p->pageable };
	const enum buffer_place places[] = { BUFFER_PINNED,
					     BUFFER_PAGEABLE };

	for (size_t i = 0; i < 2; i++)
		if (bytes[i] > 0 &&
		    (!buffer_alloc(g, places[i], bytes[i], buffers[i]) ||
		     !buffer_fill_random(g, buffers[i], 1.0f, 77 + i)))
			return false;
	return true;
}

void pool_close(struct pool *p)
{
	buffer_free(&p->pinned);
	buffer_free(&p->pageable);
}
