/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timing.h - how long something takes on the GPU.
 *
 * A sample is a chain: `chain` times the same job, issued back to back on
 * one stream between two events, and the time of one is the chain's over
 * `chain`.  So that the chain is back to back on the GPU too, and not paced
 * by the thread that issues it, a kernel holds the stream until all of it is
 * issued.  Jobs that block while they are issued (copies of pageable memory)
 * must not be held.
 *
 * A job that reads the same data every time would find it in the L2 cache;
 * each issue gets a number that grows, to choose among several sets of data.
 */
#ifndef CUDA_VALIDATE_TIMING_H
#define CUDA_VALIDATE_TIMING_H

#include <stdbool.h>
#include <stddef.h>

#include "cuda_validate/device.h"

/* What was found of one quantity; plain data. */
struct timing {
	size_t chain;		/* jobs in a sample */
	size_t n;		/* samples */
	double min_s, q1_s, median_s, q3_s, max_s;	/* of one job */
};

/** Seconds of a clock that only goes forward. */
double timing_now_s(void);

/**
 * Sort the `n` >= 1 samples `s` and summarise them; quartiles between two
 * samples are interpolated.  `chain` is left alone.
 */
void timing_summarise(double *s, size_t n, struct timing *out);

/** Let `t` be of `n` times as many jobs in the same time. */
void timing_divide(struct timing *t, size_t n);

struct timing_job {
	/** Issue the job on `stream`, with the data set of number `i`. */
	bool (*issue)(void *context, struct CUstream_st *stream, size_t i);
	void *context;
	bool blocks;		/* while it is issued: no holding */
};

/* How to sample. */
struct timing_plan {
	double sample_s;	/* a chain should take this long */
	size_t most_chain;	/* and have at most this many jobs */
	size_t samples;
};

struct timer;			/* opaque: stream, events, what holds it */

/** A timer on `g`, which must outlive it; NULL if `g` fails. */
struct timer *timer_new(struct device *g);
void timer_free(struct timer *t);	/* NULL is a no-op */

/** The stream that jobs are issued on. */
struct CUstream_st *timer_stream(const struct timer *t);

/**
 * Hold `stream` (the timer's, or another of its device) until
 * timer_release(), or for half a second at most.
 */
bool timer_hold(struct timer *t, struct CUstream_st *stream);
void timer_release(struct timer *t);

/**
 * From now on leave the GPU idle after each sample, for `ratio` times as long
 * as the sample took: so that one that draws much power does not lower its
 * own clocks.  0, as at first: no rest.
 */
void timer_rest(struct timer *t, double ratio);

/** Sleep as long as a sample of `busy_s` asks for. */
void timer_pause(const struct timer *t, double busy_s);

/** Warm up, choose a chain, sample the device's time of `job`. */
bool timer_device(struct timer *t, const struct timing_job *job,
		  const struct timing_plan *plan, struct timing *out);

/** Sample the time of a chain of exactly `chain` jobs, after one to warm up. */
bool timer_chain(struct timer *t, const struct timing_job *job, size_t chain,
		 size_t samples, struct timing *out);

/**
 * Sample the host's time of one job from its issue until the stream is idle
 * again, as a thread that waits for it would see it.
 */
bool timer_wall(struct timer *t, const struct timing_job *job, size_t samples,
		struct timing *out);

/**
 * Sample the host's time of issuing a job, in chains of `chain` that find
 * the stream idle; what the GPU does is not waited for.
 */
bool timer_issue(struct timer *t, const struct timing_job *job, size_t chain,
		 size_t samples, struct timing *out);

#endif
