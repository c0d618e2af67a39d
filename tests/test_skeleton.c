/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/skeleton.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "schedule/kvpr_row.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { CASES = 3000, SEED = 67867967 };

static size_t edges(const struct skeleton *s)
{
	return s->first_edge[s->nnodes];
}

/* That ratios are kept is for tests/test_cycle.c. */
START_TEST(nodes_are_all_tasks_in_an_order_of_issue)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0, tasks = 0, nodes = 0;

	gsl_rng_set(rng, SEED);
	for (; cases < CASES; cases++) {
		struct graph *g = random_case_graph(rng);
		size_t *seen = xcalloc(g->ntasks, sizeof *seen);
		struct skeleton s;

		skeleton_make(&s, g);
		ck_assert_uint_eq(s.ntasks, g->ntasks);
		ck_assert_uint_eq(s.first_task[0], 0);
		ck_assert_uint_eq(s.first_task[s.nnodes], g->ntasks);
		for (size_t i = 0; i < g->ntasks; i++)
			seen[s.run[i]]++;
		for (size_t i = 0; i < g->ntasks; i++)
			ck_assert_uint_eq(seen[i], 1);
		ck_assert_uint_le(edges(&s), g->ntasks + g->nwaits);
		for (size_t j = 0; j < s.nnodes; j++) {
			ck_assert_uint_lt(s.first_edge[j],
					  s.first_edge[j + 1]);
			for (size_t k = s.first_edge[j];
			     k < s.first_edge[j + 1]; k++)
				ck_assert(s.edges[k].from < j ||
					  s.edges[k].lag > 0);
		}
		tasks += s.ntasks;
		nodes += s.nnodes;
		free(seen);
		skeleton_clear(&s);
		graph_free(g);
	}
	ck_assert_uint_eq(cases, CASES);
	ck_assert_uint_lt(nodes, tasks);
	gsl_rng_free(rng);
}
END_TEST

/*
 * A layer of kvpr-row: output and ffn follow attend; load_cache waits for no
 * more than load_activation before it; store_cache is waited for by none.
 */
START_TEST(a_layer_of_the_row_schedule)
{
	size_t split[1] = { 5 };
	const struct plan plan = { .policy = &policy_kvpr_row, .steps = 1,
				   .split = split,
				   .decision[DECISION_PREFETCH] = 1,
				   .decision[DECISION_WEIGHTS_ON_GPU] = 1 };
	const struct llm m = harness_model("opt-6.7b");
	const struct workload w = harness_workload(64, 128, 2);
	struct graph *g = policy_kvpr_row.build(&m, &w, &plan, SPAN_LAYER);
	struct skeleton s;

	skeleton_make(&s, g);
	ck_assert_uint_eq(s.ntasks, 8);
	ck_assert_uint_eq(s.nnodes, 6);
	/* a ring edge each, and two loads waited for, one ffn: loads are a
	 * layer ahead, so each of these reaches one layer back */
	ck_assert_uint_eq(edges(&s), 9);
	ck_assert_uint_eq(s.most_lag, 1);
	skeleton_clear(&s);
	graph_free(g);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/skeleton");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, nodes_are_all_tasks_in_an_order_of_issue);
	tcase_add_test(tc, a_layer_of_the_row_schedule);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
