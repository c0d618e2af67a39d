/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/block.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "model/layer.h"
#include "schedule/kvpr_row.h"
#include "schedule/load_all.h"
#include "schedule/recompute_all.h"
#include "tests/block_table.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { TABLES = 30000, CASES = 3000, SEED = 9001 };

/* Any style that can go with `plan`: see enum block_style. */
static enum block_style draw_style(gsl_rng *rng, const struct plan *plan)
{
	static const enum block_style styles[] = {
		BLOCK_OVERLAPPED, BLOCK_INTERLEAVED, BLOCK_SERIAL,
		BLOCK_COPY_BACK,
	};
	bool cpu = plan->decision[DECISION_ATTENTION] == ATTENTION_CPU;
	bool streamed = plan->decision[DECISION_WEIGHTS_ON_GPU] < 1.0;

	if (plan->policy->split == SPLIT_ALL)
		return BLOCK_OVERLAPPED;
	if (cpu)
		return styles[streamed ? 0 : random_case_size(rng, 0, 1)];
	return styles[random_case_size(rng, 0, 3)];
}

static double draw_share(gsl_rng *rng)
{
	static const double shares[] = { 0.0, 1.0, 0.3, 0.75 };

	return shares[random_case_size(rng, 0, 3)];
}

/* A plan of any decisions, whether a policy offers them or not. */
static struct plan draw_plan(gsl_rng *rng, const struct random_case *c)
{
	static const struct policy *const policies[] = {
		&policy_load_all, &policy_kvpr_row, &policy_recompute_all,
	};
	static const size_t depths[] = { 0, 1, 2, 3, 7, PLAN_MOST_PREFETCH };
	struct plan p = random_case_plan(
		rng, c, policies[random_case_size(rng, 0, 2)],
		depths[random_case_size(rng, 0, 5)]);

	p.decision[DECISION_WEIGHTS_ON_GPU] = draw_share(rng);
	p.decision[DECISION_CACHE_ON_GPU] = draw_share(rng);
	p.decision[DECISION_PIPELINE] = (double)random_case_size(rng, 0, 1);
	if (p.policy->split == SPLIT_NONE)
		p.decision[DECISION_ATTENTION] =
			(double)random_case_size(rng, 0, 1);
	if (p.decision[DECISION_ATTENTION] == ATTENTION_CPU &&
	    gsl_rng_uniform(rng) < 0.6)
		p.decision[DECISION_WEIGHTS_ON_GPU] = 1.0;
	return p;
}

static struct random_case draw_case(gsl_rng *rng)
{
	struct random_case c = random_case_draw(rng);

	c.w.num_batches = random_case_size(rng, 1, 3);
	c.w.weights = (enum element)random_case_size(rng, 0, 2);
	c.w.kv = (enum element)random_case_size(rng, 0, 2);
	c.w.activations = (enum element)random_case_size(rng, 0, 2);
	c.w.gpus = random_case_size(rng, 1, 4);
	return c;
}

/* How often what can be told apart was there. */
struct seen {
	size_t host, interleaved, serial, back, streamed, fine, quantised,
		prefill, layer, three, whole;
};

static void note(struct seen *s, const struct block_case *c)
{
	s->host += c->host;
	s->interleaved += c->host && c->style == BLOCK_INTERLEAVED;
	s->serial += c->style == BLOCK_SERIAL && c->kv;
	s->back += c->style == BLOCK_COPY_BACK && c->kv;
	s->streamed += c->streamed;
	s->fine += c->streamed && c->fine && c->x;
	s->quantised += c->quantise;
	s->prefill += c->span == SPAN_PREFILL;
	s->layer += c->span == SPAN_LAYER;
	s->three += c->batches == 3;
	s->whole += c->new_x && c->span == SPAN_STEP;
}

START_TEST(the_table_of_the_header)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct seen seen = { 0 };
	size_t done = 0;

	gsl_rng_set(rng, SEED);
	for (; done < TABLES; done++) {
		struct random_case c = draw_case(rng);
		struct plan plan = draw_plan(rng, &c);
		enum span span = (enum span)random_case_size(rng, 0, 2);
		enum block_style style = draw_style(rng, &plan);
		struct block_case b = block_table_case(&c.model, &c.w, &plan,
						       span, style);
		struct graph *g = block_graph(&c.model, &c.w, &plan, span,
					      style);

		block_table_check(g, &b);
		note(&seen, &b);
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, TABLES);
	ck_assert_uint_gt(seen.host, TABLES / 20);
	ck_assert_uint_gt(seen.interleaved, TABLES / 60);
	ck_assert_uint_gt(seen.serial, TABLES / 40);
	ck_assert_uint_gt(seen.back, TABLES / 40);
	ck_assert_uint_gt(seen.streamed, TABLES / 2);
	ck_assert_uint_gt(seen.fine, TABLES / 8);
	ck_assert_uint_gt(seen.quantised, TABLES / 3);
	ck_assert_uint_gt(seen.prefill, TABLES / 4);
	ck_assert_uint_gt(seen.layer, TABLES / 4);
	ck_assert_uint_gt(seen.three, TABLES / 4);
	ck_assert_uint_gt(seen.whole, TABLES / 20);
	gsl_rng_free(rng);
}
END_TEST

static size_t slot_of(const struct graph *g, const struct task *t)
{
	return t->layer * g->batches + t->batch;
}

/* What `op` of `slot` waits for of `on`: its slot and its lag. */
static void check_wait(const struct graph *g, enum op op, size_t slot,
		       enum op on, size_t on_slot, size_t lag)
{
	size_t seen = 0;

	for (size_t i = 0; i < g->ntasks; i++) {
		const struct task *t = &g->tasks[i];

		if (t->op != op || slot_of(g, t) != slot)
			continue;
		for (size_t k = 0; k < t->nwaits; k++) {
			const struct wait *w = &g->waits[t->first_wait + k];

			if (g->tasks[w->task].op != on)
				continue;
			ck_assert_uint_eq(slot_of(g, &g->tasks[w->task]),
					  on_slot);
			ck_assert_uint_eq(w->lag, lag);
			seen++;
		}
	}
	ck_assert_msg(seen == 1, "%s of slot %zu: %zu waits for %s",
		      op_name(op), slot, seen, op_name(on));
}

/* By hand, for depths 0, 1 and 3 over two layers: fewer than the depth. */
START_TEST(loads_run_ahead_by_the_depth)
{
	static const struct {
		size_t depth, layer, on, lag;
	} cases[] = {
		{ 0, 0, 1, 1 }, { 0, 1, 0, 0 },
		{ 1, 0, 0, 1 }, { 1, 1, 1, 1 },
		{ 3, 0, 0, 2 }, { 3, 1, 1, 2 },
	};
	struct llm m = harness_model("opt-6.7b");
	struct workload w = harness_workload(3, 11, 4);
	size_t split[] = { 5, 5, 5 };

	m.layers = 2;
	for (size_t i = 0; i < 6; i++) {
		struct plan plan = { .policy = &policy_kvpr_row, .steps = 3,
				     .split = split,
				     .decision[DECISION_PREFETCH] =
					     (double)cases[i].depth,
				     .decision[DECISION_WEIGHTS_ON_GPU] = 1,
		};
		struct graph *g = block_overlapped_graph(&m, &w, &plan,
							 SPAN_STEP);
		size_t layer = cases[i].layer;

		check_wait(g, OP_LOAD_CACHE, layer, OP_FFN, cases[i].on,
			   cases[i].lag);
		check_wait(g, OP_LOAD_CACHE, layer, OP_STORE_CACHE, layer,
			   1);
		check_wait(g, OP_LOAD_ACTIVATION, layer, OP_FFN,
			   cases[i].on, cases[i].lag);
		graph_free(g);
	}
}
END_TEST

/*
 * By hand: a model of 3 layers, 2 batches.  Weights travel under the layer
 * before: those of layer 2 when layer 0 has ended (slot 1), those of layer 0
 * when layer 1 of the same step has (slot 3), for the step after.
 */
START_TEST(weights_travel_under_the_layer_before)
{
	struct llm m = harness_model("opt-6.7b");
	struct workload w = harness_workload(3, 11, 4);
	size_t split[] = { 5, 5, 5 };
	struct plan plan = { .policy = &policy_kvpr_row, .steps = 3,
			     .split = split };
	struct graph *g;

	m.layers = 3;
	w.num_batches = 2;
	g = block_overlapped_graph(&m, &w, &plan, SPAN_STEP);
	check_wait(g, OP_LOAD_WEIGHT_FFN, 2, OP_FFN, 5, 1);
	check_wait(g, OP_LOAD_WEIGHT_FFN, 4, OP_FFN, 1, 0);
	check_wait(g, OP_LOAD_WEIGHT_FFN, 0, OP_FFN, 3, 0);
	check_wait(g, OP_PROJECT, 0, OP_LOAD_WEIGHT_KV, 0, 1);
	check_wait(g, OP_PROJECT, 4, OP_LOAD_WEIGHT_KV, 4, 0);
	graph_free(g);
	g = block_overlapped_graph(&m, &w, &plan, SPAN_LAYER);
	check_wait(g, OP_LOAD_WEIGHT_KV, 0, OP_FFN, 1, 1);
	check_wait(g, OP_FFN, 0, OP_LOAD_WEIGHT_FFN, 0, 1);
	graph_free(g);
}
END_TEST

/* ---- what the tasks ask for ---- */

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

	gsl_rng_set(rng, SEED + 1);
	for (; done < CASES; done++) {
		struct random_case c = draw_case(rng);
		struct plan plan = draw_plan(rng, &c);
		enum span span = (enum span)random_case_size(rng, 0, 2);
		enum block_style style = draw_style(rng, &plan);
		struct block_case b = block_table_case(&c.model, &c.w, &plan,
						       span, style);
		struct graph *g = block_graph(&c.model, &c.w, &plan, span,
					      style);
		double cached = (double)random_case_size(rng, 9, 900);
		double l = (double)random_case_size(rng, 0, 9);

		for (size_t i = 0; i < g->ntasks; i++, tasks++) {
			const struct task *t = &g->tasks[i];
			struct work x = work_of(t->op, &c, &plan, &b);

			x.sharers = (double)c.w.gpus;
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
	Suite *s = suite_create("schedule/block");
	TCase *tc = tcase_create("blocks");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, the_table_of_the_header);
	tcase_add_test(tc, loads_run_ahead_by_the_depth);
	tcase_add_test(tc, weights_travel_under_the_layer_before);
	tcase_add_test(tc, each_task_does_its_work);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
