/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/builder.h"

#include <math.h>

#include "model/layer.h"

struct builder builder_begin(const struct llm *m, const struct workload *w,
			     const struct plan *plan, enum span span,
			     size_t layers)
{
	double share = plan_cache_on_host(plan);
	bool host = plan->decision[DECISION_ATTENTION] == ATTENTION_CPU &&
		    share > 0.0 && span != SPAN_PREFILL;
	bool none = host || plan->policy->split == SPLIT_ALL;
	struct graph *g = graph_new(layers, w->num_batches);

	g->gpus = w->gpus;
	return (struct builder){
		.graph = g, .m = m, .w = w, .plan = plan, .span = span,
		.share = share, .moved = none ? 0.0 : share, .host = host,
		.kept = plan->decision[DECISION_CACHE_ON_GPU],
		.tokens = span == SPAN_PREFILL ? (double)w->prompt : 1.0,
		.streamed = plan_weights_on_host(plan) > 0.0,
	};
}

double builder_kept_tokens(const struct plan *plan)
{
	size_t most = 0;

	for (size_t i = 0; i < plan->steps; i++)
		most = plan->split[i] > most ? plan->split[i] : most;
	return (double)most;
}

bool builder_stores_activation(const struct builder *b)
{
	return b->plan->policy->split != SPLIT_NONE && b->share > 0.0 &&
	       (b->span == SPAN_PREFILL || b->plan->whole_sequence);
}

bool builder_turns_cache(const struct builder *b)
{
	return element_is_quantised(b->w->kv) &&
	       (b->moved > 0.0 || b->kept > 0.0);
}

/* Of the prompt in prefill, of the new token in decode. */
static struct work store_activation(const struct builder *b)
{
	double tokens = b->span == SPAN_PREFILL
		? fmin(b->tokens, builder_kept_tokens(b->plan))
		: 1.0;

	return layer_store_activation(b->m, b->w, b->share, tokens);
}

static struct work attend(const struct builder *b)
{
	if (b->span == SPAN_PREFILL)
		return layer_attend_prompt(b->m, b->w);
	return layer_attend(b->m, b->w, b->host ? b->kept : 1.0);
}

static struct work quantise(const struct builder *b)
{
	bool x = builder_stores_activation(b);

	return layer_quantise(b->m, b->w, b->moved > 0.0 ? 1.0 : b->kept,
			      x ? b->share : 0.0, b->tokens);
}

static struct work work_of(const struct builder *b, enum op op)
{
	const struct llm *m = b->m;
	const struct workload *w = b->w;
	double on_host = plan_weights_on_host(b->plan), share = b->share;

	switch (op) {
	case OP_LOAD_WEIGHT_KV:
		return layer_load_weight(m, w, LAYER_KV, on_host);
	case OP_LOAD_WEIGHT_QO:
		return layer_load_weight(m, w, LAYER_QO, on_host);
	case OP_LOAD_WEIGHT_FFN:
		return layer_load_weight(m, w, LAYER_FFN, on_host);
	case OP_LOAD_EMBEDDING:
		return layer_load_embedding(m, w);
	case OP_LOAD_ACTIVATION:
		return layer_load_activation(m, w, share);
	case OP_LOAD_ATTENTION:
		return layer_load_attention(m, w, share);
	case OP_LOAD_CACHE:
		return layer_load_cache(m, w, share);
	case OP_LOAD_KEY:
	case OP_LOAD_VALUE:
		return layer_load_half(m, w, share);
	case OP_LOAD_HIDDEN:
		return layer_load_hidden(m, w, b->tokens);
	case OP_DEQUANTISE_WEIGHT:
		return layer_dequantise_weight(m, w);
	case OP_PROJECT:
		return layer_project(m, w, b->tokens);
	case OP_QUANTISE:
		return quantise(b);
	case OP_DEQUANTISE_ACTIVATION:
		return layer_dequantise_activation(m, w, share);
	case OP_RECOMPUTE:
		return layer_recompute(m, w, share);
	case OP_APPEND:
		return layer_append(m, w);
	case OP_DEQUANTISE_CACHE:
		return layer_dequantise_cache(m, w, b->moved, b->kept);
	case OP_ATTEND:
		return attend(b);
	case OP_OUTPUT:
		return layer_output(m, w, b->tokens);
	case OP_FFN:
		return layer_ffn(m, w, b->tokens);
	case OP_HEAD:
		return layer_head(m, w);
	case OP_STORE_HIDDEN:
		return layer_store_hidden(m, w, b->tokens);
	case OP_STORE_CACHE:
		return layer_store_cache(m, w, share, b->tokens);
	case OP_STORE_QUERY:
		return layer_store_query(m, w, share);
	case OP_STORE_ACTIVATION:
		return store_activation(b);
	case OP_STAGE_KEY:
	case OP_STAGE_VALUE:
		return layer_stage_half(m, w, share);
	case OP_ATTEND_HOST:
		return layer_attend_host(m, w, share);
	case OP_BARRIER:
	case OP_ISSUE:
	case OP_COUNT:
		break;
	}
	return (struct work){ .engine = ENGINE_CPU };	/* no work */
}

void builder_set(struct builder *b, enum op op, struct work work)
{
	work.sharers = (double)b->w->gpus;
	b->of[op] = graph_add_work(b->graph, work) + 1;
}

void builder_add(struct builder *b, enum op op, size_t slot)
{
	if (b->of[op] == 0)
		builder_set(b, op, work_of(b, op));
	graph_add_task(b->graph, op, slot, b->of[op] - 1);
}

struct graph *builder_finish(struct builder *b)
{
	graph_finish(b->graph);
	return b->graph;
}
