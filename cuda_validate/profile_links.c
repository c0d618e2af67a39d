/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/profile.h"

#include <stdlib.h>

#include <cuda_runtime_api.h>

#include "base/xalloc.h"

enum { COPY_BYTES = 64 << 20, COPIES = 24, SAMPLES = 5 };

/* One GPU of those that copy at the same time. */
struct peer {
	struct device g;
	struct buffer host[PROFILE_DIRECTIONS], device[PROFILE_DIRECTIONS];
	cudaStream_t streams[PROFILE_DIRECTIONS];
	cudaEvent_t begin[PROFILE_DIRECTIONS], end[PROFILE_DIRECTIONS];
	double samples[PROFILE_DIRECTIONS][SAMPLES];
};

static bool peer_open(struct peer *p)
{
	for (int d = 0; d < PROFILE_DIRECTIONS; d++) {
		if (!buffer_alloc(&p->g, BUFFER_PINNED, COPY_BYTES,
				  &p->host[d]) ||
		    !buffer_alloc(&p->g, BUFFER_DEVICE, COPY_BYTES,
				  &p->device[d]) ||
		    !buffer_fill_random(&p->g, &p->host[d], 1.0f, 5) ||
		    !buffer_fill_random(&p->g, &p->device[d], 1.0f, 6))
			return false;
		p->streams[d] = device_stream_new(&p->g);
		p->begin[d] = device_event_new(&p->g);
		p->end[d] = device_event_new(&p->g);
	}
	return !device_failed(&p->g);
}

static void peer_close(struct peer *p)
{
	/* one that was never opened must not become the current GPU */
	if (p->g.name[0] == '\0' || !device_use(&p->g))
		return;
	for (int d = 0; d < PROFILE_DIRECTIONS; d++) {
		buffer_free(&p->host[d]);
		buffer_free(&p->device[d]);
		device_stream_free(p->streams[d]);
		device_event_free(p->begin[d]);
		device_event_free(p->end[d]);
	}
}

static bool peer_begin(struct peer *p, enum profile_direction d)
{
	return device_use(&p->g) &&
	       device_ok(&p->g, cudaEventRecord(p->begin[d], p->streams[d]),
			 "cudaEventRecord");
}

static bool peer_copy(struct peer *p, enum profile_direction d)
{
	bool in = d == PROFILE_H2D;

	return device_use(&p->g) &&
	       device_ok(&p->g, cudaMemcpyAsync(
			in ? p->device[d].data : p->host[d].data,
			in ? p->host[d].data : p->device[d].data,
			COPY_BYTES, in ? cudaMemcpyHostToDevice
				       : cudaMemcpyDeviceToHost,
			p->streams[d]), "cudaMemcpyAsync");
}

static bool peer_end(struct peer *p, enum profile_direction d)
{
	return device_use(&p->g) &&
	       device_ok(&p->g, cudaEventRecord(p->end[d], p->streams[d]),
			 "cudaEventRecord");
}

static bool peer_wait(struct peer *p, enum profile_direction d, double *s)
{
	float ms = 0.0f;

	if (!device_use(&p->g) ||
	    !device_ok(&p->g, cudaEventSynchronize(p->end[d]),
		       "cudaEventSynchronize") ||
	    !device_ok(&p->g, cudaEventElapsedTime(&ms, p->begin[d],
						   p->end[d]),
		       "cudaEventElapsedTime"))
		return false;
	*s = 1e-3 * (double)ms / COPIES;
	return true;
}

/* Do `act` for `n` peers, in the directions of the bit set `which`. */
static bool each(struct peer *peers, size_t n, unsigned which,
		 bool (*act)(struct peer *p, enum profile_direction d))
{
	for (size_t i = 0; i < n; i++)
		for (int d = 0; d < PROFILE_DIRECTIONS; d++)
			if (which >> d & 1 &&
			    !act(&peers[i], (enum profile_direction)d))
				return false;
	return true;
}

/* Time `n` peers at once; the first time is to warm up. */
static bool measure(struct peer *peers, size_t n, unsigned which)
{
	for (int sample = -1; sample < SAMPLES; sample++) {
		bool ok = each(peers, n, which, peer_begin);

		/* in turn, so that all begin at once */
		for (int i = 0; i < COPIES && ok; i++)
			ok = each(peers, n, which, peer_copy);
		if (!ok || !each(peers, n, which, peer_end))
			return false;
		for (size_t i = 0; i < n; i++)
			for (int d = 0; d < PROFILE_DIRECTIONS; d++)
				if (which >> d & 1 && !peer_wait(
					    &peers[i],
					    (enum profile_direction)d,
					    &peers[i].samples[d][
						sample < 0 ? 0 : sample]))
					return false;
	}
	return true;
}

/* What was measured of `n` peers while `gpus` of them were busy. */
static void tell(struct profile *p, struct peer *peers, size_t n,
		 size_t gpus, unsigned which)
{
	static const char *const keys[] = { "gpu", "bytes" };
	static const char *const names[] = { "", "h2d", "d2h", "both" };

	for (int d = 0; d < PROFILE_DIRECTIONS; d++) {
		cJSON *a;

		if ((which >> d & 1) == 0)
			continue;
		a = cJSON_CreateObject();
		cJSON_AddStringToObject(a, "direction",
			profile_direction_name((enum profile_direction)d));
		cJSON_AddStringToObject(a, "busy", names[which]);
		cJSON_AddNumberToObject(a, "gpus", (double)gpus);
		samples_begin(p->samples, "links", a, keys, 2);
		for (size_t i = 0; i < n; i++) {
			const double row[] = { (double)peers[i].g.index,
					       COPY_BYTES };
			struct timing t = { .chain = COPIES };

			timing_summarise(peers[i].samples[d], SAMPLES, &t);
			samples_add(p->samples, row, &t);
		}
	}
}

/* The first `gpus` at once, or with 1 each of all `n` by itself. */
static bool together(struct profile *p, struct peer *peers, size_t n,
		     size_t gpus, unsigned which)
{
	bool ok = true;

	if (gpus > 1) {
		n = gpus;
		ok = measure(peers, gpus, which);
	}
	for (size_t i = 0; i < n && gpus == 1 && ok; i++)
		ok = measure(&peers[i], 1, which);
	if (ok)
		tell(p, peers, n, gpus, which);
	return ok;
}

/* The GPUs, the one in use first. */
static bool open_peers(struct profile *p, struct peer *peers, size_t n)
{
	size_t own = (size_t)p->g->index, other = 0;

	for (size_t i = 0; i < n; i++) {
		struct diag d;

		if (i > 0 && other == own)
			other++;
		if (device_open(i == 0 ? own : other++, &peers[i].g, &d) !=
		    STATUS_OK)
			return device_fail(p->g, "%s", d.text);
		if (!peer_open(&peers[i]))
			return device_fail(p->g, "%s", peers[i].g.diag.text);
	}
	return true;
}

bool profile_links(struct profile *p)
{
	struct peer *peers;
	struct diag d;
	size_t n;
	bool ok;

	if (device_count(&n, &d) != STATUS_OK)
		return device_fail(p->g, "%s", d.text);
	if (n < 2)
		return true;
	peers = xcalloc(n, sizeof *peers);
	ok = open_peers(p, peers, n);
	for (size_t m = 1; m <= n && ok; m++)
		for (unsigned which = 1; which <= 3 && ok; which++) {
			ok = together(p, peers, n, m, which);
			profile_progress(p, (double)m / (double)n);
		}
	for (size_t i = 0; i < n; i++) {
		if (device_failed(&peers[i].g))
			(void)device_fail(p->g, "%s", peers[i].g.diag.text);
		peer_close(&peers[i]);
	}
	free(peers);
	return device_use(p->g) && ok;
}
