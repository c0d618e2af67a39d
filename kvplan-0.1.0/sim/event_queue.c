/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/event_queue.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/*
 * A key is one number whose order is that of the events: the time's bits in
 * the upper half, below them the sequence, and last the slot that holds what
 * the caller passed.  Sifting moves nothing but keys, and compares them
 * without a branch that could be mispredicted.  Compilers for 64-bit machines
 * have the type.
 */
__extension__ typedef unsigned __int128 event_key;

enum {
	SLOT_BITS = 24,
	FEWEST = 61,		/* first capacity: a block of 64 keys */
	ARITY = 4,		/* four children are one cache line */
	CACHE_LINE = 64,
};

/* A test makes this few, so that sequences run out soon. */
#ifndef EVENT_QUEUE_SEQUENCE_BITS
#define EVENT_QUEUE_SEQUENCE_BITS 40
#endif

_Static_assert(SLOT_BITS + EVENT_QUEUE_SEQUENCE_BITS <= 64,
	       "both have to fit below the time");
#define SLOT_MASK ((UINT64_C(1) << SLOT_BITS) - 1)
#define SEQUENCE_END (UINT64_C(1) << EVENT_QUEUE_SEQUENCE_BITS)
#define SIGN (UINT64_C(1) << 63)

struct payload {
	uint32_t kind, stamp;
};

/*
 * The children of heap[i] are heap[ARITY * i + 1] and those behind it.
 *
 * A pop leaves a hole at the root, for the push that commonly follows it: one
 * pass down the heap then serves both.  The root's slot stays taken.
 *
 * Behind `used` keys lie others up to the capacity, and ARITY - 1 more, that
 * are later than any event, so that a last family need not be complete.  The
 * slots of those within the capacity are the free ones.
 */
struct event_queue {
	event_key *heap;	/* within block: heap[1] begins a cache line */
	struct payload *payloads;	/* by slot */
	size_t used, capacity;
	bool hole;
	uint64_t next_sequence;
	void *block;
};

/* Bits that are ordered as unsigned numbers as times are; 0 is not signed. */
static uint64_t bits_of(double time_s)
{
	uint64_t bits;

	time_s += 0.0;
	memcpy(&bits, &time_s, sizeof bits);
	return bits & SIGN ? ~bits : bits | SIGN;
}

static double time_of(event_key key)
{
	uint64_t bits = (uint64_t)(key >> 64);
	double time_s;

	bits = bits & SIGN ? bits & ~SIGN : ~bits;
	memcpy(&time_s, &bits, sizeof time_s);
	return time_s;
}

static uint64_t slot_of(event_key key)
{
	return (uint64_t)key & SLOT_MASK;
}

static event_key make_key(uint64_t time_bits, uint64_t sequence, uint64_t slot)
{
	return (event_key)time_bits << 64 | sequence << SLOT_BITS | slot;
}

/* A free slot, later than any event. */
static event_key vacant(uint64_t slot)
{
	return make_key(UINT64_MAX, 0, slot);
}

struct event_queue *event_queue_new(void)
{
	return xcalloc(1, sizeof(struct event_queue));
}

void event_queue_free(struct event_queue *q)
{
	if (q == NULL)
		return;
	free(q->block);
	free(q->payloads);
	free(q);
}

static void grow(struct event_queue *q)
{
	size_t capacity = q->capacity > 0 ? 2 * q->capacity : FEWEST;
	size_t spare = CACHE_LINE / sizeof(event_key);
	void *block = xcalloc(capacity + ARITY - 1 + spare,
			      sizeof(event_key));
	event_key *heap = block;

	assert(capacity <= SLOT_MASK);
	while ((uintptr_t)(heap + 1) % CACHE_LINE != 0)
		heap++;
	if (q->used > 0)
		memcpy(heap, q->heap, q->used * sizeof *heap);
	for (size_t i = q->used; i < capacity + ARITY - 1; i++)
		heap[i] = vacant(i);
	free(q->block);
	q->block = block;
	q->heap = heap;
	q->payloads = xrealloc_array(q->payloads, capacity,
				     sizeof *q->payloads);
	q->capacity = capacity;
}

/* Of the family that begins at `first`, the index of the earliest. */
static size_t earliest(const event_key *heap, size_t first)
{
	size_t a = first + (heap[first + 1] < heap[first]);
	size_t b = first + 2 + (heap[first + 3] < heap[first + 2]);

	return heap[b] < heap[a] ? b : a;
}

/* Put `key` where the hole at the root is, and lower. */
static void sift_down(struct event_queue *q, event_key key)
{
	event_key *heap = q->heap;
	size_t used = q->used, i = 0, child;

	while ((child = ARITY * i + 1) < used) {
		event_key least;

		child = earliest(heap, child);
		least = heap[child];
		if (least > key)
			break;
		heap[i] = least;
		i = child;
	}
	heap[i] = key;
}

static void sift_up(event_key *heap, size_t i, event_key key)
{
	while (i > 0 && key < heap[(i - 1) / ARITY]) {
		heap[i] = heap[(i - 1) / ARITY];
		i = (i - 1) / ARITY;
	}
	heap[i] = key;
}

static void fill_hole(struct event_queue *q)
{
	uint64_t slot = slot_of(q->heap[0]);
	event_key last = q->heap[--q->used];

	q->hole = false;
	q->heap[q->used] = vacant(slot);
	if (q->used > 0)
		sift_down(q, last);
}

static int by_key(const void *a, const void *b)
{
	const event_key *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sequences have run out: count anew from 0 in the present order. */
static void renumber(struct event_queue *q)
{
	if (q->hole)
		fill_hole(q);
	/* what is sorted is a heap */
	qsort(q->heap, q->used, sizeof *q->heap, by_key);
	for (size_t i = 0; i < q->used; i++)
		q->heap[i] = make_key((uint64_t)(q->heap[i] >> 64), i,
				      slot_of(q->heap[i]));
	q->next_sequence = q->used;
	assert(q->next_sequence < SEQUENCE_END);
}

void event_queue_push(struct event_queue *q, struct event ev)
{
	bool hole;
	uint64_t slot;
	event_key key;

	assert(isfinite(ev.time_s));
	if (q->next_sequence == SEQUENCE_END)
		renumber(q);
	if (q->used == q->capacity && !q->hole)
		grow(q);
	hole = q->hole;
	slot = slot_of(q->heap[hole ? 0 : q->used]);
	key = make_key(bits_of(ev.time_s), q->next_sequence++, slot);
	q->payloads[slot] = (struct payload){ ev.kind, ev.stamp };
	if (hole) {
		q->hole = false;
		sift_down(q, key);
	} else {
		sift_up(q->heap, q->used++, key);
	}
}

static struct event event_of(const struct event_queue *q, event_key key)
{
	struct payload p = q->payloads[slot_of(key)];

	return (struct event){ time_of(key), p.kind, p.stamp };
}

bool event_queue_peek(const struct event_queue *q, struct event *out)
{
	if (q->used <= (size_t)q->hole)
		return false;
	*out = event_of(q, q->heap[q->hole ? earliest(q->heap, 1) : 0]);
	return true;
}

bool event_queue_pop(struct event_queue *q, struct event *out)
{
	if (q->hole)
		fill_hole(q);
	if (q->used == 0)
		return false;
	*out = event_of(q, q->heap[0]);
	q->hole = true;
	return true;
}

size_t event_queue_length(const struct event_queue *q)
{
	return q->used - (size_t)q->hole;
}
