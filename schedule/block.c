/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/block.h"

#include "model/layer.h"
#include "schedule/builder.h"

/* What a slot's tasks depend on, apart from the slot. */
struct shape {
	struct builder b;
	enum block_style style;
	size_t depth, batches, slots;
	bool cache;		/* loads KV, and stores the new tokens' */
	bool activation;	/* loads X */
	bool store_activation;	/* ... of new tokens too: stores it */
	bool quantise;		/* the new tokens */
	bool fine;
};

static struct shape find_shape(const struct llm *m, const struct workload *w,
			       const struct plan *plan, enum span span,
			       enum block_style style)
{
	struct shape s = {
		.b = builder_begin(m, w, plan, span,
				   span == SPAN_LAYER ? 1 : m->layers),
		.style = style,
		.depth = plan_prefetch(plan),
		.batches = w->num_batches,
		.fine = plan->decision[DECISION_PIPELINE] == PIPELINE_FINE,
	};

	s.b.graph->copies_in_order = !s.b.host;
	s.slots = graph_slots(s.b.graph);
	s.cache = s.b.moved > 0.0;
	s.activation = plan->policy->split != SPLIT_NONE && s.b.share > 0.0;
	s.store_activation = builder_stores_activation(&s.b);
	s.quantise = builder_turns_cache(&s.b) ||
		     (s.store_activation &&
		      element_is_quantised(w->activations));
	return s;
}

static bool first_of_layer(const struct shape *s, size_t slot)
{
	return slot % s->batches == 0;
}

/*
 * Periods before its own in which the load for `slot` is issued: a layer alone
 * follows others like it, and what runs ahead of it is issued in those.  A step
 * begins with its first loads.
 */
static size_t periods_ahead(const struct shape *s, size_t slot)
{
	if (s->b.span != SPAN_LAYER || slot >= s->depth)
		return 0;
	return (s->depth - slot + s->slots - 1) / s->slots;
}

/* Let the task added last wait for what is loaded for `slot`. */
static void wait_load(struct shape *s, enum op load, size_t slot)
{
	graph_wait(s->b.graph, load, slot, periods_ahead(s, slot) * s->slots);
}

/* ---- weights ---- */

enum { PARTS = 3 };
static const enum op weight_ops[PARTS] = {
	OP_LOAD_WEIGHT_KV, OP_LOAD_WEIGHT_QO, OP_LOAD_WEIGHT_FFN
};

/*
 * `slot` is the first of the layer whose weights are loaded; `ahead`: of the
 * next period.
 */
static void add_weight(struct shape *s, enum op part, size_t slot, bool ahead)
{
	bool serial = s->style == BLOCK_SERIAL;

	builder_add(&s->b, part, slot);
	if (ahead)
		graph_wait(s->b.graph, OP_FFN, s->slots - 1, s->batches);
	else
		graph_wait(s->b.graph, OP_FFN, slot,
			   serial ? 1 : s->batches + 1);
	if (serial && slot == 0 && s->b.span == SPAN_STEP)
		graph_wait(s->b.graph, OP_HEAD, s->slots - 1, s->slots);
}

/*
 * Weights, parts `first` .. `end` - 1, of the layer after that of `slot`,
 * issued with its first batch.  Layer 0's are issued in the step before, and
 * so one period early.
 */
static void add_next_weights(struct shape *s, size_t slot, size_t first,
			     size_t end)
{
	bool prefill = s->b.span == SPAN_PREFILL;
	bool serial = s->style == BLOCK_SERIAL;
	size_t next = slot + s->batches;

	if (!s->b.streamed || !first_of_layer(s, slot))
		return;
	if (serial || (prefill && slot == 0))
		for (size_t i = first; i < end; i++)
			add_weight(s, weight_ops[i], slot, false);
	for (size_t i = first; i < end && !serial; i++)
		if (next < s->slots)
			add_weight(s, weight_ops[i], next, false);
		else if (!prefill)
			add_weight(s, weight_ops[i], 0, true);
}

/* Let the task of `slot` added last wait for a part of its weights. */
static void wait_weight(struct shape *s, enum op part, size_t slot)
{
	bool early = s->style != BLOCK_SERIAL && s->b.span != SPAN_PREFILL;

	if (s->b.streamed && first_of_layer(s, slot))
		graph_wait(s->b.graph, part, slot,
			   early && slot == 0 ? s->slots : 0);
}

static void add_dequantise_weight(struct shape *s, size_t slot)
{
	if (!element_is_quantised(s->b.w->weights) ||
	    !first_of_layer(s, slot))
		return;
	builder_add(&s->b, OP_DEQUANTISE_WEIGHT, slot);
	for (size_t i = 0; i < PARTS; i++)
		wait_weight(s, weight_ops[i], slot);
	if (s->style == BLOCK_SERIAL && s->cache &&
	    s->b.span != SPAN_PREFILL)
		wait_load(s, OP_LOAD_CACHE, slot);
}

/* ---- decode ---- */

/* Let the load for `slot`, added last, wait for ffn(slot - D - 1). */
static void wait_buffer(struct shape *s, size_t slot)
{
	size_t ahead = periods_ahead(s, slot) * s->slots;

	if (ahead > 0)		/* counted from where it is issued */
		graph_wait(s->b.graph, OP_FFN, slot + ahead - s->depth, 1);
	else
		graph_wait(s->b.graph, OP_FFN, slot, s->depth + 1);
}

/* What `slot` needs of the host; see the header for what it waits for. */
static void add_activation_load(struct shape *s, size_t slot)
{
	if (!s->activation)
		return;
	builder_add(&s->b, OP_LOAD_ACTIVATION, slot);
	wait_buffer(s, slot);
	if (s->store_activation && s->b.span == SPAN_STEP)
		graph_wait(s->b.graph, OP_STORE_ACTIVATION, slot, s->slots);
}

static void add_cache_load(struct shape *s, size_t slot)
{
	bool step = s->b.span == SPAN_STEP;

	if (!s->cache)
		return;
	builder_add(&s->b, OP_LOAD_CACHE, slot);
	wait_buffer(s, slot);
	if (step)
		graph_wait(s->b.graph, OP_STORE_CACHE, slot, s->slots);
	if (step && s->style == BLOCK_SERIAL && slot == 0)
		graph_wait(s->b.graph, OP_HEAD, s->slots - 1, s->slots);
}

static void add_recompute(struct shape *s, size_t slot)
{
	bool quantised = element_is_quantised(s->b.w->activations);

	if (!s->activation)
		return;
	if (quantised) {
		builder_add(&s->b, OP_DEQUANTISE_ACTIVATION, slot);
		wait_load(s, OP_LOAD_ACTIVATION, slot);
	}
	builder_add(&s->b, OP_RECOMPUTE, slot);
	if (!quantised)
		wait_load(s, OP_LOAD_ACTIVATION, slot);
	if (s->fine)
		wait_weight(s, OP_LOAD_WEIGHT_KV, slot);
}

static void add_project(struct shape *s, size_t slot)
{
	size_t last = s->slots - s->batches;	/* layer's first slot */

	builder_add(&s->b, OP_PROJECT, slot);
	if (slot < s->batches && s->b.span == SPAN_STEP)
		graph_wait(s->b.graph, OP_HEAD, last + slot, s->slots);
	wait_weight(s, OP_LOAD_WEIGHT_KV, slot);
	wait_weight(s, OP_LOAD_WEIGHT_QO, slot);
	if (s->b.span == SPAN_PREFILL) {
		if (s->cache && slot >= 2)
			graph_wait(s->b.graph, OP_STORE_CACHE, slot, 2);
		if (s->store_activation && slot >= 2)
			graph_wait(s->b.graph, OP_STORE_ACTIVATION, slot, 2);
	} else if (s->style == BLOCK_SERIAL && s->cache) {
		wait_load(s, OP_LOAD_CACHE, slot);
	}
	if (s->style == BLOCK_SERIAL)
		wait_weight(s, OP_LOAD_WEIGHT_FFN, slot);
	if (s->quantise)
		builder_add(&s->b, OP_QUANTISE, slot);
}

static void add_stores(struct shape *s, size_t slot)
{
	enum op from = s->quantise ? OP_QUANTISE : OP_PROJECT;
	bool append = s->style == BLOCK_COPY_BACK && s->cache &&
		      s->b.span != SPAN_PREFILL;

	if (append) {
		builder_add(&s->b, OP_APPEND, slot);
		wait_load(s, OP_LOAD_CACHE, slot);
	}
	if (s->cache) {
		builder_add(&s->b, OP_STORE_CACHE, slot);
		graph_wait(s->b.graph, append ? OP_APPEND : from, slot, 0);
	}
	if (s->store_activation) {
		builder_add(&s->b, OP_STORE_ACTIVATION, slot);
		graph_wait(s->b.graph, from, slot, 0);
	}
}

static void add_attend(struct shape *s, size_t slot)
{
	bool decode = s->b.span != SPAN_PREFILL;
	bool quantised = decode && builder_turns_cache(&s->b);

	builder_add(&s->b, quantised ? OP_DEQUANTISE_CACHE : OP_ATTEND,
		    slot);
	if (s->cache && decode)
		wait_load(s, OP_LOAD_CACHE, slot);
	if ((s->style == BLOCK_SERIAL || s->style == BLOCK_COPY_BACK) &&
	    s->cache)
		graph_wait(s->b.graph, OP_STORE_CACHE, slot, 0);
	if (quantised)
		builder_add(&s->b, OP_ATTEND, slot);
}

/* The way of the new token's query to the CPU and back. */
static void add_host_attention(struct shape *s, size_t slot)
{
	static const enum op way[] = { OP_PROJECT, OP_STORE_QUERY,
				       OP_ATTEND_HOST, OP_LOAD_ATTENTION };

	for (size_t i = 1; i < sizeof way / sizeof way[0]; i++) {
		builder_add(&s->b, way[i], slot);
		graph_wait(s->b.graph, way[i - 1], slot, 0);
	}
}

/* A slot up to attention. */
static void add_front(struct shape *s, size_t slot)
{
	bool decode = s->b.span != SPAN_PREFILL;

	add_dequantise_weight(s, slot);
	if (decode && s->fine)
		add_recompute(s, slot);
	add_project(s, slot);
	if (s->b.host)
		add_host_attention(s, slot);
	add_stores(s, slot);
	if (decode && !s->fine)
		add_recompute(s, slot);
}

/* The rest; `back` slots ago the CPU attended for it. */
static void add_back(struct shape *s, size_t slot, size_t back)
{
	add_attend(s, slot);
	builder_add(&s->b, OP_OUTPUT, slot);
	if (s->b.host)
		graph_wait(s->b.graph, OP_LOAD_ATTENTION, slot, back);
	builder_add(&s->b, OP_FFN, slot);
	wait_weight(s, OP_LOAD_WEIGHT_FFN, slot);
}

/*
 * Loads are issued D slots ahead of the compute that they serve, a step's
 * first ones before all; in the fine pipeline what recomputation needs goes
 * first.
 */
static void add_in_turn(struct shape *s)
{
	bool decode = s->b.span != SPAN_PREFILL;
	bool layer = s->b.span == SPAN_LAYER;
	size_t first = s->fine && decode ? 1 : PARTS;
	size_t before = decode && !layer ? s->depth : 0;

	for (size_t n = 0; n < before && n < s->slots; n++) {
		add_activation_load(s, n);
		add_cache_load(s, n);
	}
	for (size_t n = 0; n < s->slots; n++) {
		size_t on = n + s->depth;
		bool loads = decode && (layer || on < s->slots);

		on %= s->slots;
		add_next_weights(s, n, 0, first);
		if (loads)
			add_activation_load(s, on);
		add_next_weights(s, n, first, PARTS);
		if (loads)
			add_cache_load(s, on);
		add_front(s, n);
		add_back(s, n, 0);
	}
}

/* One layer alone ends with the front of the next, a period ahead. */
static void add_interleaved(struct shape *s)
{
	bool layer = s->b.span == SPAN_LAYER;

	for (size_t n = 0; n < s->batches && !layer; n++)
		add_front(s, n);
	for (size_t n = 0; n < s->slots; n++) {
		add_back(s, n, layer ? s->slots : 0);
		if (layer)
			add_front(s, n);
		else if (n + s->batches < s->slots)
			add_front(s, n + s->batches);
	}
}

struct graph *block_graph(const struct llm *m, const struct workload *w,
			  const struct plan *plan, enum span span,
			  enum block_style style)
{
	struct shape s = find_shape(m, w, plan, span, style);

	if (style == BLOCK_COPY_BACK && span != SPAN_PREFILL)
		builder_set(&s.b, OP_STORE_CACHE,
			    layer_store_whole_cache(m, w, s.b.share));
	if (style == BLOCK_INTERLEAVED && s.b.host)
		add_interleaved(&s);
	else
		add_in_turn(&s);
	for (size_t k = 0; k < s.batches && span != SPAN_LAYER; k++)
		builder_add(&s.b, OP_HEAD, s.slots - s.batches + k);
	return builder_finish(&s.b);
}

struct graph *block_overlapped_graph(const struct llm *m,
				     const struct workload *w,
				     const struct plan *plan, enum span span)
{
	return block_graph(m, w, plan, span, BLOCK_OVERLAPPED);
}
