/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/transfers.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "sim/links.h"

const struct transfers transfers_cases[TRANSFERS_CASES] = {
	{ "transfers, 1 GPU, 2 flows", 1, 1 },
	{ "transfers, 1 GPU, 8 flows", 1, 4 },
	{ "transfers, 8 GPUs, 16 flows", 8, 1 },
};

unsigned transfers_streams(const struct transfers *t)
{
	return 2 * t->gpus * t->streams;
}

/* 0.25 MB to 4.2 MB, by Knuth's multiplicative hashing */
double transfers_bytes(unsigned i, size_t k)
{
	uint32_t x = ((uint32_t)k * 61 + i) * UINT32_C(2654435761);

	return 250000.0 + (double)(x >> 10);
}

enum { H2D, D2H, BOTH, OF_GPU };

static struct links *build(const struct transfers *t, size_t *route)
{
	struct max_min_link link[MAX_MIN_MOST_LINKS];
	size_t roots = (t->gpus + TRANSFERS_GPUS_OF_ROOT - 1) /
		       TRANSFERS_GPUS_OF_ROOT;
	size_t root = (size_t)OF_GPU * t->gpus, memory = root + roots;
	struct links *l;

	assert(t->gpus <= TRANSFERS_MOST_GPUS);
	for (size_t g = 0; g < t->gpus; g++) {
		struct max_min_link *own = &link[OF_GPU * g];
		uint64_t ways = UINT64_C(3) << (OF_GPU * g);

		own[H2D] = (struct max_min_link){ TRANSFERS_H2D, 0 };
		own[D2H] = (struct max_min_link){ TRANSFERS_D2H, 0 };
		own[BOTH] = (struct max_min_link){ TRANSFERS_BOTH, ways };
	}
	for (size_t i = 0; i < roots; i++)
		link[root + i] = (struct max_min_link){ TRANSFERS_ROOT, 0 };
	link[memory] = (struct max_min_link){ TRANSFERS_MEMORY, 0 };
	l = links_new(link, memory + 1);
	for (size_t i = 0; i < transfers_streams(t); i++) {
		size_t g = i / (2 * t->streams), way = i / t->streams % 2;

		route[i] = links_route(l, (struct max_min_path){ .once =
			UINT64_C(1) << (OF_GPU * g + way) |
			UINT64_C(1) << (OF_GPU * g + BOTH) |
			UINT64_C(1) << (root + g / TRANSFERS_GPUS_OF_ROOT) |
			UINT64_C(1) << memory });
	}
	return l;
}

double transfers_run(const struct transfers *t, size_t each)
{
	unsigned n = transfers_streams(t);
	size_t *route = xcalloc(n, sizeof *route);
	size_t *done = xcalloc(n, sizeof *done);
	struct links *l = build(t, route);
	size_t streaming = n;
	double now_s = 0.0;

	for (unsigned i = 0; i < n; i++)
		links_start(l, 0.0, &(struct links_flow){
			route[i], transfers_bytes(i, 0), TRANSFERS_LATENCY_S,
			i });
	while (streaming > 0) {
		struct links_end end;

		now_s = links_next_s(l);
		while (links_take(l, now_s, &end)) {
			uint32_t i = end.tag;

			if (++done[i] == each) {
				streaming--;
				continue;
			}
			links_start(l, now_s, &(struct links_flow){
				route[i], transfers_bytes(i, done[i]),
				TRANSFERS_LATENCY_S, i });
		}
	}
	links_free(l);
	free(done);
	free(route);
	return now_s;
}
