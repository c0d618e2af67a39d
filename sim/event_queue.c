/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/event_queue.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"

struct entry {
	struct event event;
	uint64_t sequence;
};

/* Binary min-heap: the children of i are 2i + 1 and 2i + 2. */
struct event_queue {
	struct entry *heap;
	size_t length, capacity;
	uint64_t next_sequence;
};

static bool before(const struct entry *a, const struct entry *b)
{
	if (a->event.time_s != b->event.time_s)
		return a->event.time_s < b->event.time_s;
	return a->sequence < b->sequence;
}

struct event_queue *event_queue_new(void)
{
	return xcalloc(1, sizeof(struct event_queue));
}

void event_queue_free(struct event_queue *q)
{
	if (q == NULL)
		return;
	free(q->heap);
	free(q);
}

void event_queue_push(struct event_queue *q, struct event ev)
{
	struct entry e = { .event = ev, .sequence = q->next_sequence++ };
	size_t i = q->length++;

	assert(isfinite(ev.time_s));
	if (q->length > q->capacity) {
		q->capacity = q->capacity ? 2 * q->capacity : 64;
		q->heap = xrealloc_array(q->heap, q->capacity,
					 sizeof *q->heap);
	}
	while (i > 0 && before(&e, &q->heap[(i - 1) / 2])) {
		q->heap[i] = q->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	q->heap[i] = e;
}

bool event_queue_peek(const struct event_queue *q, struct event *out)
{
	if (q->length == 0)
		return false;
	*out = q->heap[0].event;
	return true;
}

bool event_queue_pop(struct event_queue *q, struct event *out)
{
	struct entry last;
	size_t i = 0, child;

	if (!event_queue_peek(q, out))
		return false;
	last = q->heap[--q->length];
	while ((child = 2 * i + 1) < q->length) {
		if (child + 1 < q->length &&
		    before(&q->heap[child + 1], &q->heap[child]))
			child++;
		if (!before(&q->heap[child], &last))
			break;
		q->heap[i] = q->heap[child];
		i = child;
	}
	q->heap[i] = last;
	return true;
}

size_t event_queue_length(const struct event_queue *q)
{
	return q->length;
}
