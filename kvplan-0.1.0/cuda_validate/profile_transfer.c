/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/profile.h"

#include <cuda_runtime_api.h>

enum { SMALLEST = 4 << 10, LARGEST = 1 << 30 };

/* How a copy is timed. */
enum mode { MODE_WALL, MODE_SINGLE, MODE_QUEUED, MODES };

static const char *const mode_names[MODES] = { "wall", "single", "queued" };

static const char *const keys[] = { "bytes" };

static cJSON *attributes(enum profile_direction direction, bool pageable)
{
	cJSON *a = cJSON_CreateObject();

	cJSON_AddStringToObject(a, "direction",
				profile_direction_name(direction));
	cJSON_AddStringToObject(a, "memory", pageable ? "pageable" : "pinned");
	return a;
}

/* Powers of two, and half-way between them if `dense`. */
static size_t next_size(size_t bytes, bool dense)
{
	if (!dense)
		return 2 * bytes;
	return (bytes & (bytes - 1)) == 0 ? bytes / 2 * 3 : bytes / 3 * 4;
}

static bool measure_one(struct profile *p, const struct timing_job *job,
			enum mode mode, size_t bytes, struct timing *t)
{
	bool large = bytes >= (size_t)64 << 20;
	size_t samples = job->blocks ? 3 : large ? 5 : 11;

	switch (mode) {
	case MODE_WALL:
		return timer_wall(p->timer, job, samples, t);
	case MODE_SINGLE:
		return timer_chain(p->timer, job, 1, samples, t);
	default:
		return timer_device(p->timer, job, &(struct timing_plan){
			.sample_s = 2e-3, .most_chain = 128,
			.samples = samples }, t);
	}
}

static bool sizes(struct profile *p, enum profile_direction direction,
		  bool pageable, enum mode mode)
{
	struct profile_copy c = { .p = p, .direction = direction,
				  .pageable = pageable };
	struct timing_job job = { .issue = profile_issue_copy, .context = &c,
				  .blocks = pageable };
	cJSON *a = attributes(direction, pageable);

	cJSON_AddStringToObject(a, "mode", mode_names[mode]);
	samples_begin(p->samples, "transfer", a, keys, 1);
	for (c.bytes = SMALLEST; c.bytes <= LARGEST;
	     c.bytes = next_size(c.bytes, !pageable)) {
		const double row[] = { (double)c.bytes };
		struct timing t;

		if (!measure_one(p, &job, mode, c.bytes, &t))
			return false;
		samples_add(p->samples, row, &t);
	}
	return true;
}

/* Copies of one direction, dealt out to several streams. */
enum { MOST_STREAMS = 4 };

struct dealer {
	struct profile_copy copy;
	cudaStream_t streams[MOST_STREAMS];
	cudaEvent_t go, done[MOST_STREAMS];
	size_t nstreams, each;
};

/* One job: `each` copies on every stream, which begin and end together. */
static bool issue_dealt(void *context, struct CUstream_st *stream, size_t i)
{
	struct dealer *d = context;
	struct device *g = d->copy.p->g;
	bool ok = device_ok(g, cudaEventRecord(d->go, stream),
			    "cudaEventRecord");

	for (size_t s = 0; s < d->nstreams && ok; s++)
		ok = device_ok(g, cudaStreamWaitEvent(d->streams[s], d->go, 0),
			       "cudaStreamWaitEvent");
	for (size_t n = 0; n < d->each * d->nstreams && ok; n++)
		ok = profile_issue_copy(&d->copy, d->streams[n % d->nstreams],
					i * d->each * d->nstreams + n);
	for (size_t s = 0; s < d->nstreams && ok; s++)
		ok = device_ok(g, cudaEventRecord(d->done[s], d->streams[s]),
			       "cudaEventRecord") &&
		     device_ok(g, cudaStreamWaitEvent(stream, d->done[s], 0),
			       "cudaStreamWaitEvent");
	return ok;
}

static bool deal(struct profile *p, struct dealer *d)
{
	static const size_t bytes[] = { 64 << 10, 256 << 10, 1 << 20, 4 << 20,
					16 << 20, 64 << 20 };
	struct timing_job job = { .issue = issue_dealt, .context = d };
	cJSON *a = attributes(d->copy.direction, false);

	cJSON_AddNumberToObject(a, "streams", (double)d->nstreams);
	cJSON_AddNumberToObject(a, "copies_each", (double)d->each);
	samples_begin(p->samples, "transfer_streams", a, keys, 1);
	for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
		struct timing t;

		d->copy.bytes = bytes[i];
		if (!timer_chain(p->timer, &job, 1, 5, &t))
			return false;
		timing_divide(&t, d->each * d->nstreams);
		samples_add(p->samples, &(double){ (double)bytes[i] }, &t);
	}
	return true;
}

static bool streams(struct profile *p, enum profile_direction direction)
{
	struct dealer d = { .copy = { .p = p, .direction = direction },
			    .each = 8 };
	bool ok;

	d.go = device_event_new(p->g);
	for (size_t s = 0; s < MOST_STREAMS; s++) {
		d.streams[s] = device_stream_new(p->g);
		d.done[s] = device_event_new(p->g);
	}
	ok = !device_failed(p->g);
	for (d.nstreams = 1; d.nstreams <= MOST_STREAMS && ok; d.nstreams++)
		ok = deal(p, &d);
	device_event_free(d.go);
	for (size_t s = 0; s < MOST_STREAMS; s++) {
		device_stream_free(d.streams[s]);
		device_event_free(d.done[s]);
	}
	return ok;
}

/*
 * Whether a small copy overtakes a large one of the same direction that
 * another stream began before it: the time from both being ready to the
 * small one's end.
 */
struct race {
	struct profile_copy large, small;
	cudaStream_t other;
	cudaEvent_t go;
};

static bool issue_race(void *context, struct CUstream_st *stream, size_t i)
{
	struct race *r = context;
	struct device *g = r->large.p->g;

	/* the large copy of the sample before may still be on its way */
	return device_ok(g, cudaStreamSynchronize(r->other),
			 "cudaStreamSynchronize") &&
	       device_ok(g, cudaEventRecord(r->go, stream),
			 "cudaEventRecord") &&
	       device_ok(g, cudaStreamWaitEvent(r->other, r->go, 0),
			 "cudaStreamWaitEvent") &&
	       profile_issue_copy(&r->large, r->other, i) &&
	       profile_issue_copy(&r->small, stream, i);
}

static bool overtake(struct profile *p, enum profile_direction direction)
{
	static const char *const race_keys[] = { "large_bytes", "bytes" };
	struct race r = {
		.large = { .p = p, .direction = direction,
			   .bytes = 256 << 20 },
		.small = { .p = p, .direction = direction },
		.other = device_stream_new(p->g),
		.go = device_event_new(p->g),
	};
	struct timing_job job = { .issue = issue_race, .context = &r };
	bool ok = !device_failed(p->g);

	samples_begin(p->samples, "transfer_overtake",
		      attributes(direction, false), race_keys, 2);
	for (r.small.bytes = 1 << 20; r.small.bytes <= 64 << 20 && ok;
	     r.small.bytes *= 8) {
		const double row[] = { (double)r.large.bytes,
				       (double)r.small.bytes };
		struct timing t;

		ok = timer_chain(p->timer, &job, 1, 5, &t) &&
		     device_synchronise(p->g);
		if (ok)
			samples_add(p->samples, row, &t);
	}
	device_stream_free(r.other);
	device_event_free(r.go);
	return ok;
}

bool profile_transfer(struct profile *p)
{
	const int parts = 2 * 5 + 2;
	int done = 0;

	for (int d = 0; d < PROFILE_DIRECTIONS; d++) {
		for (int m = 0; m < MODES; m++) {
			if (!sizes(p, (enum profile_direction)d, false,
				   (enum mode)m))
				return false;
			profile_progress(p, (double)++done / parts);
		}
		/* a pageable copy blocks: there is no single one alone */
		if (!sizes(p, (enum profile_direction)d, true, MODE_WALL))
			return false;
		profile_progress(p, (double)++done / parts);
		if (!sizes(p, (enum profile_direction)d, true, MODE_QUEUED))
			return false;
		profile_progress(p, (double)++done / parts);
		if (!streams(p, (enum profile_direction)d) ||
		    !overtake(p, (enum profile_direction)d))
			return false;
		profile_progress(p, (double)++done / parts);
	}
	return true;
}
