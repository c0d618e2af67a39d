/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/priority_queue.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/*
 * An entry is one number whose order is that of the queue: the key's bits in
 * the upper half, below them the sequence, and last the slot that holds the
 * value.  Sifting moves nothing but entries, and compares them without a
 * branch that could be mispredicted.  Compilers for 64-bit machines have the
 * type.
 */
__extension__ typedef unsigned __int128 entry;

enum {
	SLOT_BITS = 24,
	FEWEST = 61,		/* first capacity: a block of 64 entries */
	ARITY = 4,		/* four children are one cache line */
	CACHE_LINE = 64,
};

/* A test makes this few, so that sequences run out soon. */
#ifndef PRIORITY_QUEUE_SEQUENCE_BITS
#define PRIORITY_QUEUE_SEQUENCE_BITS 40
#endif

_Static_assert(SLOT_BITS + PRIORITY_QUEUE_SEQUENCE_BITS <= 64,
	       "both have to fit below the key");
#define SLOT_MASK ((UINT64_C(1) << SLOT_BITS) - 1)
#define SEQUENCE_END (UINT64_C(1) << PRIORITY_QUEUE_SEQUENCE_BITS)
#define SIGN (UINT64_C(1) << 63)

/*
 * The children of heap[i] are heap[ARITY * i + 1] and those behind it.
 *
 * A pop leaves a hole at the root, for the push that commonly follows it: one
 * pass down the heap then serves both.  The root's slot stays taken.
 *
 * Behind `used` entries lie others up to the capacity, and ARITY - 1 more, that
 * are after any value's, so that a last family need not be complete.  The
 * slots of those within the capacity are the free ones.
 */
struct priority_queue {
	entry *heap;		/* within block: heap[1] begins a cache line */
	uint32_t *values;	/* by slot */
	size_t used, capacity;
	bool hole;
	uint64_t next_sequence;
	void *block;
};

/* Bits that are ordered as unsigned numbers as keys are; 0 is not signed. */
static uint64_t bits_of(double key)
{
	uint64_t bits;

	key += 0.0;
	memcpy(&bits, &key, sizeof bits);
	return bits & SIGN ? ~bits : bits | SIGN;
}

static double key_of(entry e)
{
	uint64_t bits = (uint64_t)(e >> 64);
	double key;

	bits = bits & SIGN ? bits & ~SIGN : ~bits;
	memcpy(&key, &bits, sizeof key);
	return key;
}

static uint64_t slot_of(entry e)
{
	return (uint64_t)e & SLOT_MASK;
}

static entry make_entry(uint64_t key_bits, uint64_t sequence, uint64_t slot)
{
	return (entry)key_bits << 64 | sequence << SLOT_BITS | slot;
}

/* A free slot, after any value. */
static entry vacant(uint64_t slot)
{
	return make_entry(UINT64_MAX, 0, slot);
}

struct priority_queue *priority_queue_new(void)
{
	return xcalloc(1, sizeof(struct priority_queue));
}

void priority_queue_free(struct priority_queue *q)
{
	if (q == NULL)
		return;
	free(q->block);
	free(q->values);
	free(q);
}

static void grow(struct priority_queue *q)
{
	size_t capacity = q->capacity > 0 ? 2 * q->capacity : FEWEST;
	size_t spare = CACHE_LINE / sizeof(entry);
	void *block = xcalloc(capacity + ARITY - 1 + spare, sizeof(entry));
	entry *heap = block;

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
	q->values = xrealloc_array(q->values, capacity, sizeof *q->values);
	q->capacity = capacity;
}

/* Of the family that begins at `first`, the index of the least. */
static size_t least_of(const entry *heap, size_t first)
{
	size_t a = first + (heap[first + 1] < heap[first]);
	size_t b = first + 2 + (heap[first + 3] < heap[first + 2]);

	return heap[b] < heap[a] ? b : a;
}

/* Put `e` where the hole at the root is, and lower. */
static void sift_down(struct priority_queue *q, entry e)
{
	entry *heap = q->heap;
	size_t used = q->used, i = 0, child;

	while ((child = ARITY * i + 1) < used) {
		entry least;

		child = least_of(heap, child);
		least = heap[child];
		if (least > e)
			break;
		heap[i] = least;
		i = child;
	}
	heap[i] = e;
}

static void sift_up(entry *heap, size_t i, entry e)
{
	while (i > 0 && e < heap[(i - 1) / ARITY]) {
		heap[i] = heap[(i - 1) / ARITY];
		i = (i - 1) / ARITY;
	}
	heap[i] = e;
}

static void fill_hole(struct priority_queue *q)
{
	uint64_t slot = slot_of(q->heap[0]);
	entry last = q->heap[--q->used];

	q->hole = false;
	q->heap[q->used] = vacant(slot);
	if (q->used > 0)
		sift_down(q, last);
}

static int by_order(const void *a, const void *b)
{
	const entry *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sequences have run out: count anew from 0 in the present order. */
static void renumber(struct priority_queue *q)
{
	if (q->hole)
		fill_hole(q);
	/* what is sorted is a heap */
	qsort(q->heap, q->used, sizeof *q->heap, by_order);
	for (size_t i = 0; i < q->used; i++)
		q->heap[i] = make_entry((uint64_t)(q->heap[i] >> 64), i,
					slot_of(q->heap[i]));
	q->next_sequence = q->used;
	assert(q->next_sequence < SEQUENCE_END);
}

void priority_queue_push(struct priority_queue *q, struct queued x)
{
	bool hole;
	uint64_t slot;
	entry e;

	assert(isfinite(x.key));
	if (q->next_sequence == SEQUENCE_END)
		renumber(q);
	if (q->used == q->capacity && !q->hole)
		grow(q);
	hole = q->hole;
	slot = slot_of(q->heap[hole ? 0 : q->used]);
	e = make_entry(bits_of(x.key), q->next_sequence++, slot);
	q->values[slot] = x.value;
	if (hole) {
		q->hole = false;
		sift_down(q, e);
	} else {
		sift_up(q->heap, q->used++, e);
	}
}

static struct queued queued_of(const struct priority_queue *q, entry e)
{
	return (struct queued){ key_of(e), q->values[slot_of(e)] };
}

bool priority_queue_peek(const struct priority_queue *q, struct queued *out)
{
	if (q->used <= (size_t)q->hole)
		return false;
	*out = queued_of(q, q->heap[q->hole ? least_of(q->heap, 1) : 0]);
	return true;
}

bool priority_queue_pop(struct priority_queue *q, struct queued *out)
{
	if (q->hole)
		fill_hole(q);
	if (q->used == 0)
		return false;
	*out = queued_of(q, q->heap[0]);
	q->hole = true;
	return true;
}

size_t priority_queue_length(const struct priority_queue *q)
{
	return q->used - (size_t)q->hole;
}
