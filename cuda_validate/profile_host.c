/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cuda_validate/host_attention.h"
#include "cuda_validate/threads.h"

enum { MOST_SAMPLES = 7, LEAST_BYTES = 4 << 20 };

static const char *const keys[] = { "threads", "bytes" };

/* Time of `work` on all of `t`; there is no chain. */
static void measure(struct threads *t,
		    void (*work)(struct threads *t, void *context),
		    void *context, struct timing *out)
{
	double s[MOST_SAMPLES];

	work(t, context);
	for (size_t i = 0; i < MOST_SAMPLES; i++) {
		double start = timing_now_s();

		work(t, context);
		s[i] = timing_now_s() - start;
	}
	timing_summarise(s, MOST_SAMPLES, out);
	out->chain = 1;
}

struct host_copy {
	char *to;
	const char *from;
	size_t bytes;
};

static void copy_share(void *context, size_t i, size_t n)
{
	const struct host_copy *c = context;
	size_t begin = c->bytes / 64 * i / n * 64;
	size_t end = i + 1 == n ? c->bytes : c->bytes / 64 * (i + 1) / n * 64;

	memcpy(c->to + begin, c->from + begin, end - begin);
}

static void copy_all(struct threads *t, void *context)
{
	threads_run(t, copy_share, context);
}

static void attend_all(struct threads *t, void *context)
{
	host_attention_run(context, t);
}

/* The numbers of threads to try: 1, 2, 3, 4, 6, 8, 12, ... and all. */
static size_t next_threads(size_t n, size_t most)
{
	size_t next = n < 4 ? n + 1
			    : (n & (n - 1)) == 0 ? n / 2 * 3 : n / 3 * 4;

	return n < most && next > most ? most : next;
}

/* Staging: from pageable memory to pinned and, for what comes back, from
 * pinned to pageable. */
static void copies(struct profile *p, bool in)
{
	struct host_copy c = {
		.to = in ? p->pinned[PROFILE_D2H].data
			 : p->pageable[PROFILE_D2H].data,
		.from = in ? p->pageable[PROFILE_H2D].data
			   : p->pinned[PROFILE_H2D].data,
	};
	cJSON *a = cJSON_CreateObject();

	cJSON_AddStringToObject(a, "from", in ? "pageable" : "pinned");
	cJSON_AddStringToObject(a, "to", in ? "pinned" : "pageable");
	samples_begin(p->samples, "host_copy", a, keys, 2);
	for (size_t n = 1; n <= p->threads; n = next_threads(n, p->threads)) {
		struct threads *t = threads_new(n);

		for (c.bytes = LEAST_BYTES; c.bytes <= (size_t)256 << 20;
		     c.bytes *= 8) {
			const double row[] = { (double)n, (double)c.bytes };
			struct timing found;

			measure(t, copy_all, &c, &found);
			samples_add(p->samples, row, &found);
		}
		threads_free(t);
	}
}

/* Attention of one layer of the first model over as much cache as fills a
 * good part of the pinned buffer. */
static void attention(struct profile *p, bool portable)
{
	const struct llm *m = &p->models[0];
	struct host_attention h = {
		.cache = cache_of(m, 32), .tokens = 1024, .portable = portable,
		.kv = p->pinned[PROFILE_H2D].data,
		.scale = 1.0f / sqrtf((float)m->head_dim),
	};
	size_t width = h.cache.batch * cache_query_width(&h.cache);
	cJSON *a = cJSON_CreateObject();
	float *q, *out;

	while (cache_kv_bytes(&h.cache, h.tokens) > (size_t)512 << 20)
		h.tokens /= 2;
	q = xcalloc(width, sizeof *q);
	out = xcalloc(width, sizeof *out);
	for (size_t i = 0; i < width; i++)
		q[i] = (float)(i * 2654435761u % 2001) / 1000.0f - 1.0f;
	h.q = q;
	h.out = out;
	cJSON_AddStringToObject(a, "model", m->name);
	cJSON_AddNumberToObject(a, "batch", (double)h.cache.batch);
	cJSON_AddNumberToObject(a, "tokens", (double)h.tokens);
	cJSON_AddStringToObject(a, "code", portable ? "portable" : "avx2");
	samples_begin(p->samples, "host_attention", a, keys, 2);
	for (size_t n = portable ? p->threads : 1; n <= p->threads;
	     n = next_threads(n, p->threads)) {
		struct threads *t = threads_new(n);
		struct timing found;
		const double row[] = { (double)n, (double)cache_kv_bytes(
						  &h.cache, h.tokens) };

		measure(t, attend_all, &h, &found);
		samples_add(p->samples, row, &found);
		threads_free(t);
		profile_progress(p, 0.15 + 0.35 * (double)n /
				    (double)(p->threads + 1));
	}
	free(q);
	free(out);
}

bool profile_host(struct profile *p)
{
	copies(p, true);
	copies(p, false);
	profile_progress(p, 0.15);
	if (host_attention_is_vectorised())
		attention(p, false);
	attention(p, true);
	return profile_host_work(p);
}
