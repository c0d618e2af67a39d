/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/profile.h"

#include <math.h>
#include <time.h>

#include <cuda_runtime_api.h>

/* A series is long enough for the clock to settle in its first half. */
#define WINDOW_S 0.2
enum { WINDOWS = 10, MOST_BURSTS = 4096 };

/* Then the GPU rests, so that all begin alike. */
#define REST_S 0.5

/* Of products that pause, about as long as a layer's; of those that do not,
 * so long that issuing them anew leaves no gap to speak of. */
#define BURST_S 5e-3
#define ENDLESS_BURST_S 25e-3

struct power {
	struct profile *p;
	struct profile_product product;
	cudaEvent_t begin, end;
	double duty, burst_s;
	double rested_s, rested_mhz;
	size_t chain;			/* products in a burst, after a first */
	size_t issued;
	double samples[MOST_BURSTS];	/* of a window, a product's time */
};

static void sleep_for(double s)
{
	struct timespec length;

	if (!(s > 0.0))
		return;
	length.tv_sec = (time_t)s;
	length.tv_nsec = (long)(1e9 * (s - (double)length.tv_sec));
	nanosleep(&length, NULL);
}

static bool issue(struct power *w, size_t products)
{
	bool ok = true;

	for (size_t i = 0; i < products && ok; i++)
		ok = profile_issue_product(&w->product,
					   timer_stream(w->p->timer),
					   w->issued++);
	return ok;
}

/* Products one after another, and a look at the clock meanwhile.  The first
 * is not timed: a GPU that rests reaches an event before the product behind it
 * is issued. */
static bool burst(struct power *w, double *each_s, double *mhz)
{
	struct device *g = w->p->g;
	struct CUstream_st *stream = timer_stream(w->p->timer);
	float ms = 0.0f;
	bool ok = issue(w, 1) &&
		  device_ok(g, cudaEventRecord(w->begin, stream),
			    "cudaEventRecord") &&
		  issue(w, w->chain) &&
		  device_ok(g, cudaEventRecord(w->end, stream),
			    "cudaEventRecord");

	if (ok && mhz != NULL)
		*mhz = sensors_sm_mhz(w->p->sensors);
	if (!ok ||
	    !device_ok(g, cudaEventSynchronize(w->end),
		       "cudaEventSynchronize") ||
	    !device_ok(g, cudaEventElapsedTime(&ms, w->begin, w->end),
		       "cudaEventElapsedTime"))
		return false;
	*each_s = 1e-3 * (double)ms / (double)w->chain;
	return true;
}

/* Bursts and pauses for WINDOW_S: one row. */
static bool window(struct power *w, double series_start)
{
	double start = timing_now_s(), energy, busy = 0.0, now;
	double row[4] = { 0.0, 0.0, NAN, NAN };
	struct timing t = { .chain = w->chain };
	size_t n = 0;

	energy = sensors_energy_j(w->p->sensors);
	do {
		double at = timing_now_s(), took;

		if (!burst(w, &w->samples[n], n == 0 ? &row[2] : NULL))
			return false;
		took = w->samples[n++] * (double)(w->chain + 1);
		busy += took;
		sleep_for(at + took / w->duty - timing_now_s());
		now = timing_now_s();
	} while (now - start < WINDOW_S && n < MOST_BURSTS);
	row[0] = now - series_start;
	row[1] = busy / (now - start);
	row[3] = (sensors_energy_j(w->p->sensors) - energy) / (now - start);
	timing_summarise(w->samples, n, &t);
	samples_add(w->p->samples, row, &t);
	return true;
}

static bool series(struct power *w)
{
	static const char *const keys[] = { "elapsed_s", "share", "sm_mhz",
					    "power_w" };
	const struct matmul_shape *s = &w->product.shape;
	cJSON *a = cJSON_CreateObject();
	double start;

	cJSON_AddNumberToObject(a, "n", (double)s->n);
	cJSON_AddNumberToObject(a, "k", (double)s->k);
	cJSON_AddNumberToObject(a, "m", (double)s->m);
	cJSON_AddStringToObject(a, "element", "fp16");
	cJSON_AddNumberToObject(a, "duty", w->duty);
	cJSON_AddNumberToObject(a, "burst_s", w->burst_s);
	cJSON_AddNumberToObject(a, "rested_s", w->rested_s);
	if (isfinite(w->rested_mhz))
		cJSON_AddNumberToObject(a, "rested_mhz", w->rested_mhz);
	samples_begin(w->p->samples, "power", a, keys, 4);
	w->chain = (size_t)ceil(w->burst_s / w->rested_s);
	start = timing_now_s();
	for (size_t i = 0; i < WINDOWS; i++)
		if (!window(w, start))
			return false;
	sleep_for(REST_S);
	return true;
}

/* What the product takes, and the clock is, without the limit. */
static bool rested(struct power *w)
{
	struct timing_job job = { .issue = profile_issue_product,
				  .context = &w->product };
	struct timing_plan plan = { .sample_s = BURST_S, .most_chain = 64,
				    .samples = 7 };
	struct timing t;
	bool ok;

	timer_rest(w->p->timer, 2.0);
	ok = timer_device(w->p->timer, &job, &plan, &t);
	timer_rest(w->p->timer, 0.0);
	w->rested_s = t.median_s;
	w->rested_mhz = sensors_sm_mhz(w->p->sensors);
	return ok;
}

/*
 * The first model's recomputation, and products of fewer FLOP for the same
 * memory traffic; for less and less of the time.  The last have long bursts,
 * which tell whether the limit is one on a mean.
 */
static bool measure(struct power *w)
{
	static const struct {
		size_t divide_k;
		double duty, burst_s;
	} cases[] = {
		{ 1, 1.0, ENDLESS_BURST_S },
		{ 1, 0.85, BURST_S }, { 1, 0.7, BURST_S },
		{ 1, 0.55, BURST_S }, { 1, 0.4, BURST_S },
		{ 4, 1.0, ENDLESS_BURST_S },
		{ 4, 0.85, BURST_S }, { 4, 0.7, BURST_S },
		{ 4, 0.55, BURST_S }, { 4, 0.4, BURST_S },
		{ 16, 1.0, ENDLESS_BURST_S }, { 16, 0.85, BURST_S },
		{ 16, 0.7, BURST_S },
		{ 1, 0.85, 8 * BURST_S }, { 1, 0.7, 8 * BURST_S },
		{ 1, 0.55, 8 * BURST_S },
	};
	const size_t n = sizeof cases / sizeof cases[0];
	const size_t whole = w->product.shape.k;

	for (size_t i = 0; i < n; i++) {
		w->product.shape.k = whole / cases[i].divide_k;
		w->duty = cases[i].duty;
		w->burst_s = cases[i].burst_s;
		profile_progress(w->p, (double)i / (double)n);
		if (!rested(w) || !series(w))
			return false;
	}
	return true;
}

bool profile_power(struct profile *p)
{
	const struct llm *m = &p->models[0];
	struct power w = {
		.p = p, .product = { .p = p, .shape = {
			.m = 16384, .n = 2 * llm_kv_width(m), .k = m->hidden,
			.row = 2 * llm_kv_width(m) } },
		.begin = device_event_new(p->g),
		.end = device_event_new(p->g) };
	bool ok;

	while (w.product.shape.m > 1 &&
	       !profile_product_fits(p, &w.product.shape))
		w.product.shape.m /= 2;
	ok = !device_failed(p->g) && measure(&w);
	device_event_free(w.begin);
	device_event_free(w.end);
	return ok;
}
