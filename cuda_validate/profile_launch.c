/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/profile.h"

#include <cuda_runtime_api.h>

#include "cuda_validate/probe.h"

/* What a stream can be asked for. */
enum request {
	REQUEST_KERNEL,
	REQUEST_H2D,
	REQUEST_D2H,
	REQUEST_GEMM,
	REQUEST_EVENT,
	REQUEST_WAIT,
	REQUEST_HOST,
	REQUESTS
};

static const char *const request_names[REQUESTS] = {
	"kernel", "h2d", "d2h", "gemm", "event", "wait", "host"
};

/* A host function that does nothing. */
static void CUDART_CB nothing(void *context)
{
	(void)context;
}

struct asked {
	struct profile *p;
	enum request request;
	cudaEvent_t event;
	struct profile_copy copies[PROFILE_DIRECTIONS];
	struct profile_product product;
};

static bool issue_request(void *context, struct CUstream_st *stream, size_t i)
{
	struct asked *a = context;
	struct device *g = a->p->g;

	switch (a->request) {
	case REQUEST_KERNEL:
		return device_ok(g, probe_empty(stream), "an empty kernel");
	case REQUEST_H2D:
	case REQUEST_D2H:
		return profile_issue_copy(&a->copies[a->request - REQUEST_H2D],
					  stream, i);
	case REQUEST_GEMM:
		return profile_issue_product(&a->product, stream, i);
	case REQUEST_EVENT:
		return device_ok(g, cudaEventRecord(a->event, stream),
				 "cudaEventRecord");
	case REQUEST_WAIT:
		return device_ok(g, cudaStreamWaitEvent(stream, a->event, 0),
				 "cudaStreamWaitEvent");
	case REQUEST_HOST:
		return device_ok(g, cudaLaunchHostFunc(stream, nothing, NULL),
				 "cudaLaunchHostFunc");
	case REQUESTS:
		break;
	}
	return false;
}

static struct asked ask(struct profile *p, enum request request,
			size_t bytes, cudaEvent_t event)
{
	struct asked a = { .p = p, .request = request, .event = event };

	for (int d = 0; d < PROFILE_DIRECTIONS; d++)
		a.copies[d] = (struct profile_copy){
			.p = p, .direction = (enum profile_direction)d,
			.bytes = bytes };
	a.product = (struct profile_product){
		.p = p, .shape = { .m = 16, .n = 1024, .k = 1024,
				   .row = 1024 } };
	return a;
}

static cJSON *named(const char *key, const char *value)
{
	cJSON *a = cJSON_CreateObject();

	cJSON_AddStringToObject(a, key, value);
	return a;
}

/* What each request costs the thread that issues it, and the GPU. */
static bool requests(struct profile *p, cudaEvent_t event)
{
	enum { SMALL = 64 << 10, CHAIN = 100, SAMPLES = 15 };
	struct timing t;

	for (int r = 0; r < REQUESTS; r++) {
		struct asked a = ask(p, (enum request)r, SMALL, event);
		struct timing_job job = { .issue = issue_request,
					  .context = &a };

		samples_begin(p->samples, "issue",
			      named("request", request_names[r]), NULL, 0);
		if (!timer_issue(p->timer, &job, CHAIN, SAMPLES, &t))
			return false;
		samples_add(p->samples, NULL, &t);
		samples_begin(p->samples, "execute",
			      named("request", request_names[r]), NULL, 0);
		if (!timer_chain(p->timer, &job, CHAIN, SAMPLES, &t))
			return false;
		samples_add(p->samples, NULL, &t);
		samples_begin(p->samples, "round_trip",
			      named("request", request_names[r]), NULL, 0);
		if (!timer_wall(p->timer, &job, 3 * SAMPLES, &t))
			return false;
		samples_add(p->samples, NULL, &t);
	}
	return true;
}

/* Kernels one after another: the chain's length is the row's. */
static bool chains(struct profile *p, cudaEvent_t event)
{
	struct asked a = ask(p, REQUEST_KERNEL, 0, event);
	struct timing_job job = { .issue = issue_request, .context = &a };
	struct timing t;

	samples_begin(p->samples, "chain", named("request", "kernel"), NULL,
		      0);
	for (size_t n = 1; n <= 512; n *= 2) {
		if (!timer_chain(p->timer, &job, n, 11, &t))
			return false;
		samples_add(p->samples, NULL, &t);
	}
	return true;
}

/*
 * From one stream to another and back: first on the timer's, second on the
 * other, each waiting for the one before.
 */
struct relay {
	struct asked first, second;
	cudaStream_t other;
	cudaEvent_t there, back;
};

static bool hand_over(struct device *g, cudaEvent_t e, cudaStream_t from,
		      cudaStream_t to)
{
	return device_ok(g, cudaEventRecord(e, from), "cudaEventRecord") &&
	       device_ok(g, cudaStreamWaitEvent(to, e, 0),
			 "cudaStreamWaitEvent");
}

static bool issue_relay(void *context, struct CUstream_st *stream, size_t i)
{
	struct relay *r = context;
	struct device *g = r->first.p->g;

	if (r->other == NULL)		/* the same stream all along */
		return issue_request(&r->first, stream, i) &&
		       issue_request(&r->second, stream, i);
	return issue_request(&r->first, stream, i) &&
	       hand_over(g, r->there, stream, r->other) &&
	       issue_request(&r->second, r->other, i) &&
	       hand_over(g, r->back, r->other, stream);
}

static bool relays(struct profile *p, cudaStream_t other, cudaEvent_t there,
		   cudaEvent_t back)
{
	static const enum request pairs[][2] = {
		{ REQUEST_KERNEL, REQUEST_KERNEL },
		{ REQUEST_KERNEL, REQUEST_H2D },
		{ REQUEST_KERNEL, REQUEST_D2H },
		{ REQUEST_H2D, REQUEST_H2D },
		{ REQUEST_H2D, REQUEST_D2H },
	};
	static const char *const keys[] = { "bytes" };
	struct timing t;

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		for (int two = 0; two < 2; two++) {
			cJSON *a = named("first", request_names[pairs[i][0]]);

			cJSON_AddStringToObject(a, "second",
						request_names[pairs[i][1]]);
			cJSON_AddNumberToObject(a, "streams", 1 + two);
			samples_begin(p->samples, "relay", a, keys, 1);
			for (size_t bytes = 4 << 10; bytes <= 4 << 20;
			     bytes *= 32) {
				struct relay r = {
					.first = ask(p, pairs[i][0], bytes,
						     NULL),
					.second = ask(p, pairs[i][1], bytes,
						      NULL),
					.other = two ? other : NULL,
					.there = there, .back = back,
				};
				struct timing_job job = {
					.issue = issue_relay, .context = &r };

				if (!timer_chain(p->timer, &job, 40, 11, &t))
					return false;
				samples_add(p->samples,
					    &(double){ (double)bytes }, &t);
			}
		}
	return true;
}

bool profile_launch(struct profile *p)
{
	cudaStream_t other = device_stream_new(p->g);
	cudaEvent_t there = device_event_new(p->g);
	cudaEvent_t back = device_event_new(p->g);
	bool ok = !device_failed(p->g) &&
		  device_ok(p->g, cudaEventRecord(there, other),
			    "cudaEventRecord");

	ok = ok && requests(p, there) && chains(p, there);
	profile_progress(p, 0.5);
	ok = ok && relays(p, other, there, back);
	profile_progress(p, 1.0);
	device_stream_free(other);
	device_event_free(there);
	device_event_free(back);
	return ok;
}
