/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/flexgen.h"

#include <assert.h>

#include "model/layer.h"
#include "schedule/builder.h"
#include "schedule/flexgen_tensors.h"
#include "schedule/footprint.h"

/* ---- the schedule ---- */

/* What a layer of FlexGen's is. */
enum unit { UNIT_EMBED, UNIT_ATTENTION, UNIT_FFN, UNIT_JOINED, UNIT_OUTPUT };

enum { MOST_ISSUED = 16 };

/* A graph under construction, and what the main thread issued in a slot. */
struct schedule {
	struct builder b;
	struct flexgen_tensors placed;
	bool separate, hidden_on_host, cpu, pageable;
	bool activation;	/* loads X, recomputes K and V from it */
	bool store_activation;	/* stores it, of what is new */
	size_t inner, outer;	/* layers between, and before, the ends */
	size_t slots, batches;
	size_t dequantise[UNIT_OUTPUT];	/* works of the units' weights */
	struct { enum op op; size_t slot; } issued[MOST_ISSUED];
	size_t nissued;
};

static enum unit unit_of(const struct schedule *s, size_t slot)
{
	size_t layer = slot / s->batches;

	if (layer < s->outer)
		return UNIT_EMBED;
	if (layer >= s->outer + s->inner)
		return UNIT_OUTPUT;
	if (!s->separate)
		return UNIT_JOINED;
	return (layer - s->outer) % 2 == 0 ? UNIT_ATTENTION : UNIT_FFN;
}

static bool attends(enum unit u)
{
	return u == UNIT_ATTENTION || u == UNIT_JOINED;
}

static size_t next(const struct schedule *s, size_t slot)
{
	return (slot + 1) % s->slots;
}

static size_t previous(const struct schedule *s, size_t slot)
{
	return (slot + s->slots - 1) % s->slots;
}

/* Add `op` of `slot` to what the main thread issues now, in slot `now`. */
static void issue(struct schedule *s, enum op op, size_t slot, size_t now)
{
	assert(s->nissued < MOST_ISSUED);
	builder_add(&s->b, op, slot);
	graph_wait(s->b.graph, OP_BARRIER, now, 1);
	s->issued[s->nissued].op = op;
	s->issued[s->nissued++].slot = slot;
}

/* Copies into the pinned buffers hold up all that is issued later. */
static void wait_staged(struct schedule *s, size_t now)
{
	size_t slot = next(s, now);

	if (s->pageable && !s->cpu && s->b.share > 0.0 &&
	    s->b.span != SPAN_PREFILL && attends(unit_of(s, slot)))
		graph_wait(s->b.graph, OP_STAGE_VALUE, slot, 0);
}

static void load_weights(struct schedule *s, size_t now)
{
	size_t slot = (now + s->batches) % s->slots;
	enum unit u = unit_of(s, slot);

	if (now % s->batches != 0 || !s->b.streamed)
		return;
	if (attends(u)) {
		issue(s, OP_LOAD_WEIGHT_KV, slot, now);
		issue(s, OP_LOAD_WEIGHT_QO, slot, now);
	}
	if (u == UNIT_FFN || u == UNIT_JOINED)
		issue(s, OP_LOAD_WEIGHT_FFN, slot, now);
	if ((u == UNIT_EMBED || u == UNIT_OUTPUT) && s->placed.embedding)
		issue(s, OP_LOAD_EMBEDDING, slot, now);
}

static void load_cache(struct schedule *s, size_t now)
{
	static const enum op stages[] = { OP_STAGE_KEY, OP_STAGE_VALUE };
	static const enum op loads[] = { OP_LOAD_KEY, OP_LOAD_VALUE };
	size_t slot = next(s, now);

	if (!attends(unit_of(s, slot)) || s->cpu || s->b.share <= 0.0 ||
	    s->b.span == SPAN_PREFILL)
		return;
	if (s->activation)
		issue(s, OP_LOAD_ACTIVATION, slot, now);
	for (size_t i = 0; i < 2; i++) {
		if (s->pageable)
			issue(s, stages[i], slot, now);
		issue(s, loads[i], slot, now);
		if (s->pageable)
			graph_wait(s->b.graph, stages[i], slot, 0);
	}
}

static void load_hidden(struct schedule *s, size_t slot, size_t now)
{
	if (!s->hidden_on_host || unit_of(s, slot) == UNIT_EMBED)
		return;
	issue(s, OP_LOAD_HIDDEN, slot, now);
	wait_staged(s, now);
}

static void store_hidden(struct schedule *s, size_t slot, size_t now)
{
	if (!s->hidden_on_host || unit_of(s, slot) == UNIT_OUTPUT)
		return;
	issue(s, OP_STORE_HIDDEN, slot, now);
	wait_staged(s, now);
}

/* X came in the slot before, and so did the weights. */
static void recompute(struct schedule *s, size_t now)
{
	if (!s->activation || s->b.span == SPAN_PREFILL)
		return;
	if (element_is_quantised(s->b.w->activations)) {
		builder_add(&s->b, OP_DEQUANTISE_ACTIVATION, now);
		graph_wait(s->b.graph, OP_BARRIER, now, 1);
	}
	issue(s, OP_RECOMPUTE, now, now);
}

static void add_attention(struct schedule *s, size_t now)
{
	static const enum op way[] = { OP_PROJECT, OP_STORE_QUERY,
				       OP_ATTEND_HOST, OP_LOAD_ATTENTION };
	bool decode = s->b.span != SPAN_PREFILL;
	bool host = s->b.host, turns = builder_turns_cache(&s->b);
	bool x = s->store_activation &&
		 element_is_quantised(s->b.w->activations);

	recompute(s, now);
	issue(s, OP_PROJECT, now, now);
	wait_staged(s, now);
	for (size_t i = 1; host && i < 4; i++) {
		builder_add(&s->b, way[i], now);
		graph_wait(s->b.graph, way[i - 1], now, 0);
	}
	if (turns || x)
		builder_add(&s->b, OP_QUANTISE, now);
	if (turns && decode)
		builder_add(&s->b, OP_DEQUANTISE_CACHE, now);
	builder_add(&s->b, OP_ATTEND, now);
	issue(s, OP_OUTPUT, now, now);
	if (host)
		graph_wait(s->b.graph, OP_LOAD_ATTENTION, now, 0);
}

static void compute(struct schedule *s, size_t now)
{
	enum unit u = unit_of(s, now);

	if (u == UNIT_EMBED)
		return;
	if (u == UNIT_OUTPUT) {
		issue(s, OP_HEAD, now, now);
		wait_staged(s, now);
		return;
	}
	if (element_is_quantised(s->b.w->weights)) {
		graph_add_task(s->b.graph, OP_DEQUANTISE_WEIGHT, now,
			       s->dequantise[u]);
		graph_wait(s->b.graph, OP_BARRIER, now, 1);
		wait_staged(s, now);
	}
	if (attends(u))
		add_attention(s, now);
	if (u != UNIT_ATTENTION) {
		issue(s, OP_FFN, now, now);
		wait_staged(s, now);
	}
}

static void store_cache(struct schedule *s, size_t slot, size_t now)
{
	bool query = s->cpu && s->b.span != SPAN_PREFILL;

	if (!attends(unit_of(s, slot)) || s->b.share <= 0.0 || query)
		return;
	issue(s, OP_STORE_CACHE, slot, now);
	wait_staged(s, now);
	if (s->store_activation)
		issue(s, OP_STORE_ACTIVATION, slot, now);
}

static void synchronise(struct schedule *s, size_t now)
{
	builder_add(&s->b, OP_BARRIER, now);
	for (size_t i = 0; i < s->nissued; i++)
		graph_wait(s->b.graph, s->issued[i].op, s->issued[i].slot, 0);
	s->nissued = 0;
}

static void add_slot(struct schedule *s, size_t now)
{
	bool row = s->batches == 1;

	load_weights(s, now);
	load_cache(s, now);
	if (!row)
		store_hidden(s, previous(s, now), now);
	load_hidden(s, row ? now : next(s, now), now);
	compute(s, now);
	store_cache(s, previous(s, now), now);
	if (row)
		store_hidden(s, now, now);
	synchronise(s, now);
}

/* The weights that the units dequantise, as parts of a whole layer's. */
static void set_dequantise(struct schedule *s)
{
	const struct workload *w = s->b.w;
	double all = layer_weight_bytes(s->b.m, w);
	double ffn = layer_part_bytes(s->b.m, w, LAYER_FFN) / all;
	const double share[] = { [UNIT_ATTENTION] = 1.0 - ffn,
				 [UNIT_FFN] = ffn, [UNIT_JOINED] = 1.0 };

	for (int u = UNIT_ATTENTION; u <= UNIT_JOINED; u++) {
		struct work k = layer_dequantise_weight(s->b.m, w);

		k.bytes.fixed *= share[u];
		s->dequantise[u] = graph_add_work(s->b.graph, k);
	}
}

static void set_works(struct schedule *s)
{
	static const enum op ops[LAYER_PARTS] = {
		OP_LOAD_WEIGHT_KV, OP_LOAD_WEIGHT_QO, OP_LOAD_WEIGHT_FFN
	};
	const struct llm *m = s->b.m;
	const struct workload *w = s->b.w;
	struct work store = layer_store_cache(m, w, s->b.share,
					      s->b.tokens);

	for (int i = 0; i < LAYER_PARTS; i++) {
		double bytes = s->placed.part[i] * element_bytes(w->weights);

		builder_set(&s->b, ops[i], layer_load_weight(
			m, w, (enum layer_part)i,
			bytes / layer_part_bytes(m, w, (enum layer_part)i)));
	}
	store.launches = 2.0;		/* K and V */
	store.pageable = s->pageable;
	builder_set(&s->b, OP_STORE_CACHE, store);
	set_dequantise(s);
}

struct graph *flexgen_graph(const struct llm *m, const struct workload *w,
			    const struct plan *plan, enum span span)
{
	bool separate = plan->decision[DECISION_SEP_LAYER] == SEP_LAYER_YES;
	size_t outer = span == SPAN_LAYER ? 0 : 1;
	size_t inner = (span == SPAN_LAYER ? 1 : m->layers) *
		       (separate ? 2 : 1);
	struct schedule s = {
		.b = builder_begin(m, w, plan, span, inner + 2 * outer),
		.placed = flexgen_tensors_place(
			m, plan->decision[DECISION_WEIGHTS_ON_GPU]),
		.separate = separate,
		.hidden_on_host = plan->decision[DECISION_HIDDEN] ==
				  HIDDEN_HOST,
		.cpu = plan->decision[DECISION_ATTENTION] == ATTENTION_CPU,
		.pageable = plan->decision[DECISION_HOME] == HOME_PAGEABLE,
		.inner = inner, .outer = outer, .batches = w->num_batches,
	};

	s.slots = graph_slots(s.b.graph);
	s.activation = plan->policy->split != SPLIT_NONE && s.b.share > 0.0;
	s.store_activation = builder_stores_activation(&s.b);
	set_works(&s);
	for (size_t n = 0; n < s.slots; n++)
		add_slot(&s, n);
	return builder_finish(&s.b);
}

void flexgen_memory(const struct llm *m, const struct workload *w,
		    const struct plan *plan, struct memory *mem)
{
	double asked = plan->decision[DECISION_WEIGHTS_ON_GPU];

	footprint_placed(m, w, plan, flexgen_tensors_on_gpu(m, asked), mem);
}

const struct policy policy_flexgen = {
	.name = "flexgen",
	.summary = "FlexGen's runtime: all in step, batch by batch",
	.split = SPLIT_NONE,
	.rules = {
		[DECISION_PREFETCH] = { DECIDED_BY_POLICY, 1 },
		[DECISION_WEIGHTS_ON_GPU] = { DECIDED_BY_USER, 0 },
		[DECISION_CACHE_ON_GPU] = { DECIDED_BY_USER, 0 },
		[DECISION_ATTENTION] = { DECIDED_BY_USER, ATTENTION_GPU },
		[DECISION_HOME] = { DECIDED_BY_USER, HOME_PAGEABLE },
		[DECISION_HIDDEN] = { DECIDED_BY_USER, HIDDEN_HOST },
		[DECISION_SEP_LAYER] = { DECIDED_BY_USER, SEP_LAYER_YES },
	},
	.build = flexgen_graph,
	.memory = flexgen_memory,
};
