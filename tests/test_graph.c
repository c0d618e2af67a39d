/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/graph.h"

#include <gsl/gsl_rng.h>

#include "tests/harness.h"
#include "tests/random_case.h"

enum { CASES = 500, SEED = 7919 };

static const struct {
	enum op op;
	const char *name;
	enum process process;
} ops[] = {
	{ OP_LOAD_WEIGHT_KV, "load_weight_kv", PROCESS_LOAD_WEIGHT },
	{ OP_LOAD_WEIGHT_QO, "load_weight_qo", PROCESS_LOAD_WEIGHT },
	{ OP_LOAD_WEIGHT_FFN, "load_weight_ffn", PROCESS_LOAD_WEIGHT },
	{ OP_LOAD_EMBEDDING, "load_embedding", PROCESS_LOAD_WEIGHT },
	{ OP_LOAD_ACTIVATION, "load_activation", PROCESS_LOAD_ACTIVATION },
	{ OP_LOAD_ATTENTION, "load_attention", PROCESS_LOAD_ACTIVATION },
	{ OP_LOAD_CACHE, "load_cache", PROCESS_LOAD_CACHE },
	{ OP_LOAD_KEY, "load_key", PROCESS_LOAD_CACHE },
	{ OP_LOAD_VALUE, "load_value", PROCESS_LOAD_CACHE },
	{ OP_LOAD_HIDDEN, "load_hidden", PROCESS_COMPUTE },
	{ OP_DEQUANTISE_WEIGHT, "dequantise_weight", PROCESS_COMPUTE },
	{ OP_PROJECT, "project", PROCESS_COMPUTE },
	{ OP_QUANTISE, "quantise", PROCESS_COMPUTE },
	{ OP_DEQUANTISE_ACTIVATION, "dequantise_activation",
	  PROCESS_COMPUTE },
	{ OP_RECOMPUTE, "recompute", PROCESS_COMPUTE },
	{ OP_APPEND, "append", PROCESS_COMPUTE },
	{ OP_DEQUANTISE_CACHE, "dequantise_cache", PROCESS_COMPUTE },
	{ OP_ATTEND, "attend", PROCESS_COMPUTE },
	{ OP_OUTPUT, "output", PROCESS_COMPUTE },
	{ OP_FFN, "ffn", PROCESS_COMPUTE },
	{ OP_HEAD, "head", PROCESS_COMPUTE },
	{ OP_STORE_HIDDEN, "store_hidden", PROCESS_COMPUTE },
	{ OP_STORE_CACHE, "store_cache", PROCESS_STORE_CACHE },
	{ OP_STORE_QUERY, "store_query", PROCESS_STORE_CACHE },
	{ OP_STORE_ACTIVATION, "store_activation",
	  PROCESS_STORE_ACTIVATION },
	{ OP_STAGE_KEY, "stage_key", PROCESS_HOST },
	{ OP_STAGE_VALUE, "stage_value", PROCESS_HOST },
	{ OP_ATTEND_HOST, "attend_host", PROCESS_HOST },
	{ OP_BARRIER, "barrier", PROCESS_HOST },
	{ OP_ISSUE, "issue", PROCESS_ISSUE },
};

START_TEST(every_op_has_a_name_and_a_process)
{
	static const char *const processes[] = {
		"load_weight", "load_activation", "load_cache", "compute",
		"store_cache", "store_activation", "host", "issue",
	};

	ck_assert_uint_eq(sizeof ops / sizeof ops[0], OP_COUNT);
	ck_assert_uint_eq(sizeof processes / sizeof processes[0],
			  PROCESS_COUNT);
	for (size_t i = 0; i < OP_COUNT; i++) {
		ck_assert_str_eq(op_name(ops[i].op), ops[i].name);
		ck_assert_int_eq(op_process(ops[i].op), ops[i].process);
	}
	for (int p = 0; p < PROCESS_COUNT; p++)
		ck_assert_str_eq(process_name((enum process)p),
				 processes[p]);
}
END_TEST

START_TEST(a_new_graph_is_empty)
{
	struct graph *g = graph_new(7, 1);

	ck_assert_uint_eq(g->layers, 7);
	ck_assert_uint_eq(g->nworks, 0);
	ck_assert_uint_eq(g->ntasks, 0);
	ck_assert_uint_eq(g->nwaits, 0);
	graph_finish(g);
	graph_free(g);
	graph_free(NULL);
}
END_TEST

START_TEST(works_and_tasks_keep_their_order)
{
	struct graph *g = graph_new(2, 1);
	struct work w = { .engine = ENGINE_D2H, .launches = 3.0 };

	for (size_t i = 0; i < 5; i++) {
		w.bytes.fixed = 2.385 * (double)i;
		ck_assert_uint_eq(graph_add_work(g, w), i);
	}
	graph_add_task(g, OP_FFN, 1, 4);
	graph_add_task(g, OP_STORE_CACHE, 0, 2);
	graph_add_task(g, OP_FFN, 0, 4);
	graph_finish(g);
	ck_assert_uint_eq(g->nworks, 5);
	ck_assert_uint_eq(g->ntasks, 3);
	for (size_t i = 0; i < 5; i++) {
		ck_assert_double_eq(g->works[i].bytes.fixed,
				    2.385 * (double)i);
		ck_assert_double_eq(g->works[i].launches, 3.0);
		ck_assert_int_eq(g->works[i].engine, ENGINE_D2H);
	}
	ck_assert_int_eq(g->tasks[0].op, OP_FFN);
	ck_assert_uint_eq(g->tasks[0].layer, 1);
	ck_assert_uint_eq(g->tasks[0].work, 4);
	ck_assert_int_eq(g->tasks[1].op, OP_STORE_CACHE);
	ck_assert_uint_eq(g->tasks[1].work, 2);
	ck_assert_uint_eq(g->tasks[2].layer, 0);
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(g->tasks[i].nwaits, 0);
	graph_free(g);
}
END_TEST

/* One task for every op of every layer, each waiting for all before it. */
START_TEST(a_large_graph_is_kept_whole)
{
	enum { LAYERS = 23 };
	struct graph *g = graph_new(LAYERS, 1);
	size_t tasks = 0, waits = 0;

	for (size_t layer = 0; layer < LAYERS; layer++)
		for (size_t k = 0; k < OP_COUNT; k++) {
			struct work w = { .launches = (double)tasks };

			graph_add_task(g, (enum op)k, layer,
				       graph_add_work(g, w));
			for (size_t i = 0; i < layer; i++, waits++)
				graph_wait(g, (enum op)(OP_COUNT - 1 - k),
					   layer, i + 1);
			tasks++;
		}
	graph_finish(g);
	ck_assert_uint_eq(g->ntasks, LAYERS * OP_COUNT);
	ck_assert_uint_eq(g->nworks, tasks);
	ck_assert_uint_eq(g->nwaits, waits);
	waits = 0;
	for (size_t i = 0; i < g->ntasks; i++) {
		const struct task *t = &g->tasks[i];
		size_t k = i % OP_COUNT;

		ck_assert_uint_eq(t->op, k);
		ck_assert_uint_eq(t->layer, i / OP_COUNT);
		ck_assert_double_eq(g->works[t->work].launches, (double)i);
		ck_assert_uint_eq(t->first_wait, waits);
		ck_assert_uint_eq(t->nwaits, t->layer);
		for (size_t j = 0; j < t->nwaits; j++, waits++) {
			size_t on = (t->layer - 1 - j) * OP_COUNT +
				    (OP_COUNT - 1 - k);

			if (g->waits[waits].task != on ||
			    g->waits[waits].lag != 0)
				ck_abort_msg("wait %zu of task %zu", j, i);
		}
	}
	ck_assert_uint_eq(waits, g->nwaits);
	graph_free(g);
}
END_TEST

/* However it was made: indices in range, and no cycle within a step. */
START_TEST(finished_graphs_are_sound)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, waits = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct graph *g = random_case_graph(rng);
		size_t next = 0;

		for (size_t i = 0; i < g->ntasks; i++) {
			const struct task *t = &g->tasks[i];

			if (t->work >= g->nworks || t->layer >= g->layers ||
			    t->first_wait != next)
				ck_abort_msg("case %zu, task %zu", done, i);
			next += t->nwaits;
			for (size_t j = t->first_wait; j < next; j++)
				if (g->waits[j].task >= g->ntasks ||
				    (g->waits[j].lag == 0 &&
				     g->waits[j].task >= i))
					ck_abort_msg("case %zu, wait %zu",
						     done, j);
		}
		ck_assert_uint_eq(next, g->nwaits);
		waits += next;
		graph_free(g);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(waits, 5 * CASES);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule/graph");
	TCase *tc = tcase_create("graphs");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, every_op_has_a_name_and_a_process);
	tcase_add_test(tc, a_new_graph_is_empty);
	tcase_add_test(tc, works_and_tasks_keep_their_order);
	tcase_add_test(tc, a_large_graph_is_kept_whole);
	tcase_add_test(tc, finished_graphs_are_sound);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
