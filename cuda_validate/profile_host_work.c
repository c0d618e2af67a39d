/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/profile.h"

#include <stdlib.h>
#include <time.h>

#include "base/xalloc.h"
#include "cuda_validate/contention.h"
#include "cuda_validate/half.h"
#include "cuda_validate/host_work.h"

/* Between two layers a run's threads wait about so long. */
#define IDLE_S 5e-3

enum { ATTEND_SAMPLES = 9, STAGE_SAMPLES = 5, LOAD_BYTES = 64 << 20 };

/* The host's part of a run, as a timing_job's context. */
struct hosted {
	struct profile *p;
	struct host_work_queue *queue;
	double idle_s;				/* before each */
	size_t bytes;
	struct host_work_attention attention;	/* less its cache */
};

/* Where the `i`-th of as many pieces of `bytes` as `most` and `b` allow
 * begins. */
static char *piece(const struct buffer *b, size_t bytes, size_t i,
		   size_t most)
{
	size_t step = (bytes + 4095) / 4096 * 4096;
	size_t n = b->bytes / step;

	n = n < most ? n : most;
	return buffer_at(b, n == 0 ? 0 : i % n * step);
}

/* All of the buffer in turn: the CPU's caches hold nothing of it. */
static bool issue_attend(void *context, struct CUstream_st *stream, size_t i)
{
	struct hosted *h = context;
	struct host_work_attention a = h->attention;

	if (h->idle_s > 0.0)
		nanosleep(&(struct timespec){
			.tv_nsec = (long)(1e9 * h->idle_s) }, NULL);
	a.kv = piece(&h->p->pinned[PROFILE_H2D], h->bytes, i, (size_t)-1);
	return host_work_attend(h->queue, stream, &a);
}

/* Likewise, to one of two places, as a run does. */
static bool issue_stage(void *context, struct CUstream_st *stream, size_t i)
{
	struct hosted *h = context;
	struct profile *p = h->p;

	return host_work_stage(h->queue, stream,
			       piece(&p->pinned[PROFILE_D2H], h->bytes, i, 2),
			       piece(&p->pageable[PROFILE_H2D], h->bytes, i,
				     (size_t)-1),
			       h->bytes);
}

/* One at a time, alone or while copies to the GPU go on. */
static bool measure(struct hosted *h, const struct timing_job *job,
		    size_t samples, bool loaded, struct timing *out)
{
	struct profile *p = h->p;
	struct profile_copy load = { .p = p, .direction = PROFILE_H2D,
				     .bytes = LOAD_BYTES };
	bool ok;

	if (loaded)
		ok = contention_measure(
			p->g, p->timer, job,
			&(struct timing_plan){ .most_chain = 1,
					       .samples = samples },
			&(struct timing_job){ .issue = profile_issue_copy,
					      .context = &load }, 1, out);
	else
		ok = timer_chain(p->timer, job, 1, samples, out);
	host_work_clear(h->queue);
	return ok;
}

static cJSON *against(cJSON *a, bool loaded)
{
	cJSON *list = cJSON_AddArrayToObject(a, "against");

	if (loaded)
		cJSON_AddItemToArray(list, cJSON_CreateString(
				profile_direction_name(PROFILE_H2D)));
	return a;
}

/* Room for one token of `batch` requests, and its Q, K and V. */
static void make_token(struct hosted *h, const struct llm *m, size_t batch)
{
	struct host_work_attention *a = &h->attention;
	size_t q, n;
	uint16_t *qkv;

	a->cache = cache_of(m, batch);
	q = cache_query_width(&a->cache);
	a->row = q + 2 * cache_kv_width(&a->cache);
	n = batch * a->row;
	qkv = xcalloc(n, sizeof *qkv);
	for (size_t i = 0; i < n; i++)
		qkv[i] = half_from_float(
			(float)(i * 2654435761u % 2001) / 1000.0f - 1.0f);
	a->qkv = qkv;
	a->numbers = xcalloc(2 * batch * q, sizeof(float));
	a->out = xcalloc(batch * q, sizeof(uint16_t));
}

static void free_token(struct hosted *h)
{
	struct host_work_attention *a = &h->attention;

	free((void *)a->qkv);
	free(a->numbers);
	free(a->out);
}

/* Caches of more and more tokens, as far as the buffer goes. */
static bool attend_batch(struct hosted *h, const struct llm *m, size_t batch,
			 size_t threads, bool loaded)
{
	const struct timing_job job = { .issue = issue_attend, .context = h };
	struct timing t;
	bool ok = true;

	make_token(h, m, batch);
	for (size_t tokens = 8; ok && tokens <= 2048; tokens *= 4) {
		h->attention.tokens = tokens;
		h->bytes = cache_kv_bytes(&h->attention.cache, tokens);
		if (h->bytes > h->p->pinned[PROFILE_H2D].bytes)
			break;
		ok = measure(h, &job, ATTEND_SAMPLES, loaded, &t);
		if (ok && t.n > 0)
			samples_add(h->p->samples,
				    (const double[]){
					    (double)threads, (double)batch,
					    (double)tokens, (double)h->bytes,
					    h->idle_s }, &t);
	}
	free_token(h);
	return ok;
}

static bool attend(struct profile *p, size_t threads, double idle_s,
		   bool loaded)
{
	static const char *const keys[] = { "threads", "batch", "tokens",
					    "bytes", "idle_s" };
	const struct llm *m = &p->models[0];
	struct hosted h = { .p = p, .idle_s = idle_s,
			    .queue = host_work_new(p->g, threads) };
	cJSON *a = cJSON_CreateObject();
	bool ok = true;

	cJSON_AddStringToObject(a, "model", m->name);
	samples_begin(p->samples, "host_attend", against(a, loaded), keys, 5);
	for (size_t batch = 8; ok && batch <= 32; batch *= 2)
		ok = attend_batch(&h, m, batch, threads, loaded);
	host_work_free(h.queue);
	return ok;
}

static bool stage(struct profile *p, bool loaded)
{
	static const char *const keys[] = { "bytes" };
	const size_t most = p->pinned[PROFILE_D2H].bytes / 2;
	struct hosted h = { .p = p, .queue = host_work_new(p->g, 1) };
	const struct timing_job job = { .issue = issue_stage, .context = &h };
	struct timing t;
	bool ok = true;

	samples_begin(p->samples, "host_stage",
		      against(cJSON_CreateObject(), loaded), keys, 1);
	for (h.bytes = 1 << 20; ok && h.bytes <= most;
	     h.bytes *= loaded ? 4 : 2) {
		const double row[] = { (double)h.bytes };

		ok = measure(&h, &job, STAGE_SAMPLES, loaded, &t);
		if (ok && t.n > 0)
			samples_add(p->samples, row, &t);
	}
	host_work_free(h.queue);
	return ok;
}

bool profile_host_work(struct profile *p)
{
	size_t all = p->threads;

	/* the thread that waits for the GPU may keep a processor busy: half
	 * as many threads have theirs to themselves, and pieces of one size */
	return stage(p, false) && stage(p, true) &&
	       attend(p, all, 0.0, false) && attend(p, all, IDLE_S, false) &&
	       attend(p, all, 0.0, true) &&
	       (all < 2 || attend(p, all / 2, 0.0, false));
}
