/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/buffer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <cuda_runtime_api.h>

#include "base/quantity.h"
#include "cuda_validate/fill.h"

enum { PAGE_BYTES = 4096 };

static bool device_memory_is_out(struct device *g, size_t bytes)
{
	char asked[QUANTITY_SIZE], left[QUANTITY_SIZE], all[QUANTITY_SIZE];
	size_t available = 0, total = 0;

	(void)cudaGetLastError();
	(void)cudaMemGetInfo(&available, &total);
	quantity_format((double)bytes, QUANTITY_BYTES, asked);
	quantity_format((double)available, QUANTITY_BYTES, left);
	quantity_format((double)total, QUANTITY_BYTES, all);
	return device_fail(g, "out of memory: asked for %s, %s of %s are free",
			   asked, left, all);
}

static bool host_memory_is_out(struct device *g, size_t bytes,
			       const char *kind)
{
	char asked[QUANTITY_SIZE];

	(void)cudaGetLastError();
	quantity_format((double)bytes, QUANTITY_BYTES, asked);
	return device_fail(g, "out of host memory: asked for %s of %s memory",
			   asked, kind);
}

bool buffer_alloc(struct device *g, enum buffer_place place, size_t bytes,
		  struct buffer *out)
{
	cudaError_t e = cudaSuccess;
	void *data = NULL;

	assert(bytes > 0);
	if (device_failed(g))
		return false;
	switch (place) {
	case BUFFER_DEVICE:
		e = cudaMalloc(&data, bytes);
		if (e == cudaErrorMemoryAllocation)
			return device_memory_is_out(g, bytes);
		break;
	case BUFFER_PINNED:
		e = cudaHostAlloc(&data, bytes, cudaHostAllocPortable);
		if (e == cudaErrorMemoryAllocation)
			return host_memory_is_out(g, bytes, "pinned");
		break;
	case BUFFER_PAGEABLE:
		if (posix_memalign(&data, PAGE_BYTES, bytes) != 0)
			return host_memory_is_out(g, bytes, "pageable");
		break;
	}
	if (!device_ok(g, e, "allocating memory"))
		return false;
	*out = (struct buffer){ .data = data, .bytes = bytes, .place = place };
	return true;
}

void buffer_free(struct buffer *b)
{
	if (b->data != NULL && b->place == BUFFER_DEVICE)
		(void)cudaFree(b->data);
	if (b->data != NULL && b->place == BUFFER_PINNED)
		(void)cudaFreeHost(b->data);
	if (b->data != NULL && b->place == BUFFER_PAGEABLE)
		free(b->data);
	*b = (struct buffer){ .data = NULL };
}

void *buffer_at(const struct buffer *b, size_t offset)
{
	assert(offset < b->bytes);
	return (char *)b->data + offset;
}

/* Host memory by way of the GPU, piece by piece: faster than on the CPU. */
static bool fill_host(struct device *g, const struct buffer *b, float scale,
		      unsigned long long seed)
{
	enum { PIECE = 64 << 20 };
	struct buffer piece = { .data = NULL };
	bool ok = buffer_alloc(g, BUFFER_DEVICE,
			       b->bytes < PIECE ? b->bytes : PIECE, &piece);

	for (size_t at = 0; ok && at < b->bytes; at += piece.bytes) {
		size_t n = b->bytes - at;

		if (n > piece.bytes)
			n = piece.bytes;
		ok = device_ok(g, fill_random(piece.data, n / 2, scale, seed,
					      at / 2, NULL),
			       "filling with random numbers") &&
		     device_ok(g, cudaMemcpy(buffer_at(b, at), piece.data, n,
					     cudaMemcpyDeviceToHost),
			       "cudaMemcpy");
	}
	buffer_free(&piece);
	return ok;
}

bool buffer_fill_random(struct device *g, const struct buffer *b, float scale,
			unsigned long long seed)
{
	if (device_failed(g))
		return false;
	if (b->place != BUFFER_DEVICE)
		return fill_host(g, b, scale, seed);
	return device_ok(g, fill_random(b->data, b->bytes / 2, scale, seed, 0,
					NULL),
			 "filling with random numbers") &&
	       device_synchronise(g);
}

bool buffer_poison(struct device *g, const struct buffer *b)
{
	if (device_failed(g))
		return false;
	if (b->place != BUFFER_DEVICE) {
		memset(b->data, 0xff, b->bytes);
		return true;
	}
	return device_ok(g, cudaMemset(b->data, 0xff, b->bytes),
			 "cudaMemset") &&
	       device_synchronise(g);
}
