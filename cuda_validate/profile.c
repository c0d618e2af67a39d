/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/profile.h"

#include <cuda_runtime_api.h>

#include "cuda_validate/probe.h"

/* The largest transfer, and so the size of each host buffer. */
enum { HOST_BYTES = 1 << 30 };

static const struct profile_section sections[] = {
	{ "transfer", "copies between host and GPU, alone", 11.0,
	  profile_transfer },
	{ "contention", "copies against copies and kernels", 29.0,
	  profile_contention },
	{ "launch", "launches, hand-offs between streams, issue costs", 4.0,
	  profile_launch },
	{ "host", "memcpy and attention on the CPU", 14.0, profile_host },
	{ "gemm", "the models' matrix products", 80.0, profile_gemm },
	{ "kernels", "attention, element-wise kernels, device copies", 11.0,
	  profile_kernels },
	{ "power", "products at the power limit, with rests between", 42.0,
	  profile_power },
	{ "links", "the links of several GPUs at once", 3.0, profile_links },
};

const struct profile_section *profile_sections(size_t *n)
{
	*n = sizeof sections / sizeof sections[0];
	return sections;
}

const char *profile_direction_name(enum profile_direction d)
{
	return d == PROFILE_H2D ? "h2d" : "d2h";
}

void profile_progress(const struct profile *p, double done)
{
	progress_show(p->progress, p->before + p->share * done, p->section);
}

/* A quarter of the free memory for what is read and as much again for what
 * is written: any more than this is not needed. */
static bool open_device_memory(struct profile *p)
{
	const size_t most = (size_t)16 << 30;
	size_t available = 0, total = 0, each;

	if (!device_ok(p->g, cudaMemGetInfo(&available, &total),
		       "cudaMemGetInfo"))
		return false;
	each = available / 4 < most ? available / 4 : most;
	each -= each % 4096;
	return buffer_alloc(p->g, BUFFER_DEVICE, each, &p->data) &&
	       buffer_alloc(p->g, BUFFER_DEVICE, each, &p->scratch) &&
	       buffer_fill_random(p->g, &p->data, 1.0f, 1) &&
	       buffer_fill_random(p->g, &p->scratch, 1.0f, 2);
}

bool profile_open(struct profile *p)
{
	bool ok = open_device_memory(p);

	p->timer = ok ? timer_new(p->g) : NULL;
	p->matmul = ok ? matmul_new(p->g) : NULL;
	for (int d = 0; d < PROFILE_DIRECTIONS && ok; d++)
		ok = buffer_alloc(p->g, BUFFER_PINNED, HOST_BYTES,
				  &p->pinned[d]) &&
		     buffer_alloc(p->g, BUFFER_PAGEABLE, HOST_BYTES,
				  &p->pageable[d]) &&
		     buffer_fill_random(p->g, &p->pinned[d], 1.0f, 3) &&
		     buffer_fill_random(p->g, &p->pageable[d], 1.0f, 4);
	return ok && !device_failed(p->g);
}

void profile_close(struct profile *p)
{
	timer_free(p->timer);
	matmul_free(p->matmul);
	buffer_free(&p->data);
	buffer_free(&p->scratch);
	for (int d = 0; d < PROFILE_DIRECTIONS; d++) {
		buffer_free(&p->pinned[d]);
		buffer_free(&p->pageable[d]);
	}
}

/* Where the `i`-th of the pieces of `bytes` that fit into `b` lies. */
static void *piece(const struct buffer *b, size_t bytes, size_t i)
{
	size_t step = (bytes + 4095) / 4096 * 4096;
	size_t n = b->bytes / step;

	return buffer_at(b, n == 0 ? 0 : i % n * step);
}

bool profile_issue_copy(void *context, struct CUstream_st *stream, size_t i)
{
	struct profile_copy *c = context;
	struct profile *p = c->p;
	const struct buffer *host = c->pageable ? p->pageable : p->pinned;
	bool in = c->direction == PROFILE_H2D;

	/* what is written is never read: neither data nor scratch is both */
	return device_ok(p->g, cudaMemcpyAsync(
			in ? piece(&p->scratch, c->bytes, i)
			   : piece(&host[PROFILE_D2H], c->bytes, i),
			in ? piece(&host[PROFILE_H2D], c->bytes, i)
			   : piece(&p->data, c->bytes, i),
			c->bytes, in ? cudaMemcpyHostToDevice
				     : cudaMemcpyDeviceToHost, stream),
			"cudaMemcpyAsync");
}

bool profile_product_fits(const struct profile *p,
			  const struct matmul_shape *s)
{
	return s->m * s->n * 2 <= p->scratch.bytes &&
	       (s->m * s->k + s->n * s->k) * 2 <= p->data.bytes;
}

bool profile_issue_product(void *context, struct CUstream_st *stream,
			   size_t i)
{
	struct profile_product *q = context;
	struct profile *p = q->p;
	size_t x = q->shape.m * q->shape.k * 2;
	size_t w = q->shape.n * q->shape.k * 2;
	struct buffer weights = { .data = p->data.data,
				  .bytes = p->data.bytes };

	/* weights from behind X, if there is room for them */
	x = (x + 4095) / 4096 * 4096;
	if (x + w <= p->data.bytes) {
		weights.data = buffer_at(&p->data, x);
		weights.bytes -= x;
	}
	return matmul_run(p->matmul, &q->shape, p->data.data,
			  piece(&weights, w, i), p->scratch.data, stream);
}

bool profile_issue_move(void *context, struct CUstream_st *stream, size_t i)
{
	struct profile_move *m = context;
	struct profile *p = m->p;
	void *to = piece(&p->scratch, m->bytes, i);
	const void *from = piece(&p->data, m->bytes, i);

	if (m->engine)
		return device_ok(p->g, cudaMemcpyAsync(
				to, from, m->bytes, cudaMemcpyDeviceToDevice,
				stream), "cudaMemcpyAsync");
	return device_ok(p->g, probe_copy(to, from, m->bytes, stream),
			 "copying on the GPU");
}
