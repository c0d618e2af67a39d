/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/hold.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "sim/priority_queue.h"

enum { TIMES = 1024, RECORD_BYTES = 64 };

struct record {
	void (*act)(struct hold *h, struct record *r, double now_s);
	double first_s, last_s, sum_s;
	uint64_t state, events;
	uint32_t number;
	char rest[RECORD_BYTES - sizeof(void *) - 3 * sizeof(double) -
		  2 * sizeof(uint64_t) - sizeof(uint32_t)];
};

_Static_assert(sizeof(struct record) == RECORD_BYTES, "one cache line");

struct hold {
	struct priority_queue *queue;
	struct record *records;
	void *block;
	double times_s[TIMES];
};

/* Knuth's MMIX generator: its upper bits are good enough for an index. */
static uint64_t step(uint64_t state)
{
	return state * UINT64_C(6364136223846793005) +
	       UINT64_C(1442695040888963407);
}

static void put(struct hold *h, struct record *r, double now_s)
{
	r->state = step(r->state);
	priority_queue_push(h->queue, (struct queued){
		.key = now_s + h->times_s[r->state >> 54],
		.value = r->number });
}

static void arrive(struct hold *h, struct record *r, double now_s)
{
	r->events++;
	r->last_s = now_s;
	put(h, r, now_s);
}

static void depart(struct hold *h, struct record *r, double now_s)
{
	r->events++;
	r->sum_s += now_s - r->last_s;
	r->last_s = now_s;
	put(h, r, now_s);
}

struct hold *hold_new(size_t pending)
{
	struct hold *h = xcalloc(1, sizeof *h);
	char *block = xcalloc(pending + 1, RECORD_BYTES);
	uint64_t state = 20611;

	_Static_assert(TIMES == 1 << (64 - 54), "an index of 10 bits");
	for (size_t i = 0; i < TIMES; i++)
		h->times_s[i] = -log(1.0 - ((double)i + 0.5) / TIMES);
	h->block = block;
	h->records = (struct record *)(void *)(block + RECORD_BYTES -
		(uintptr_t)block % RECORD_BYTES);
	h->queue = priority_queue_new();
	for (size_t i = 0; i < pending; i++) {
		state = step(state);
		h->records[i].act = state >> 63 ? arrive : depart;
		h->records[i].state = state;
		h->records[i].number = (uint32_t)i;
		put(h, &h->records[i], 0.0);
	}
	return h;
}

void hold_free(struct hold *h)
{
	priority_queue_free(h->queue);
	free(h->block);
	free(h);
}

double hold_run(struct hold *h, size_t events)
{
	struct queued ev = { 0.0, 0 };

	for (size_t i = 0; i < events; i++) {
		struct record *r;

		priority_queue_pop(h->queue, &ev);
		r = &h->records[ev.value];
		r->act(h, r, ev.key);
	}
	return ev.key;
}
