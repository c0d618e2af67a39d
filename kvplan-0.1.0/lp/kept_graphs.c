/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/kept_graphs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* Tasks of all graphs that are kept, some 300 bytes each. */
enum { MOST_TASKS = 1 << 16, BUCKETS = 1 << 10 };

enum { MODEL_KEYS = 11, WORKLOAD_KEYS = 6,
       KEYS = MODEL_KEYS + WORKLOAD_KEYS + DECISION_COUNT + 2 };

struct entry {
	struct entry *next;
	const struct policy *policy;
	double key[KEYS];
	struct kept_graph graph;
};

struct kept_graphs {
	struct entry *bucket[BUCKETS];
	size_t ntasks;
};

struct kept_graphs *kept_graphs_new(void)
{
	return xcalloc(1, sizeof(struct kept_graphs));
}

static void drop_all(struct kept_graphs *k)
{
	for (size_t i = 0; i < BUCKETS; i++)
		while (k->bucket[i] != NULL) {
			struct entry *e = k->bucket[i];

			k->bucket[i] = e->next;
			steady_free(e->graph.steady);
			graph_free(e->graph.layer);
			free(e);
		}
	k->ntasks = 0;
}

void kept_graphs_free(struct kept_graphs *k)
{
	if (k == NULL)
		return;
	drop_all(k);
	free(k);
}

void kept_graphs_trim(struct kept_graphs *k)
{
	if (k->ntasks > MOST_TASKS)
		drop_all(k);
}

/* All that a layer of a decode step is made from, but the policy. */
static void make_key(const struct llm *m, const struct workload *w,
		     const struct hardware *hw, const struct plan *plan,
		     double key[KEYS])
{
	const double model[MODEL_KEYS] = {
		(double)m->hidden, (double)m->heads, (double)m->kv_heads,
		(double)m->head_dim, (double)m->ffn, (double)m->experts,
		(double)m->experts_per_token, (double)m->vocab,
		(double)m->layers, m->ffn_gated, m->rotary,
	};
	const double workload[WORKLOAD_KEYS] = {
		(double)w->batch, (double)w->num_batches, (double)w->gpus,
		w->weights, w->kv, w->activations,
	};

	memcpy(key, model, sizeof model);
	memcpy(key + MODEL_KEYS, workload, sizeof workload);
	memcpy(key + MODEL_KEYS + WORKLOAD_KEYS, plan->decision,
	       sizeof plan->decision);
	key[KEYS - 2] = plan->whole_sequence;
	key[KEYS - 1] = hw->host_issue_s > 0.0;	/* policy_graph() */
}

/* FNV-1a over words, folded. */
static size_t hash(const double key[KEYS], const struct policy *policy)
{
	uint64_t h = 0xcbf29ce484222325u ^ (uint64_t)(uintptr_t)policy;

	for (size_t i = 0; i < KEYS; i++) {
		uint64_t word;

		memcpy(&word, &key[i], sizeof word);
		h = (h ^ word) * 0x100000001b3u;
		h ^= h >> 29;
	}
	return (size_t)(h % BUCKETS);
}

const struct kept_graph *kept_graphs_find(struct kept_graphs *k,
					  const struct llm *m,
					  const struct workload *w,
					  const struct hardware *hw,
					  const struct plan *plan)
{
	double key[KEYS];
	struct entry *e, **bucket;

	make_key(m, w, hw, plan, key);
	bucket = &k->bucket[hash(key, plan->policy)];
	for (e = *bucket; e != NULL; e = e->next)
		if (e->policy == plan->policy &&
		    memcmp(e->key, key, sizeof key) == 0)
			return &e->graph;
	e = xcalloc(1, sizeof *e);
	e->policy = plan->policy;
	memcpy(e->key, key, sizeof key);
	e->graph.layer = policy_graph(plan, m, w, hw, SPAN_LAYER);
	e->graph.steady = steady_new(e->graph.layer, hw);
	e->next = *bucket;
	*bucket = e;
	k->ntasks += e->graph.layer->ntasks;
	return &e->graph;
}
