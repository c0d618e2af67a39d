/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/contention.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include <cuda_runtime_api.h>

#include "base/xalloc.h"

/* More than this are not issued at once: the driver's queue would fill, and
 * the thread wait for what it has yet to release. */
enum { MOST_REPEATS = 500 };

struct load {
	const struct timing_job *job;
	cudaStream_t stream;
	cudaEvent_t started, ended;
	double alone_s;		/* one job */
	size_t repeats, issued;
};

struct scene {
	struct device *g;
	struct timer *timer;
	const struct timing_job *job;
	size_t chain, issued;
	cudaEvent_t go, begin, end;
	struct load loads[CONTENTION_MOST_LOADS];
	size_t nloads;
};

static bool record(struct scene *s, cudaEvent_t e, cudaStream_t stream)
{
	return device_ok(s->g, cudaEventRecord(e, stream), "cudaEventRecord");
}

static bool wait(struct scene *s, cudaStream_t stream, cudaEvent_t e)
{
	return device_ok(s->g, cudaStreamWaitEvent(stream, e, 0),
			 "cudaStreamWaitEvent");
}

static bool repeat(const struct timing_job *job, cudaStream_t stream,
		   size_t *issued, size_t n)
{
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++)
		ok = job->issue(job->context, stream, (*issued)++);
	return ok;
}

/* Everything waits for the first load's stream, which is held. */
static bool issue(struct scene *s)
{
	cudaStream_t stream = timer_stream(s->timer);
	bool ok = timer_hold(s->timer, s->loads[0].stream) &&
		  record(s, s->go, s->loads[0].stream);

	for (size_t i = 0; i < s->nloads && ok; i++) {
		struct load *l = &s->loads[i];

		ok = wait(s, l->stream, s->go) &&
		     repeat(l->job, l->stream, &l->issued, 1) &&
		     record(s, l->started, l->stream) &&
		     wait(s, stream, l->started);
	}
	ok = ok && record(s, s->begin, stream) &&
	     repeat(s->job, stream, &s->issued, s->chain) &&
	     record(s, s->end, stream);
	for (size_t i = 0; i < s->nloads && ok; i++) {
		struct load *l = &s->loads[i];

		ok = repeat(l->job, l->stream, &l->issued, l->repeats) &&
		     record(s, l->ended, l->stream);
	}
	timer_release(s->timer);
	return ok;
}

/* One chain; `*covered` if no load had ended before it. */
static bool sample(struct scene *s, double *time_s, bool *covered)
{
	float ms = 0.0f;

	if (!issue(s) || !device_ok(s->g, cudaEventSynchronize(s->end),
				    "cudaEventSynchronize"))
		return false;
	*covered = true;
	for (size_t i = 0; i < s->nloads; i++)
		*covered = *covered &&
			   cudaEventQuery(s->loads[i].ended) ==
				   cudaErrorNotReady;
	(void)cudaGetLastError();	/* "not ready" is no failure */
	for (size_t i = 0; i < s->nloads; i++)
		if (!device_ok(s->g, cudaStreamSynchronize(
					     s->loads[i].stream),
			       "cudaStreamSynchronize"))
			return false;
	if (!device_ok(s->g, cudaEventElapsedTime(&ms, s->begin, s->end),
		       "cudaEventElapsedTime"))
		return false;
	*time_s = 1e-3 * (double)ms / (double)s->chain;
	timer_pause(s->timer, 1e-3 * (double)ms);
	return true;
}

/* Let each load last for `chain_s`; false if it cannot. */
static bool lengthen(struct scene *s, double chain_s)
{
	for (size_t i = 0; i < s->nloads; i++) {
		struct load *l = &s->loads[i];
		double n = ceil(chain_s / l->alone_s) + 2.0;

		if (n > MOST_REPEATS)
			return false;
		l->repeats = (size_t)n;
	}
	return true;
}

static bool sample_all(struct scene *s, const struct timing_plan *plan,
		       double alone_s, struct timing *out)
{
	double *times = xcalloc(plan->samples, sizeof *times);
	double chain_s = 3.0 * alone_s * (double)s->chain;
	size_t n = 0;
	bool ok = true, covered, possible = lengthen(s, chain_s);

	while (ok && possible && n < plan->samples) {
		ok = sample(s, &times[n], &covered);
		if (ok && covered) {
			n++;
		} else if (ok) {
			n = 0;
			chain_s *= 2.0;
			possible = lengthen(s, chain_s);
		}
	}
	out->n = 0;
	if (ok && possible) {
		timing_summarise(times, n, out);
		out->chain = s->chain;
	}
	free(times);
	return ok;
}

static bool open_scene(struct scene *s, const struct timing_job *loads)
{
	struct timing alone;
	bool ok;

	s->go = device_event_new(s->g);
	s->begin = device_event_new(s->g);
	s->end = device_event_new(s->g);
	for (size_t i = 0; i < s->nloads; i++) {
		struct load *l = &s->loads[i];

		assert(!loads[i].blocks);
		l->job = &loads[i];
		l->stream = device_stream_new(s->g);
		l->started = device_event_new(s->g);
		l->ended = device_event_new(s->g);
	}
	ok = !device_failed(s->g);
	for (size_t i = 0; i < s->nloads && ok; i++) {
		ok = timer_chain(s->timer, &loads[i], 4, 1, &alone);
		s->loads[i].alone_s = alone.median_s;
	}
	return ok;
}

static void close_scene(struct scene *s)
{
	device_event_free(s->go);
	device_event_free(s->begin);
	device_event_free(s->end);
	for (size_t i = 0; i < s->nloads; i++) {
		device_stream_free(s->loads[i].stream);
		device_event_free(s->loads[i].started);
		device_event_free(s->loads[i].ended);
	}
}

bool contention_measure(struct device *g, struct timer *t,
			const struct timing_job *job,
			const struct timing_plan *plan,
			const struct timing_job *loads, size_t n,
			struct timing *out)
{
	struct scene s = { .g = g, .timer = t, .job = job, .nloads = n };
	struct timing alone;
	bool ok;

	assert(n >= 1 && n <= CONTENTION_MOST_LOADS && !job->blocks);
	ok = open_scene(&s, loads) &&
	     timer_device(t, job, &(struct timing_plan){
			.sample_s = plan->sample_s,
			.most_chain = plan->most_chain, .samples = 1 },
			  &alone);
	if (ok) {
		s.chain = alone.chain;
		ok = sample_all(&s, plan, alone.median_s, out);
	}
	close_scene(&s);
	return ok;
}
