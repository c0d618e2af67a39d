/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/footprint.h"

#include <math.h>
#include <stdbool.h>

#include "model/layer.h"
#include "schedule/builder.h"

#define P ELEMENT_COMPUTE_BYTES

/* What one phase works with on the GPU. */
struct phase {
	const char *buffers, *activations;	/* what to call them */
	double buffer_bytes, activation_bytes;
	double waiting_bytes;		/* hidden state of other batches */
};

/* Activations of `rows` tokens on their way through a layer. */
static double activation_bytes(const struct llm *m, double rows)
{
	double width = (double)(2 * m->hidden + llm_query_width(m) +
				2 * llm_kv_width(m));
	double inner = (m->ffn_gated ? 2.0 : 1.0) *
		       (double)(m->ffn * m->experts_per_token);

	return rows * P * (width + inner);
}

/* Of the batches that wait while another goes through the layer. */
static double waiting_bytes(const struct llm *m, const struct workload *w,
			    double tokens)
{
	return (double)((w->num_batches - 1) * w->batch) * tokens *
	       (double)m->hidden * P;
}

static struct phase decode(const struct llm *m, const struct workload *w,
			   const struct plan *plan)
{
	double share = plan_cache_on_host(plan), most = 0.0;
	double kv = layer_kv_token_bytes(m, w);
	double x = layer_activation_token_bytes(m, w);
	double wide = kv / element_bytes(w->kv) * P;
	double depth = (double)plan_prefetch(plan) + 1.0;
	bool loads = plan->decision[DECISION_ATTENTION] == ATTENTION_GPU;

	for (size_t i = 0; i < plan->steps; i++) {
		double l = (double)plan->split[i];
		double all = (double)workload_cached(w, i) + 1.0;
		double elsewhere = share * (loads ? l : all), bytes = 0.0;

		/* of equal splits the last needs the most */
		if (i + 1 < plan->steps && plan->split[i + 1] == plan->split[i])
			continue;
		if (loads)
			bytes += share * (depth * (l * x + (all - l) * kv) +
					  l * wide);
		if (element_is_quantised(w->kv))
			bytes += (all - elsewhere) * wide;
		if (loads && element_is_quantised(w->activations))
			bytes += share * l * x /
				 element_bytes(w->activations) * P;
		most = fmax(most, bytes);
	}
	return (struct phase){
		"layer buffers", "activations", most,
		activation_bytes(m, (double)w->batch),
		waiting_bytes(m, w, 1.0),
	};
}

static struct phase prefill(const struct llm *m, const struct workload *w,
			    const struct plan *plan)
{
	double s = (double)w->prompt, stored = 0.0;

	if (plan->policy->split != SPLIT_ALL)
		stored += s * layer_kv_token_bytes(m, w);
	if (plan->policy->split != SPLIT_NONE)
		stored += fmin(s, builder_kept_tokens(plan)) *
			  layer_activation_token_bytes(m, w);
	return (struct phase){
		"prefill buffers", "prefill activations",
		2.0 * plan_cache_on_host(plan) * stored,
		activation_bytes(m, (double)w->batch * s),
		waiting_bytes(m, w, s),
	};
}

static void add(struct memory *mem, enum memory_place place,
		const char *what, double bytes)
{
	if (bytes > 0.0)
		memory_add(mem, place, what, bytes);
}

static void add_weights(const struct llm *m, const struct workload *w,
			double on_gpu, struct memory *mem)
{
	double layer = layer_weight_bytes(m, w), layers = (double)m->layers;

	add(mem, MEMORY_GPU, "weights",
	    on_gpu * layers * layer + llm_embedding_elements(m) * P);
	add(mem, MEMORY_GPU, "weight buffers",
	    2.0 * (1.0 - on_gpu) * layer);
	if (element_is_quantised(w->weights))
		add(mem, MEMORY_GPU, "dequantised weights",
		    llm_layer_elements(m) * P);
	add(mem, MEMORY_HOST, "weights", (1.0 - on_gpu) * layers * layer);
}

void footprint_placed(const struct llm *m, const struct workload *w,
		      const struct plan *plan, double on_gpu,
		      struct memory *mem)
{
	double share = plan_cache_on_host(plan);
	double gpus = (double)w->gpus;
	double slots = (double)(m->layers * w->num_batches);
	double kv = slots * (double)workload_tokens(w) *
		    layer_kv_token_bytes(m, w);
	double x = slots * builder_kept_tokens(plan) *
		   layer_activation_token_bytes(m, w);
	struct phase d = decode(m, w, plan), p = prefill(m, w, plan);
	bool on_host = plan->decision[DECISION_HIDDEN] == HIDDEN_HOST;
	double on_gpu_d = d.buffer_bytes + d.activation_bytes +
			  (on_host ? 0.0 : d.waiting_bytes);
	double on_gpu_p = p.buffer_bytes + p.activation_bytes +
			  (on_host ? 0.0 : p.waiting_bytes);
	struct phase most = on_gpu_d >= on_gpu_p ? d : p;

	*mem = (struct memory){ .n = 0 };
	add_weights(m, w, on_gpu, mem);
	add(mem, MEMORY_GPU, "KV cache", (1.0 - share) * kv);
	add(mem, MEMORY_GPU, most.buffers, most.buffer_bytes);
	add(mem, MEMORY_GPU, most.activations, most.activation_bytes +
					       (on_host ? 0.0
						: most.waiting_bytes));
	add(mem, MEMORY_GPU, "logits",
	    (double)w->batch * P * (double)m->vocab);
	if (plan->policy->split != SPLIT_ALL)
		add(mem, MEMORY_HOST, "KV cache", gpus * share * kv);
	if (plan->policy->split != SPLIT_NONE)
		add(mem, MEMORY_HOST, "stored activations",
		    gpus * share * x);
	if (on_host)
		add(mem, MEMORY_HOST, "hidden state",
		    gpus * fmax(d.waiting_bytes, p.waiting_bytes));
}

void footprint_memory(const struct llm *m, const struct workload *w,
		      const struct plan *plan, struct memory *mem)
{
	footprint_placed(m, w, plan,
			 plan->decision[DECISION_WEIGHTS_ON_GPU], mem);
}
