/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tasks of schedule/block.h ask for. */
#include "schedule/block.h"

#include <math.h>

#include "model/layer.h"
#include "tests/block_table.h"
#include "tests/harness.h"
#include "tests/random_block.h"

enum { CASES = 3000, SEED = 9002 };

/* The new tokens of each request, and those whose X is stored. */
static double new_tokens(const struct random_case *c, enum span span)
{
	return span == SPAN_PREFILL ? (double)c->w.prompt : 1.0;
}

static double kept_tokens(const struct random_case *c,
			  const struct plan *plan, enum span span)
{
	double most = 0.0;

	for (size_t i = 0; i < plan->steps; i++)
		most = fmax(most, (double)plan->split[i]);
	return span == SPAN_PREFILL ? fmin(most, (double)c->w.prompt) : 1.0;
}

static struct work work_of(enum op op, const struct random_case *c,
			   const struct plan *plan,
			   const struct block_case *b)
{
	const struct llm *m = &c->model;
	const struct workload *w = &c->w;
	double on_host = 1.0 - plan->decision[DECISION_WEIGHTS_ON_GPU];
	double on_gpu = plan->decision[DECISION_CACHE_ON_GPU];
	double share = 1.0 - on_gpu, tokens = new_tokens(c, b->span);
	bool prefill = b->span == SPAN_PREFILL;

	switch (op) {
	case OP_LOAD_WEIGHT_KV:
		return layer_load_weight(m, w, LAYER_KV, on_host);
	case OP_LOAD_WEIGHT_QO:
		return layer_load_weight(m, w, LAYER_QO, on_host);
	case OP_LOAD_WEIGHT_FFN:
		return layer_load_weight(m, w, LAYER_FFN, on_host);
	case OP_LOAD_ACTIVATION:
		return layer_load_activation(m, w, share);
	case OP_LOAD_ATTENTION:
		return layer_load_attention(m, w, share);
	case OP_LOAD_CACHE:
		return layer_load_cache(m, w, share);
	case OP_DEQUANTISE_WEIGHT:
		return layer_dequantise_weight(m, w);
	case OP_PROJECT:
		return layer_project(m, w, tokens);
	case OP_QUANTISE:
		return layer_quantise(m, w, b->kv ? 1.0 : on_gpu,
				      b->new_x ? share : 0.0, tokens);
	case OP_DEQUANTISE_ACTIVATION:
		return layer_dequantise_activation(m, w, share);
	case OP_RECOMPUTE:
		return layer_recompute(m, w, share);
	case OP_APPEND:
		return layer_append(m, w);
	case OP_DEQUANTISE_CACHE:
		return layer_dequantise_cache(m, w, b->kv ? share : 0.0,
					      on_gpu);
	case OP_ATTEND:
		return prefill ? layer_attend_prompt(m, w) :
		       layer_attend(m, w, b->host ? on_gpu : 1.0);
	case OP_OUTPUT:
		return layer_output(m, w, tokens);
	case OP_FFN:
		return layer_ffn(m, w, tokens);
	case OP_HEAD:
		return layer_head(m, w);
	case OP_STORE_CACHE:
		return b->style == BLOCK_COPY_BACK && !prefill
			? layer_store_whole_cache(m, w, share)
			: layer_store_cache(m, w, share, tokens);
	case OP_STORE_QUERY:
		return layer_store_query(m, w, share);
	case OP_STORE_ACTIVATION:
		return layer_store_activation(m, w, share,
					      kept_tokens(c, plan, b->span));
	case OP_ATTEND_HOST:
		return layer_attend_host(m, w, share);
	default:
		break;
	}
	ck_abort_msg("%s has no place in a block schedule", op_name(op));
	return (struct work){ .launches = 0.0 };
}

static bool same_work(const struct work *a, const struct work *b,
		      const struct hardware *hw, double cached, double l)
{
	return a->engine == b->engine && a->launches == b->launches &&
	       work_bytes(a, cached, l) == work_bytes(b, cached, l) &&
	       work_flop(a, cached, l) == work_flop(b, cached, l) &&
	       work_seconds(a, hw, cached, l) ==
		       work_seconds(b, hw, cached, l);
}

/* Each task asks for what model/layer.h says its op does. */
START_TEST(each_task_does_its_work)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, tasks = 0, seen[OP_COUNT] = { 0 }, ops = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct random_case c = random_block_case(rng);
		struct plan plan = random_block_plan(rng, &c);
		struct graph *g;
		struct block_case b = random_block_table(rng, &c, &plan, &g);
		double cached = (double)random_case_size(rng, 9, 900);
		double l = (double)random_case_size(rng, 0, 9);

		for (size_t i = 0; i < g->ntasks; i++, tasks++) {
			const struct task *t = &g->tasks[i];
			struct work x = work_of(t->op, &c, &plan, &b);

			x.sharers = (double)c.w.gpus;
			x.awaited = g->works[t->work].awaited;
			seen[t->op]++;
			if (!same_work(&g->works[t->work], &x, &c.hw, cached,
				       l))
				ck_abort_msg("case %zu: %s of layer %zu",
					     done, op_name(t->op), t->layer);
		}
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(tasks, 30 * CASES);
	for (int k = 0; k < OP_COUNT; k++)
		ops += seen[k] > CASES / 100;
	ck_assert_uint_eq(ops, 21);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule/block, work");
	TCase *tc = tcase_create("blocks");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, each_task_does_its_work);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
