/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/block.h"

#include "schedule/kvpr_row.h"
#include "tests/block_table.h"
#include "tests/harness.h"
#include "tests/random_block.h"

enum { TABLES = 30000, SEED = 9001 };

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
		struct random_case c = random_block_case(rng);
		struct plan plan = random_block_plan(rng, &c);
		struct graph *g;
		struct block_case b = random_block_table(rng, &c, &plan, &g);

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

/* Where `op` of `slot` is issued; beyond all tasks if it is not. */
static size_t issued_at(const struct graph *g, enum op op, size_t slot)
{
	for (size_t i = 0; i < g->ntasks; i++)
		if (g->tasks[i].op == op &&
		    slot_of(g, &g->tasks[i]) == slot)
			return i;
	return g->ntasks;
}

/*
 * The fine pipeline: with a layer's first batch, W_K and W_V of the next and
 * X go first, then the rest of the weights and KV.
 */
START_TEST(what_recomputation_needs_is_issued_first)
{
	struct llm m = harness_model("opt-6.7b");
	struct workload w = harness_workload(3, 11, 4);
	size_t split[] = { 5, 5, 5 };
	size_t done = 0;

	m.layers = 3;
	w.num_batches = 2;
	for (size_t depth = 0; depth < 3; depth++) {
		struct plan plan = { .policy = &policy_kvpr_row, .steps = 3,
				     .split = split,
				     .decision[DECISION_PREFETCH] =
					     (double)depth,
				     .decision[DECISION_PIPELINE] =
					     PIPELINE_FINE };
		struct graph *g = block_overlapped_graph(&m, &w, &plan,
							 SPAN_STEP);

		for (size_t n = 0; n < 4; n += 2, done++) {
			size_t next = n + 2, on = n + depth;
			size_t kv = issued_at(g, OP_LOAD_WEIGHT_KV, next);
			size_t x = issued_at(g, OP_LOAD_ACTIVATION, on);
			size_t qo = issued_at(g, OP_LOAD_WEIGHT_QO, next);
			size_t ffn = issued_at(g, OP_LOAD_WEIGHT_FFN, next);

			ck_assert_uint_lt(kv, qo);
			ck_assert_uint_lt(x, qo);
			ck_assert_uint_lt(qo, ffn);
			ck_assert_uint_lt(ffn, issued_at(g, OP_LOAD_CACHE,
							 on));
		}
		graph_free(g);
	}
	ck_assert_uint_eq(done, 6);
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
	tcase_add_test(tc, what_recomputation_needs_is_issued_first);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
