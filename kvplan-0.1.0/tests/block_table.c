/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/block_table.h"

#include <check.h>

struct block_case block_table_case(const struct llm *m,
				   const struct workload *w,
				   const struct plan *plan, enum span span,
				   enum block_style style)
{
	double on_gpu = plan->decision[DECISION_CACHE_ON_GPU];
	bool some_on_host = on_gpu < 1.0;
	bool keeps_kv = plan->policy->split != SPLIT_ALL;
	bool keeps_x = plan->policy->split != SPLIT_NONE;
	struct block_case c = {
		.layers = span == SPAN_LAYER ? 1 : m->layers,
		.batches = w->num_batches,
		.depth = (size_t)plan->decision[DECISION_PREFETCH],
		.span = span, .style = style,
		.streamed = plan->decision[DECISION_WEIGHTS_ON_GPU] < 1.0,
		.fine = plan->decision[DECISION_PIPELINE] == PIPELINE_FINE,
		.x = keeps_x && some_on_host,
		.w_bits = w->weights != ELEMENT_FP16,
		.x_bits = w->activations != ELEMENT_FP16,
	};

	c.slots = c.layers * c.batches;
	c.host = span != SPAN_PREFILL && some_on_host &&
		 plan->decision[DECISION_ATTENTION] == ATTENTION_CPU;
	c.kv = keeps_kv && some_on_host && !c.host;
	c.new_x = c.x && (span == SPAN_PREFILL || plan->whole_sequence);
	/* stored on the GPU or, by it, on the host */
	c.kv_bits = w->kv != ELEMENT_FP16 && (c.kv || on_gpu > 0.0);
	c.quantise = c.kv_bits || (c.new_x && c.x_bits);
	return c;
}

enum { MOST_WAITS = 8 };

/* The task that a stream is expected to run next, and its waits. */
struct expected {
	enum op op;
	size_t slot;
	struct {
		enum op op;
		size_t slot, lag;
	} waits[MOST_WAITS];
	size_t nwaits;
	bool compared;
};

/* Walks along the streams of a graph, comparing. */
struct walk {
	const struct graph *g;
	const struct block_case *c;
	size_t next[PROCESS_COUNT];	/* task not yet compared */
	size_t tasks;			/* compared */
	struct expected now;
};

static size_t slot_of(const struct graph *g, size_t task)
{
	return g->tasks[task].layer * g->batches + g->tasks[task].batch;
}

static bool has_wait(const struct graph *g, const struct task *t, size_t i,
		     const struct expected *e)
{
	for (size_t k = 0; k < t->nwaits; k++) {
		const struct wait *w = &g->waits[t->first_wait + k];

		if (g->tasks[w->task].op == e->waits[i].op &&
		    slot_of(g, w->task) == e->waits[i].slot &&
		    w->lag == e->waits[i].lag)
			return true;
	}
	return false;
}

enum { LOADS = PROCESS_COUNT, STORES };

/* Its stream; of copies that go in order, the queue for their direction. */
static int line_of(enum op op, bool in_order)
{
	enum process p = op_process(op);

	if (!in_order)
		return (int)p;
	if (p == PROCESS_LOAD_WEIGHT || p == PROCESS_LOAD_ACTIVATION ||
	    p == PROCESS_LOAD_CACHE)
		return LOADS;
	return p == PROCESS_STORE_CACHE || p == PROCESS_STORE_ACTIVATION
		? STORES : (int)p;
}

/* The task before `task` in its line, and how many periods before. */
static size_t before(const struct graph *g, size_t task, bool in_order,
		     size_t *lag)
{
	size_t i = task;

	*lag = 0;
	do {
		*lag += i == 0;
		i = (i + g->ntasks - 1) % g->ntasks;
	} while (line_of(g->tasks[i].op, in_order) !=
		 line_of(g->tasks[task].op, in_order));
	return i;
}

static void check_added(const struct graph *g, const struct task *t,
			size_t last, size_t lag)
{
	size_t n = 0;

	for (size_t k = 0; k < t->nwaits; k++)
		n += g->waits[t->first_wait + k].task == last &&
		     g->waits[t->first_wait + k].lag == lag;
	ck_assert_uint_ge(n, 1);
}

/*
 * graph_finish() lets a task wait for the one before it on its stream, if it
 * is on another engine, and in its queue, if it is on another stream.
 */
static size_t added_waits(const struct graph *g, size_t task, bool in_order)
{
	const struct task *t = &g->tasks[task];
	size_t lag, last = before(g, task, false, &lag), n = 0;

	if (g->works[g->tasks[last].work].engine !=
	    g->works[t->work].engine) {
		check_added(g, t, last, lag);
		n++;
	}
	last = before(g, task, in_order, &lag);
	if (op_process(g->tasks[last].op) != op_process(t->op)) {
		check_added(g, t, last, lag);
		n++;
	}
	return n;
}

/* Compare the task expected now with the next of its stream. */
static void compare(struct walk *s)
{
	enum process p = op_process(s->now.op);
	const struct graph *g = s->g;
	const struct task *t;
	size_t i = s->next[p];

	while (i < g->ntasks && op_process(g->tasks[i].op) != p)
		i++;
	if (i == g->ntasks)
		ck_abort_msg("%s of slot %zu is missing", op_name(s->now.op),
			     s->now.slot);
	t = &g->tasks[i];
	if (t->op != s->now.op || slot_of(g, i) != s->now.slot)
		ck_abort_msg("found %s of slot %zu, expected %s of slot %zu",
			     op_name(t->op), slot_of(g, i),
			     op_name(s->now.op), s->now.slot);
	for (size_t k = 0; k < s->now.nwaits; k++)
		if (!has_wait(g, t, k, &s->now))
			ck_abort_msg("%s of slot %zu does not wait for %s of "
				     "slot %zu, %zu periods before",
				     op_name(t->op), s->now.slot,
				     op_name(s->now.waits[k].op),
				     s->now.waits[k].slot,
				     s->now.waits[k].lag);
	if (t->nwaits != s->now.nwaits + added_waits(g, i, !s->c->host))
		ck_abort_msg("%s of slot %zu has %zu waits, expected %zu "
			     "and %zu of its order", op_name(t->op),
			     s->now.slot, t->nwaits, s->now.nwaits,
			     added_waits(g, i, !s->c->host));
	s->next[p] = i + 1;
	s->tasks++;
	s->now.compared = true;
}

/* Expect `op` of `slot` next on its stream. */
static void expect(struct walk *s, enum op op, size_t slot)
{
	if (!s->now.compared)
		compare(s);
	s->now = (struct expected){ .op = op, .slot = slot };
}

/* ... waiting for `op` of `back` slots before `slot`, if `when`. */
static void waits_for(struct walk *s, bool when, enum op op, size_t slot,
		      size_t back)
{
	size_t slots = s->c->slots, far = 1 + back / slots;
	size_t at = far * slots + slot - back;

	if (!when)
		return;
	ck_assert_uint_lt(s->now.nwaits, MOST_WAITS);
	s->now.waits[s->now.nwaits].op = op;
	s->now.waits[s->now.nwaits].slot = at % slots;
	s->now.waits[s->now.nwaits++].lag = far - at / slots;
}

static bool first_batch(const struct block_case *c, size_t slot)
{
	return slot % c->batches == 0;
}

/* Whether weights of layer 0 are sent in the period before. */
static bool weights_ahead(const struct block_case *c)
{
	return c->style != BLOCK_SERIAL && c->span != SPAN_PREFILL;
}

/*
 * The last ffn of layer j - 2: of layer 0, when that is sent a period ahead,
 * the layer before the last of this period.
 */
static void layer_weights(struct walk *s, size_t layer)
{
	static const enum op parts[] = { OP_LOAD_WEIGHT_KV,
					 OP_LOAD_WEIGHT_QO,
					 OP_LOAD_WEIGHT_FFN };
	const struct block_case *c = s->c;
	bool serial = c->style == BLOCK_SERIAL;
	bool ahead = layer == 0 && weights_ahead(c);
	size_t slot = layer * c->batches;

	for (size_t i = 0; i < 3; i++) {
		expect(s, parts[i], slot);
		waits_for(s, serial, OP_FFN, slot, 1);
		waits_for(s, serial && layer == 0 && c->span == SPAN_STEP,
			  OP_HEAD, c->slots - 1, c->slots);
		waits_for(s, !serial && !ahead, OP_FFN, slot,
			  c->batches + 1);
		waits_for(s, ahead, OP_FFN, c->slots - 1, c->batches);
	}
}

static void weights(struct walk *s)
{
	bool ahead = weights_ahead(s->c);

	for (size_t j = ahead ? 1 : 0; j < s->c->layers; j++)
		layer_weights(s, j);
	if (ahead)
		layer_weights(s, 0);
}

/*
 * The load that is issued i-th.  A layer's, issued with slot i, is for the slot
 * that comes D later, of this layer or another, and follows ffn(i - 1).
 */
static size_t load(struct walk *s, enum op op, size_t i)
{
	const struct block_case *c = s->c;
	bool layer = c->span == SPAN_LAYER;
	size_t slot = layer ? (i + c->depth) % c->slots : i;

	expect(s, op, slot);
	waits_for(s, true, OP_FFN, i, layer ? 1 : c->depth + 1);
	return slot;
}

/* ... and how many slots before its own a layer's is. */
static size_t loaded(const struct block_case *c, size_t slot)
{
	size_t far = 0;

	while (c->span == SPAN_LAYER && slot + far < c->depth)
		far += c->slots;
	return far;
}

static void loads(struct walk *s)
{
	const struct block_case *c = s->c;
	bool step = c->span == SPAN_STEP;

	for (size_t i = 0; i < c->slots && c->x; i++) {
		size_t n = load(s, OP_LOAD_ACTIVATION, i);

		waits_for(s, step && c->new_x, OP_STORE_ACTIVATION, n,
			  c->slots);
	}
	for (size_t i = 0; i < c->slots && c->kv; i++) {
		size_t n = load(s, OP_LOAD_CACHE, i);

		waits_for(s, step, OP_STORE_CACHE, n, c->slots);
		waits_for(s, step && n == 0 && c->style == BLOCK_SERIAL,
			  OP_HEAD, c->slots - 1, c->slots);
	}
}

static void stores(struct walk *s)
{
	const struct block_case *c = s->c;
	enum op from = c->quantise ? OP_QUANTISE : OP_PROJECT;
	bool all = c->style == BLOCK_COPY_BACK && c->span != SPAN_PREFILL;

	for (size_t n = 0; n < c->slots && c->kv; n++) {
		expect(s, OP_STORE_CACHE, n);
		waits_for(s, true, all ? OP_APPEND : from, n, 0);
	}
	for (size_t n = 0; n < c->slots && c->new_x; n++) {
		expect(s, OP_STORE_ACTIVATION, n);
		waits_for(s, true, from, n, 0);
	}
}

static void way_of_the_query(struct walk *s)
{
	for (size_t n = 0; n < s->c->slots; n++) {
		expect(s, OP_STORE_QUERY, n);
		waits_for(s, true, OP_PROJECT, n, 0);
		expect(s, OP_ATTEND_HOST, n);
		waits_for(s, true, OP_STORE_QUERY, n, 0);
		expect(s, OP_LOAD_ATTENTION, n);
		waits_for(s, true, OP_ATTEND_HOST, n, 0);
	}
}

/* ... for a part of the weights; the layer's first batch stands for all. */
static void waits_for_weights(struct walk *s, enum op part, size_t slot)
{
	waits_for(s, s->c->streamed && first_batch(s->c, slot), part, slot,
		  slot == 0 && weights_ahead(s->c) ? s->c->slots : 0);
}

static void recompute(struct walk *s, size_t n)
{
	if (s->c->x_bits) {
		expect(s, OP_DEQUANTISE_ACTIVATION, n);
		waits_for(s, true, OP_LOAD_ACTIVATION, n, loaded(s->c, n));
	}
	expect(s, OP_RECOMPUTE, n);
	waits_for(s, !s->c->x_bits, OP_LOAD_ACTIVATION, n, loaded(s->c, n));
	if (s->c->fine)
		waits_for_weights(s, OP_LOAD_WEIGHT_KV, n);
}

static void project(struct walk *s, size_t n)
{
	const struct block_case *c = s->c;
	bool prefill = c->span == SPAN_PREFILL;

	expect(s, OP_PROJECT, n);
	waits_for(s, n < c->batches && c->span == SPAN_STEP, OP_HEAD,
		  c->slots - c->batches + n, c->slots);
	waits_for_weights(s, OP_LOAD_WEIGHT_KV, n);
	waits_for_weights(s, OP_LOAD_WEIGHT_QO, n);
	if (c->style == BLOCK_SERIAL)
		waits_for_weights(s, OP_LOAD_WEIGHT_FFN, n);
	waits_for(s, !prefill && c->style == BLOCK_SERIAL && c->kv,
		  OP_LOAD_CACHE, n, loaded(s->c, n));
	waits_for(s, prefill && c->kv && n >= 2, OP_STORE_CACHE, n, 2);
	waits_for(s, prefill && c->new_x && n >= 2, OP_STORE_ACTIVATION, n,
		  2);
}

/* The compute of slot `n` up to attention. */
static void front(struct walk *s, size_t n)
{
	const struct block_case *c = s->c;
	bool decode = c->span != SPAN_PREFILL;

	if (c->w_bits && first_batch(c, n)) {
		expect(s, OP_DEQUANTISE_WEIGHT, n);
		waits_for_weights(s, OP_LOAD_WEIGHT_KV, n);
		waits_for_weights(s, OP_LOAD_WEIGHT_QO, n);
		waits_for_weights(s, OP_LOAD_WEIGHT_FFN, n);
		waits_for(s, decode && c->style == BLOCK_SERIAL && c->kv,
			  OP_LOAD_CACHE, n, loaded(s->c, n));
	}
	if (decode && c->x && c->fine)
		recompute(s, n);
	project(s, n);
	if (c->quantise)
		expect(s, OP_QUANTISE, n);
	if (decode && c->kv && c->style == BLOCK_COPY_BACK) {
		expect(s, OP_APPEND, n);
		waits_for(s, true, OP_LOAD_CACHE, n, loaded(s->c, n));
	}
	if (decode && c->x && !c->fine)
		recompute(s, n);
}

/* The rest; the CPU's part was asked for `asked` slots ago. */
static void back(struct walk *s, size_t n, size_t asked)
{
	const struct block_case *c = s->c;
	bool decode = c->span != SPAN_PREFILL;
	bool stored = c->style == BLOCK_SERIAL ||
		      c->style == BLOCK_COPY_BACK;
	bool turn = decode && c->kv_bits;

	expect(s, turn ? OP_DEQUANTISE_CACHE : OP_ATTEND, n);
	waits_for(s, decode && c->kv, OP_LOAD_CACHE, n, loaded(s->c, n));
	waits_for(s, c->kv && stored, OP_STORE_CACHE, n, 0);
	if (turn)
		expect(s, OP_ATTEND, n);
	expect(s, OP_OUTPUT, n);
	waits_for(s, c->host, OP_LOAD_ATTENTION, n, asked);
	expect(s, OP_FFN, n);
	waits_for_weights(s, OP_LOAD_WEIGHT_FFN, n);
}

static void compute(struct walk *s)
{
	const struct block_case *c = s->c;
	bool interleaved = c->host && c->style == BLOCK_INTERLEAVED;
	bool layer = c->span == SPAN_LAYER;

	/* the next layer's project(n) follows ffn(n) at once */
	for (size_t n = 0; interleaved && !layer && n < c->batches; n++)
		front(s, n);
	for (size_t n = 0; n < c->slots; n++) {
		if (!interleaved)
			front(s, n);
		back(s, n, interleaved && layer ? c->slots : 0);
		if (interleaved && layer)
			front(s, n);
		else if (interleaved && n + c->batches < c->slots)
			front(s, n + c->batches);
	}
	for (size_t n = c->slots - c->batches; !layer && n < c->slots; n++)
		expect(s, OP_HEAD, n);
}

void block_table_check(const struct graph *g, const struct block_case *c)
{
	struct walk s = { .g = g, .c = c, .now.compared = true };

	ck_assert_uint_eq(g->layers, c->layers);
	ck_assert_uint_eq(g->batches, c->batches);
	if (c->streamed)
		weights(&s);
	if (c->span != SPAN_PREFILL)
		loads(&s);
	compute(&s);
	stores(&s);
	if (c->host)
		way_of_the_query(&s);
	if (!s.now.compared)
		compare(&s);
	ck_assert_uint_eq(g->ntasks, s.tasks);
}
