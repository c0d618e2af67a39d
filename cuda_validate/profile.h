/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * profile.h - what 'kvplan-gpu profile' measures, section by section.
 *
 * A section is a function in a file of its own, profile_NAME.c.  It appends
 * its series to the samples and returns false at once when the GPU fails.
 */
#ifndef CUDA_VALIDATE_PROFILE_H
#define CUDA_VALIDATE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/progress.h"
#include "cuda_validate/buffer.h"
#include "cuda_validate/matmul.h"
#include "cuda_validate/samples.h"
#include "cuda_validate/sensors.h"
#include "cuda_validate/timing.h"
#include "model/llm.h"

enum profile_direction { PROFILE_H2D, PROFILE_D2H, PROFILE_DIRECTIONS };

/* What the sections work with; plain data, filled by profile_open(). */
struct profile {
	struct device *g;
	struct timer *timer;
	struct matmul *matmul;
	struct samples *samples;
	struct progress *progress;
	const struct sensors *sensors;	/* NULL: none */
	const struct llm *models;	/* at least one */
	size_t nmodels;
	size_t threads;			/* of the CPU, at most */
	struct buffer data;		/* on the GPU: random, only read */
	struct buffer scratch;		/* on the GPU: written to */
	struct buffer pinned[PROFILE_DIRECTIONS];	/* host; the one of
					 * H2D random, the other's written */
	struct buffer pageable[PROFILE_DIRECTIONS];	/* likewise */
	const char *section;
	double start_s;			/* when all began, on timing's clock */
	double before, share;		/* of the progress, this section */
};

struct profile_section {
	const char *name;
	const char *summary;	/* one line */
	double weight;		/* how long it takes, about [s] */
	bool (*run)(struct profile *p);
};

/** All sections, in the order in which they run; `*n` of them. */
const struct profile_section *profile_sections(size_t *n);

/**
 * Allocate what `p` needs besides what the caller has filled in: g, samples,
 * progress, models, threads.  False if the GPU fails; profile_close() either
 * way.
 */
bool profile_open(struct profile *p);
void profile_close(struct profile *p);

/** Show that the share `done`, 0 to 1, of the present section is done. */
void profile_progress(const struct profile *p, double done);

/** "h2d", "d2h". */
const char *profile_direction_name(enum profile_direction d);

/* A copy of `bytes` between host and GPU, as a timing_job's context. */
struct profile_copy {
	struct profile *p;
	enum profile_direction direction;
	bool pageable;
	size_t bytes;
};

/**
 * Issue the copy; number `i` says which part of the buffers.  For
 * timing_job.issue, with a struct profile_copy * as context.
 */
bool profile_issue_copy(void *context, struct CUstream_st *stream, size_t i);

/* Some product, reading other weights each time. */
struct profile_product {
	struct profile *p;
	struct matmul_shape shape;
};

/** Whether the buffers hold its factors and its result. */
bool profile_product_fits(const struct profile *p,
			  const struct matmul_shape *s);

/** The same for a product; the context is a struct profile_product *. */
bool profile_issue_product(void *context, struct CUstream_st *stream,
			   size_t i);

/** The same for a read-and-write of `bytes` of device memory each. */
struct profile_move {
	struct profile *p;
	size_t bytes;
	bool engine;		/* by cudaMemcpyAsync(), not by a kernel */
};
bool profile_issue_move(void *context, struct CUstream_st *stream, size_t i);

bool profile_transfer(struct profile *p);
bool profile_contention(struct profile *p);
bool profile_launch(struct profile *p);
bool profile_host(struct profile *p);
bool profile_host_work(struct profile *p);	/* of profile_host() */
bool profile_gemm(struct profile *p);
bool profile_kernels(struct profile *p);
bool profile_power(struct profile *p);
bool profile_links(struct profile *p);

#endif
