/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/timing.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include <cuda_runtime_api.h>

#include "base/xalloc.h"
#include "cuda_validate/probe.h"

/* Longest time that a stream is held, should nobody release it. */
enum { HOLD_LIMIT_MS = 500 };

struct timer {
	struct device *g;
	cudaStream_t stream;
	cudaEvent_t begin, end;
	volatile unsigned *released;	/* pinned; the kernels' tickets */
	unsigned ticket;
	size_t issued;
	double rest;		/* after a sample, over its time */
};

double timing_now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *s, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;

	if (i + 1 >= n)
		return s[n - 1];
	return s[i] + (at - (double)i) * (s[i + 1] - s[i]);
}

void timing_summarise(double *s, size_t n, struct timing *out)
{
	assert(n >= 1);
	qsort(s, n, sizeof *s, ascending);
	out->n = n;
	out->min_s = s[0];
	out->q1_s = quantile(s, n, 0.25);
	out->median_s = quantile(s, n, 0.5);
	out->q3_s = quantile(s, n, 0.75);
	out->max_s = s[n - 1];
}

void timing_divide(struct timing *t, size_t n)
{
	double by = (double)n;

	t->chain *= n;
	t->min_s /= by;
	t->q1_s /= by;
	t->median_s /= by;
	t->q3_s /= by;
	t->max_s /= by;
}

struct timer *timer_new(struct device *g)
{
	struct timer *t = xcalloc(1, sizeof *t);
	void *flag = NULL;

	t->g = g;
	t->stream = device_stream_new(g);
	t->begin = device_event_new(g);
	t->end = device_event_new(g);
	if (device_ok(g, cudaHostAlloc(&flag, sizeof *t->released,
				       cudaHostAllocMapped),
		      "cudaHostAlloc")) {
		t->released = flag;
		*t->released = 0;
	}
	if (device_failed(g)) {
		timer_free(t);
		return NULL;
	}
	return t;
}

void timer_free(struct timer *t)
{
	if (t == NULL)
		return;
	device_stream_free(t->stream);
	device_event_free(t->begin);
	device_event_free(t->end);
	(void)cudaFreeHost((void *)t->released);
	free(t);
}

struct CUstream_st *timer_stream(const struct timer *t)
{
	return t->stream;
}

bool timer_hold(struct timer *t, struct CUstream_st *stream)
{
	t->ticket = *t->released + 1;
	return device_ok(t->g, probe_hold(t->released, t->ticket,
					  HOLD_LIMIT_MS, stream),
			 "holding a stream");
}

void timer_release(struct timer *t)
{
	*t->released = t->ticket;
}

void timer_rest(struct timer *t, double ratio)
{
	t->rest = ratio;
}

void timer_pause(const struct timer *t, double busy_s)
{
	double s = t->rest * busy_s;
	struct timespec length;

	if (!(s > 0.0))
		return;
	length.tv_sec = (time_t)s;
	length.tv_nsec = (long)(1e9 * (s - (double)length.tv_sec));
	nanosleep(&length, NULL);
}

static bool issue_chain(struct timer *t, const struct timing_job *job,
			size_t chain)
{
	bool ok = true;

	for (size_t i = 0; i < chain && ok; i++)
		ok = job->issue(job->context, t->stream, t->issued++);
	return ok;
}

/* Time [s] of one of `chain` jobs. */
static bool sample(struct timer *t, const struct timing_job *job,
		   size_t chain, double *out)
{
	struct device *g = t->g;
	float ms = 0.0f;
	bool ok = job->blocks || timer_hold(t, t->stream);

	ok = ok && device_ok(g, cudaEventRecord(t->begin, t->stream),
			     "cudaEventRecord") &&
	     issue_chain(t, job, chain) &&
	     device_ok(g, cudaEventRecord(t->end, t->stream),
		       "cudaEventRecord");
	timer_release(t);
	if (!ok || !device_ok(g, cudaStreamSynchronize(t->stream),
			      "cudaStreamSynchronize") ||
	    !device_ok(g, cudaEventElapsedTime(&ms, t->begin, t->end),
		       "cudaEventElapsedTime"))
		return false;
	*out = 1e-3 * (double)ms / (double)chain;
	timer_pause(t, 1e-3 * (double)ms);
	return true;
}

bool timer_chain(struct timer *t, const struct timing_job *job, size_t chain,
		 size_t samples, struct timing *out)
{
	double *s = xcalloc(samples, sizeof *s), warm;
	bool ok = sample(t, job, chain, &warm);

	for (size_t i = 0; i < samples && ok; i++)
		ok = sample(t, job, chain, &s[i]);
	if (ok) {
		timing_summarise(s, samples, out);
		out->chain = chain;
	}
	free(s);
	return ok;
}

bool timer_device(struct timer *t, const struct timing_job *job,
		  const struct timing_plan *plan, struct timing *out)
{
	size_t chain = 1;
	double first, wanted;

	/* the first of all may load a kernel */
	if (!sample(t, job, 1, &first) || !sample(t, job, 1, &first))
		return false;
	wanted = first > 0.0 ? plan->sample_s / first
			     : (double)plan->most_chain;
	if (wanted > 1.0)
		chain = wanted < (double)plan->most_chain
				? (size_t)wanted : plan->most_chain;
	return timer_chain(t, job, chain, plan->samples, out);
}

bool timer_wall(struct timer *t, const struct timing_job *job, size_t samples,
		struct timing *out)
{
	double *s = xcalloc(samples, sizeof *s), start, warm;
	bool ok = sample(t, job, 1, &warm);

	for (size_t i = 0; i < samples && ok; i++) {
		start = timing_now_s();
		ok = issue_chain(t, job, 1) &&
		     device_ok(t->g, cudaStreamSynchronize(t->stream),
			       "cudaStreamSynchronize");
		s[i] = timing_now_s() - start;
	}
	if (ok) {
		timing_summarise(s, samples, out);
		out->chain = 1;
	}
	free(s);
	return ok;
}

bool timer_issue(struct timer *t, const struct timing_job *job, size_t chain,
		 size_t samples, struct timing *out)
{
	double *s = xcalloc(samples, sizeof *s), start, warm;
	bool ok = sample(t, job, 1, &warm);

	for (size_t i = 0; i < samples && ok; i++) {
		start = timing_now_s();
		ok = issue_chain(t, job, chain);
		s[i] = (timing_now_s() - start) / (double)chain;
		ok = ok && device_ok(t->g, cudaStreamSynchronize(t->stream),
				     "cudaStreamSynchronize");
	}
	if (ok) {
		timing_summarise(s, samples, out);
		out->chain = chain;
	}
	free(s);
	return ok;
}
