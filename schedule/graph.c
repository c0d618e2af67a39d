/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/graph.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/xalloc.h"

static const struct {
	const char *name;
	enum process process;
} ops[OP_COUNT] = {
	[OP_LOAD_WEIGHT_KV] = { "load_weight_kv", PROCESS_LOAD_WEIGHT },
	[OP_LOAD_WEIGHT_QO] = { "load_weight_qo", PROCESS_LOAD_WEIGHT },
	[OP_LOAD_WEIGHT_FFN] = { "load_weight_ffn", PROCESS_LOAD_WEIGHT },
	[OP_LOAD_EMBEDDING] = { "load_embedding", PROCESS_LOAD_WEIGHT },
	[OP_LOAD_ACTIVATION] = { "load_activation",
				 PROCESS_LOAD_ACTIVATION },
	[OP_LOAD_ATTENTION] = { "load_attention", PROCESS_LOAD_ACTIVATION },
	[OP_LOAD_CACHE] = { "load_cache", PROCESS_LOAD_CACHE },
	[OP_LOAD_KEY] = { "load_key", PROCESS_LOAD_CACHE },
	[OP_LOAD_VALUE] = { "load_value", PROCESS_LOAD_CACHE },
	[OP_LOAD_HIDDEN] = { "load_hidden", PROCESS_COMPUTE },
	[OP_DEQUANTISE_WEIGHT] = { "dequantise_weight", PROCESS_COMPUTE },
	[OP_PROJECT] = { "project", PROCESS_COMPUTE },
	[OP_QUANTISE] = { "quantise", PROCESS_COMPUTE },
	[OP_DEQUANTISE_ACTIVATION] = { "dequantise_activation",
				       PROCESS_COMPUTE },
	[OP_RECOMPUTE] = { "recompute", PROCESS_COMPUTE },
	[OP_APPEND] = { "append", PROCESS_COMPUTE },
	[OP_DEQUANTISE_CACHE] = { "dequantise_cache", PROCESS_COMPUTE },
	[OP_ATTEND] = { "attend", PROCESS_COMPUTE },
	[OP_OUTPUT] = { "output", PROCESS_COMPUTE },
	[OP_FFN] = { "ffn", PROCESS_COMPUTE },
	[OP_HEAD] = { "head", PROCESS_COMPUTE },
	[OP_STORE_HIDDEN] = { "store_hidden", PROCESS_COMPUTE },
	[OP_STORE_CACHE] = { "store_cache", PROCESS_STORE_CACHE },
	[OP_STORE_QUERY] = { "store_query", PROCESS_STORE_CACHE },
	[OP_STORE_ACTIVATION] = { "store_activation",
				  PROCESS_STORE_ACTIVATION },
	[OP_STAGE_KEY] = { "stage_key", PROCESS_HOST },
	[OP_STAGE_VALUE] = { "stage_value", PROCESS_HOST },
	[OP_ATTEND_HOST] = { "attend_host", PROCESS_HOST },
	[OP_BARRIER] = { "barrier", PROCESS_HOST },
	[OP_ISSUE] = { "issue", PROCESS_ISSUE },
};

struct graph *graph_new(size_t layers, size_t batches)
{
	struct graph *g = xcalloc(1, sizeof *g);

	assert(layers >= 1 && batches >= 1);
	g->layers = layers;
	g->batches = batches;
	g->gpus = 1;
	return g;
}

size_t graph_slots(const struct graph *g)
{
	return g->layers * g->batches;
}

void graph_free(struct graph *g)
{
	if (g == NULL)
		return;
	free(g->works);
	free(g->tasks);
	free(g->waits);
	free(g);
}

size_t graph_add_work(struct graph *g, struct work w)
{
	g->works = xgrow(g->works, g->nworks, sizeof *g->works);
	g->works[g->nworks] = w;
	return g->nworks++;
}

void graph_add_task(struct graph *g, enum op op, size_t slot, size_t work)
{
	assert(slot < graph_slots(g) && work < g->nworks);
	g->tasks = xgrow(g->tasks, g->ntasks, sizeof *g->tasks);
	g->tasks[g->ntasks++] = (struct task){
		.op = op, .layer = slot / g->batches,
		.batch = slot % g->batches, .work = work,
		.first_wait = g->nwaits,
	};
}

/* Until graph_finish(), wait.task holds the place of (op, slot). */
static size_t place(const struct graph *g, enum op op, size_t slot)
{
	return (size_t)op * graph_slots(g) + slot;
}

void graph_wait(struct graph *g, enum op op, size_t slot, size_t back)
{
	size_t slots = graph_slots(g), lag = 0;

	assert(g->ntasks > 0 && slot < slots);
	if (slot < back) {
		lag = (back - slot + slots - 1) / slots;
		slot += lag * slots;
	}
	g->waits = xgrow(g->waits, g->nwaits, sizeof *g->waits);
	g->waits[g->nwaits++] = (struct wait){
		.task = place(g, op, slot - back), .lag = lag,
	};
	g->tasks[g->ntasks - 1].nwaits++;
}

/* From places to indices of tasks. */
static void resolve_waits(struct graph *g)
{
	size_t places = OP_COUNT * graph_slots(g);
	size_t *at = xcalloc(places, sizeof *at);	/* index + 1 */

	for (size_t i = 0; i < g->ntasks; i++) {
		const struct task *t = &g->tasks[i];
		size_t p = place(g, t->op, t->layer * g->batches + t->batch);

		assert(at[p] == 0);	/* one task for each op and slot */
		at[p] = i + 1;
	}
	for (size_t i = 0; i < g->ntasks; i++) {
		const struct task *t = &g->tasks[i];

		for (size_t j = 0; j < t->nwaits; j++) {
			struct wait *w = &g->waits[t->first_wait + j];

			assert(at[w->task] != 0);
			w->task = at[w->task] - 1;
			assert(w->lag > 0 || w->task < i);
		}
	}
	free(at);
}

static bool same_engine(const struct graph *g, size_t a, size_t b)
{
	return g->works[g->tasks[a].work].engine ==
	       g->works[g->tasks[b].work].engine;
}

static bool issues(const struct graph *g, size_t task)
{
	return g->works[g->tasks[task].work].engine == ENGINE_ISSUE;
}

bool graph_hands_off(const struct graph *g, size_t from, size_t to)
{
	return !same_engine(g, from, to) && !issues(g, from) &&
	       !issues(g, to);
}

enum process graph_queue(enum process p)
{
	switch (p) {
	case PROCESS_LOAD_WEIGHT:
	case PROCESS_LOAD_ACTIVATION:
		return PROCESS_LOAD_CACHE;
	case PROCESS_STORE_ACTIVATION:
		return PROCESS_STORE_CACHE;
	default:
		return p;
	}
}

static enum process process_of(const struct graph *g, size_t task)
{
	return op_process(g->tasks[task].op);
}

/* What stands before task `i` on its stream, and in its queue. */
struct last {
	struct wait stream[PROCESS_COUNT], queue[PROCESS_COUNT];
};

static void note_last(struct last *l, const struct graph *g, size_t i,
		      size_t lag)
{
	enum process p = process_of(g, i);

	l->stream[p] = l->queue[graph_queue(p)] =
		(struct wait){ .task = i, .lag = lag };
}

static void add_wait(struct wait **waits, size_t *n, struct wait w)
{
	*waits = xgrow(*waits, *n, sizeof **waits);
	(*waits)[(*n)++] = w;
}

static void add_order(struct graph *g)
{
	struct wait *waits = NULL;
	struct last last;
	size_t n = 0;

	for (size_t i = 0; i < g->ntasks; i++)	/* those of a period before */
		note_last(&last, g, i, 1);
	for (size_t i = 0; i < g->ntasks; i++) {
		struct task *t = &g->tasks[i];
		enum process p = process_of(g, i);
		struct wait stream = last.stream[p];
		struct wait queue = last.queue[graph_queue(p)];
		size_t first = n;

		for (size_t j = 0; j < t->nwaits; j++)
			add_wait(&waits, &n, g->waits[t->first_wait + j]);
		if (!same_engine(g, stream.task, i))
			add_wait(&waits, &n, stream);
		if (g->copies_in_order && process_of(g, queue.task) != p)
			add_wait(&waits, &n, queue);
		t->first_wait = first;
		t->nwaits = n - first;
		note_last(&last, g, i, 0);
	}
	free(g->waits);
	g->waits = waits;
	g->nwaits = n;
}

/* Kernels that another engine waits for; the others need no event. */
static void find_awaited(const struct graph *g, bool *awaited)
{
	for (size_t i = 0; i < g->ntasks; i++)
		for (size_t k = 0; k < g->tasks[i].nwaits; k++) {
			size_t on = g->waits[g->tasks[i].first_wait + k].task;

			if (g->works[g->tasks[on].work].engine == ENGINE_SM &&
			    graph_hands_off(g, on, i))
				awaited[on] = true;
		}
}

/* Where only some of a work's tasks are awaited, these get one of their own. */
static void set_awaited(struct graph *g)
{
	bool *awaited = xcalloc(g->ntasks, sizeof *awaited);
	bool *shared = xcalloc(g->nworks, sizeof *shared);
	size_t *own = xcalloc(g->nworks, sizeof *own);	/* index + 1 */

	g->nshapes = g->nworks;
	find_awaited(g, awaited);
	for (size_t i = 0; i < g->ntasks; i++)
		shared[g->tasks[i].work] |= !awaited[i];
	for (size_t i = 0; i < g->ntasks; i++) {
		size_t w = g->tasks[i].work;

		if (!awaited[i])
			continue;
		if (own[w] == 0)
			own[w] = 1 + (shared[w] ? graph_add_work(g, g->works[w])
						: w);
		g->tasks[i].work = own[w] - 1;
		g->works[own[w] - 1].awaited = true;
	}
	free(awaited);
	free(shared);
	free(own);
}

void graph_finish(struct graph *g)
{
	resolve_waits(g);
	add_order(g);
	set_awaited(g);
}

const char *op_name(enum op op)
{
	return ops[op].name;
}

enum process op_process(enum op op)
{
	return ops[op].process;
}

const char *process_name(enum process p)
{
	static const char *const names[PROCESS_COUNT] = {
		"load_weight", "load_activation", "load_cache", "compute",
		"store_cache", "store_activation", "host", "issue"
	};

	return names[p];
}
