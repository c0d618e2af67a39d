/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/row.h"

#include <math.h>
#include <stdbool.h>

#include "model/layer.h"

/* What the policy never does is left out of the graph. */
struct needs {
	bool cache;		/* loads KV, and stores the new token's */
	bool activation;	/* loads X */
	bool new_activation;	/* ... of generated tokens too: stores it */
};

static struct needs find_needs(const struct plan *plan)
{
	bool activation = plan->policy->split != SPLIT_NONE;

	return (struct needs){
		.cache = plan->policy->split != SPLIT_ALL,
		.activation = activation,
		.new_activation = activation && plan->whole_sequence,
	};
}

/* Indices into the graph's works, for each op. */
struct works {
	size_t of[OP_COUNT];
};

static struct works add_works(struct graph *g, const struct llm *m,
			      const struct workload *w,
			      enum row_style style)
{
	struct works at = { { 0 } };

	at.of[OP_LOAD_ACTIVATION] =
		graph_add_work(g, layer_load_activation(m, w));
	at.of[OP_LOAD_CACHE] = graph_add_work(g, layer_load_cache(m, w));
	at.of[OP_PROJECT] = graph_add_work(g, layer_project(m, w));
	at.of[OP_RECOMPUTE] = graph_add_work(g, layer_recompute(m, w));
	at.of[OP_APPEND] = graph_add_work(g, layer_append(m, w));
	at.of[OP_ATTEND] = graph_add_work(g, layer_attend(m, w));
	at.of[OP_OUTPUT] = graph_add_work(g, layer_output(m, w));
	at.of[OP_FFN] = graph_add_work(g, layer_ffn(m, w));
	at.of[OP_HEAD] = graph_add_work(g, layer_head(m, w));
	at.of[OP_STORE_CACHE] = graph_add_work(
		g, style == ROW_COPY_BACK ? layer_store_whole_cache(m, w)
					  : layer_store_cache(m, w));
	at.of[OP_STORE_ACTIVATION] =
		graph_add_work(g, layer_store_activation(m, w));
	return at;
}

static void add(struct graph *g, const struct works *works, enum op op,
		size_t layer)
{
	graph_add_task(g, op, layer, works->of[op]);
}

/* What a layer's tasks depend on, apart from the layer. */
struct shape {
	struct needs needs;
	size_t prefetch;
	enum span span;
	enum row_style style;
};

/* The loads of `layer`; see the header for what they wait for. */
static void add_loads(struct graph *g, const struct works *works,
		      const struct shape *s, size_t layer)
{
	if (s->needs.activation) {
		add(g, works, OP_LOAD_ACTIVATION, layer);
		graph_wait(g, OP_FFN, layer, s->prefetch + 1);
		if (s->needs.new_activation && s->span == SPAN_STEP)
			graph_wait(g, OP_STORE_ACTIVATION, layer, g->layers);
	}
	if (s->needs.cache) {
		add(g, works, OP_LOAD_CACHE, layer);
		graph_wait(g, OP_FFN, layer, s->prefetch + 1);
		if (s->span == SPAN_STEP)
			graph_wait(g, OP_STORE_CACHE, layer, g->layers);
		if (s->span == SPAN_STEP && s->style == ROW_SERIAL &&
		    layer == 0)
			graph_wait(g, OP_HEAD, g->layers - 1, g->layers);
	}
}

static void add_layer(struct graph *g, const struct works *works,
		      const struct shape *s, size_t layer)
{
	bool copy_back = s->style == ROW_COPY_BACK;

	add_loads(g, works, s, layer);
	add(g, works, OP_PROJECT, layer);
	if (layer == 0 && s->span == SPAN_STEP)	/* the token fed back */
		graph_wait(g, OP_HEAD, g->layers - 1, g->layers);
	if (s->style == ROW_SERIAL)
		graph_wait(g, OP_LOAD_CACHE, layer, 0);
	if (copy_back) {
		add(g, works, OP_APPEND, layer);
		graph_wait(g, OP_LOAD_CACHE, layer, 0);
	}
	if (s->needs.cache) {
		add(g, works, OP_STORE_CACHE, layer);
		graph_wait(g, copy_back ? OP_APPEND : OP_PROJECT, layer, 0);
	}
	if (s->needs.new_activation) {
		add(g, works, OP_STORE_ACTIVATION, layer);
		graph_wait(g, OP_PROJECT, layer, 0);
	}
	if (s->needs.activation) {
		add(g, works, OP_RECOMPUTE, layer);
		graph_wait(g, OP_LOAD_ACTIVATION, layer, 0);
	}
	add(g, works, OP_ATTEND, layer);
	if (s->needs.cache)
		graph_wait(g, OP_LOAD_CACHE, layer, 0);
	if (s->style == ROW_SERIAL || copy_back)
		graph_wait(g, OP_STORE_CACHE, layer, 0);
	add(g, works, OP_OUTPUT, layer);
	add(g, works, OP_FFN, layer);
}

struct graph *row_graph(const struct llm *m, const struct workload *w,
			const struct plan *plan, enum span span,
			enum row_style style)
{
	const struct shape shape = { .needs = find_needs(plan),
				     .prefetch = plan->prefetch,
				     .span = span, .style = style };
	struct graph *g = graph_new(span == SPAN_STEP ? m->layers : 1);
	struct works works = add_works(g, m, w, style);

	for (size_t layer = 0; layer < g->layers; layer++)
		add_layer(g, &works, &shape, layer);
	if (span == SPAN_STEP)
		add(g, &works, OP_HEAD, m->layers - 1);
	graph_finish(g);
	return g;
}

struct graph *row_overlapped_graph(const struct llm *m,
				   const struct workload *w,
				   const struct plan *plan, enum span span)
{
	return row_graph(m, w, plan, span, ROW_OVERLAPPED);
}

/*
 * Device buffers at the largest step: what is loaded, X of l tokens and KV
 * of the others, D + 1 times; K and V that are recomputed once.
 */
static double buffer_bytes(const struct llm *m, const struct workload *w,
			   const struct plan *plan)
{
	double kv = layer_kv_token_bytes(m, w), most = 0.0;
	double x = layer_activation_token_bytes(m, w);
	double depth = (double)plan->prefetch + 1.0;

	for (size_t i = 0; i < plan->steps; i++) {
		double l = (double)plan->split[i];
		double loaded = (double)workload_cached(w, i) + 1.0 - l;

		most = fmax(most, depth * (l * x + loaded * kv) + l * kv);
	}
	return most;
}

/* Tokens whose X is ever recomputed from: all that need be kept. */
static double kept_tokens(const struct plan *plan)
{
	size_t most = 0;

	for (size_t i = 0; i < plan->steps; i++)
		most = plan->split[i] > most ? plan->split[i] : most;
	return (double)most;
}

void row_memory(const struct llm *m, const struct workload *w,
		const struct plan *plan, struct memory *mem)
{
	struct needs needs = find_needs(plan);
	double layers = (double)m->layers, b = (double)w->batch;
	double tokens = (double)workload_tokens(w);
	double p = w->element_bytes;

	*mem = (struct memory){ .n = 0 };
	memory_add(mem, MEMORY_GPU, "weights", llm_parameters(m) * p);
	memory_add(mem, MEMORY_GPU, "layer buffers",
		   buffer_bytes(m, w, plan));
	memory_add(mem, MEMORY_GPU, "activations",
		   b * p * (double)(2 * m->hidden + llm_query_width(m) +
				    2 * llm_kv_width(m)) +
			   b * p * (m->ffn_gated ? 2.0 : 1.0) *
				   (double)(m->ffn * m->experts_per_token));
	memory_add(mem, MEMORY_GPU, "logits", b * p * (double)m->vocab);
	if (needs.cache)
		memory_add(mem, MEMORY_HOST, "KV cache",
			   layers * tokens * layer_kv_token_bytes(m, w));
	if (needs.activation)
		memory_add(mem, MEMORY_HOST, "stored activations",
			   layers * kept_tokens(plan) *
				   layer_activation_token_bytes(m, w));
}
