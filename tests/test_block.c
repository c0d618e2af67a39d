/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/block.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/layer.h"
#include "schedule/kvpr_row.h"
#include "schedule/load_all.h"
#include "schedule/recompute_all.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { CASES = 600, SEED = 9001 };

/* A wait as the table of schedule/block.h has it. */
struct expected {
	enum op op;
	size_t layer, lag;
};

enum { MOST_WAITS = 3 };

struct expected_task {
	enum op op;
	size_t layer;
	struct expected waits[MOST_WAITS];
	size_t nwaits;
};

/* The documented schedule, in the order of issue. */
struct expected_graph {
	struct expected_task tasks[OP_COUNT * 64];
	size_t n;
};

static void issue(struct expected_graph *e, enum op op, size_t layer)
{
	ck_assert_uint_lt(e->n, OP_COUNT * 64);
	e->tasks[e->n++] = (struct expected_task){ .op = op,
						   .layer = layer };
}

static void wait_for(struct expected_graph *e, enum op op, size_t layer,
		     size_t lag)
{
	struct expected_task *t = &e->tasks[e->n - 1];

	ck_assert_uint_lt(t->nwaits, MOST_WAITS);
	t->waits[t->nwaits++] = (struct expected){ op, layer, lag };
}

/* ffn(j - depth - 1), where -1 is the last layer of the step before. */
static void wait_for_ffn(struct expected_graph *e, size_t layers, size_t j,
			 size_t depth)
{
	long behind = (long)j - (long)depth - 1, n = (long)layers;
	long lag = behind >= 0 ? 0 : (-behind + n - 1) / n;

	wait_for(e, OP_FFN, (size_t)(behind + lag * n), (size_t)lag);
}

/* What schedule/block.h says of `plan`, for a whole step or one layer of it. */
static void expect(const struct plan *plan, size_t layers, enum span span,
		   enum block_style style, struct expected_graph *e)
{
	bool x = plan->policy->split != SPLIT_NONE;
	bool kv = plan->policy->split != SPLIT_ALL;
	bool new_x = x && plan->whole_sequence;
	bool step = span == SPAN_STEP;

	e->n = 0;
	for (size_t j = 0; j < layers; j++) {
		if (x) {
			issue(e, OP_LOAD_ACTIVATION, j);
			wait_for_ffn(e, layers, j, plan_prefetch(plan));
			if (new_x && step)
				wait_for(e, OP_STORE_ACTIVATION, j, 1);
		}
		if (kv) {
			issue(e, OP_LOAD_CACHE, j);
			wait_for_ffn(e, layers, j, plan_prefetch(plan));
			if (step)
				wait_for(e, OP_STORE_CACHE, j, 1);
			if (step && style == BLOCK_SERIAL && j == 0)
				wait_for(e, OP_HEAD, layers - 1, 1);
		}
		issue(e, OP_PROJECT, j);
		if (j == 0 && step)
			wait_for(e, OP_HEAD, layers - 1, 1);
		if (style == BLOCK_SERIAL)
			wait_for(e, OP_LOAD_CACHE, j, 0);
		if (style == BLOCK_COPY_BACK) {
			issue(e, OP_APPEND, j);
			wait_for(e, OP_LOAD_CACHE, j, 0);
		}
		if (kv) {
			issue(e, OP_STORE_CACHE, j);
			wait_for(e, style == BLOCK_COPY_BACK ? OP_APPEND
							   : OP_PROJECT, j, 0);
		}
		if (new_x) {
			issue(e, OP_STORE_ACTIVATION, j);
			wait_for(e, OP_PROJECT, j, 0);
		}
		if (x) {
			issue(e, OP_RECOMPUTE, j);
			wait_for(e, OP_LOAD_ACTIVATION, j, 0);
		}
		issue(e, OP_ATTEND, j);
		if (kv)
			wait_for(e, OP_LOAD_CACHE, j, 0);
		if (style != BLOCK_OVERLAPPED)
			wait_for(e, OP_STORE_CACHE, j, 0);
		issue(e, OP_OUTPUT, j);
		issue(e, OP_FFN, j);
	}
	if (step)
		issue(e, OP_HEAD, layers - 1);
}

static bool has_wait(const struct graph *g, const struct task *t,
		     const struct expected *w)
{
	for (size_t i = 0; i < t->nwaits; i++) {
		const struct wait *found = &g->waits[t->first_wait + i];

		if (g->tasks[found->task].op == w->op &&
		    g->tasks[found->task].layer == w->layer &&
		    found->lag == w->lag)
			return true;
	}
	return false;
}

/* Tasks in their order on each stream, and each one's waits, as a set. */
static void compare(const struct graph *g, const struct expected_graph *e)
{
	size_t next[PROCESS_COUNT] = { 0 };

	ck_assert_uint_eq(g->ntasks, e->n);
	for (size_t i = 0; i < g->ntasks; i++) {
		const struct task *t = &g->tasks[i];
		enum process p = op_process(t->op);
		const struct expected_task *x;

		while (op_process(e->tasks[next[p]].op) != p)
			next[p]++;
		x = &e->tasks[next[p]++];
		if (t->op != x->op || t->layer != x->layer)
			ck_abort_msg("found %s of layer %zu, expected %s of "
				     "layer %zu", op_name(t->op), t->layer,
				     op_name(x->op), x->layer);
		for (size_t k = 0; k < x->nwaits; k++)
			if (!has_wait(g, t, &x->waits[k]))
				ck_abort_msg("%s of layer %zu does not wait "
					     "for %s of layer %zu, %zu steps "
					     "before", op_name(t->op),
					     t->layer,
					     op_name(x->waits[k].op),
					     x->waits[k].layer,
					     x->waits[k].lag);
		ck_assert_uint_eq(t->nwaits, x->nwaits);
	}
}

static void check_table(const struct policy *policy, enum block_style style,
			struct expected_graph *e, size_t *done)
{
	static const size_t layers[] = { 1, 2, 3, 5, 17 };
	static const size_t depths[] = { 0, 1, 3, 7, PLAN_MOST_PREFETCH };
	struct llm m = harness_model("opt-6.7b");
	struct workload w = harness_workload(3, 11, 4);
	size_t split[] = { 5, 0, 11 };

	for (size_t n = 0; n < 5; n++)
		for (size_t i = 0; i < 20; i++, (*done)++) {
			struct plan plan = {
				.policy = policy, .steps = 3, .split = split,
				.decision[DECISION_PREFETCH] =
					(double)depths[i / 4],
				.decision[DECISION_WEIGHTS_ON_GPU] = 1,
				.whole_sequence = i % 2,
			};
			enum span span = i / 2 % 2 ? SPAN_LAYER : SPAN_STEP;
			struct graph *g;

			m.layers = layers[n];
			g = block_graph(&m, &w, &plan, span, style);
			expect(&plan, span == SPAN_STEP ? layers[n] : 1,
			       span, style, e);
			compare(g, e);
			graph_free(g);
		}
}

START_TEST(the_table_of_the_header)
{
	struct expected_graph *e = xcalloc(1, sizeof *e);
	size_t done = 0;

	check_table(&policy_load_all, BLOCK_OVERLAPPED, e, &done);
	check_table(&policy_kvpr_row, BLOCK_OVERLAPPED, e, &done);
	check_table(&policy_recompute_all, BLOCK_OVERLAPPED, e, &done);
	check_table(&policy_load_all, BLOCK_SERIAL, e, &done);
	check_table(&policy_load_all, BLOCK_COPY_BACK, e, &done);
	check_table(&policy_kvpr_row, BLOCK_COPY_BACK, e, &done);
	ck_assert_uint_eq(done, 600);
	free(e);
}
END_TEST

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
		struct expected ffn = { OP_FFN, cases[i].on, cases[i].lag };
		struct expected store = { OP_STORE_CACHE, cases[i].layer, 1 };
		struct graph *g = block_overlapped_graph(&m, &w, &plan,
						       SPAN_STEP);
		size_t seen = 0;

		for (size_t k = 0; k < g->ntasks; k++) {
			const struct task *t = &g->tasks[k];

			if (t->layer != cases[i].layer)
				continue;
			if (t->op == OP_LOAD_CACHE) {
				ck_assert(has_wait(g, t, &ffn));
				ck_assert(has_wait(g, t, &store));
				ck_assert_uint_eq(t->nwaits, 2);
				seen++;
			}
			if (t->op == OP_LOAD_ACTIVATION) {
				ck_assert(has_wait(g, t, &ffn));
				ck_assert_uint_eq(t->nwaits, 1);
				seen++;
			}
		}
		ck_assert_uint_eq(seen, 2);
		graph_free(g);
	}
}
END_TEST

static struct work layer_work(enum op op, const struct llm *m,
			      const struct workload *w, enum block_style style)
{
	switch (op) {
	case OP_LOAD_ACTIVATION:
		return layer_load_activation(m, w, 1.0);
	case OP_LOAD_CACHE:
		return layer_load_cache(m, w, 1.0);
	case OP_PROJECT:
		return layer_project(m, w, 1.0);
	case OP_RECOMPUTE:
		return layer_recompute(m, w, 1.0);
	case OP_APPEND:
		return layer_append(m, w);
	case OP_ATTEND:
		return layer_attend(m, w, 1.0);
	case OP_OUTPUT:
		return layer_output(m, w, 1.0);
	case OP_FFN:
		return layer_ffn(m, w, 1.0);
	case OP_HEAD:
		return layer_head(m, w);
	case OP_STORE_CACHE:
		return style == BLOCK_COPY_BACK
			? layer_store_whole_cache(m, w, 1.0)
			: layer_store_cache(m, w, 1.0, 1.0);
	case OP_STORE_ACTIVATION:
		return layer_store_activation(m, w, 1.0, 1.0);
	default:
		break;
	}
	ck_abort_msg("%s has no place in a row schedule", op_name(op));
	return (struct work){ .launches = 0.0 };
}

/* Each task asks for what model/layer.h says its op does. */
START_TEST(each_task_does_its_work)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, tasks = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = random_case_plan(rng, &c, &policy_kvpr_row,
						    done % 4);
		enum block_style style = done % 3 == 0 ? BLOCK_COPY_BACK
						     : BLOCK_OVERLAPPED;
		struct graph *g = block_graph(&c.model, &c.w, &plan,
					    done % 2 ? SPAN_LAYER : SPAN_STEP,
					    style);
		double cached = (double)random_case_size(rng, 9, 900);
		double l = (double)random_case_size(rng, 0, 9);

		for (size_t i = 0; i < g->ntasks; i++, tasks++) {
			const struct task *t = &g->tasks[i];
			const struct work *a = &g->works[t->work];
			struct work b = layer_work(t->op, &c.model, &c.w,
						   style);

			if (a->engine != b.engine ||
			    a->launches != b.launches ||
			    work_bytes(a, cached, l) !=
				    work_bytes(&b, cached, l) ||
			    work_flop(a, cached, l) !=
				    work_flop(&b, cached, l) ||
			    work_seconds(a, &c.hw, cached, l) !=
				    work_seconds(&b, &c.hw, cached, l))
				ck_abort_msg("case %zu: %s of layer %zu",
					     done, op_name(t->op), t->layer);
		}
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(tasks, 10 * CASES);
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
	tcase_add_test(tc, each_task_does_its_work);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
