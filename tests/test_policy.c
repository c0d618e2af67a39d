/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/policy.h"

#include <stdlib.h>
#include <string.h>

#include "schedule/flexgen.h"
#include "schedule/load_all.h"
#include "schedule/offloaded_cache.h"
#include "tests/harness.h"
#include "tests/random_case.h"

/* What the documents promise. */
static const struct {
	const char *name;
	enum split_rule split;
	enum decider decider;		/* of the prefetch depth */
	double prefetch;
} promised[] = {
	{ "load-all", SPLIT_NONE, DECIDED_BY_USER, 1 },
	{ "kvpr-row", SPLIT_OPEN, DECIDED_BY_PLANNER, 0 },
	{ "recompute-all", SPLIT_ALL, DECIDED_BY_USER, 1 },
	{ "offloaded-cache", SPLIT_NONE, DECIDED_BY_POLICY, 1 },
	{ "accelerate-sequential", SPLIT_NONE, DECIDED_BY_POLICY, 0 },
	{ "kvpr-column", SPLIT_OPEN, DECIDED_BY_PLANNER, 1 },
	{ "kvpr-flexgen", SPLIT_OPEN, DECIDED_BY_POLICY, 1 },
	{ "flexgen", SPLIT_NONE, DECIDED_BY_POLICY, 1 },
	{ "zero-inference", SPLIT_NONE, DECIDED_BY_POLICY, 0 },
	{ "cpu-attention", SPLIT_NONE, DECIDED_BY_POLICY, 0 },
};

enum { PROMISED = sizeof promised / sizeof promised[0] };

START_TEST(the_table_is_complete)
{
	size_t n;
	const struct policy *const *list = policy_list(&n);

	ck_assert_uint_ge(n, PROMISED);
	for (size_t i = 0; i < n; i++) {
		const struct policy *p = list[i];

		ck_assert_ptr_nonnull(p);
		ck_assert_ptr_nonnull(p->name);
		ck_assert_uint_gt(strlen(p->name), 0);
		ck_assert_uint_gt(strlen(p->summary), 0);
		/* a column of a table, and one line */
		ck_assert_uint_le(strlen(p->summary), 60);
		ck_assert_ptr_null(strchr(p->summary, '\n'));
		ck_assert(p->build != NULL);
		ck_assert(p->memory != NULL);
		ck_assert_double_le(p->rules[DECISION_PREFETCH].value,
				    PLAN_MOST_PREFETCH);
		ck_assert(p->split == SPLIT_NONE || p->split == SPLIT_OPEN ||
			  p->split == SPLIT_ALL);
		for (size_t j = 0; j < i; j++) {
			ck_assert_str_ne(p->name, list[j]->name);
			ck_assert_str_ne(p->summary, list[j]->summary);
		}
	}
}
END_TEST

START_TEST(each_name_is_found)
{
	size_t n, seen = 0;
	const struct policy *const *list = policy_list(&n);

	for (size_t i = 0; i < n; i++) {
		const struct policy *p = NULL;
		struct diag d = { "untouched" };

		ck_assert_int_eq(policy_find(list[i]->name, &p, &d),
				 STATUS_OK);
		ck_assert_ptr_eq(p, list[i]);
		ck_assert_str_eq(d.text, "untouched");
		for (size_t k = 0; k < PROMISED; k++) {
			if (strcmp(p->name, promised[k].name) != 0)
				continue;
			ck_assert_int_eq(p->split, promised[k].split);
			ck_assert_int_eq(p->rules[DECISION_PREFETCH].decider,
					 promised[k].decider);
			ck_assert_double_eq(
				p->rules[DECISION_PREFETCH].value,
				promised[k].prefetch);
			seen++;
		}
	}
	ck_assert_uint_eq(seen, PROMISED);
}
END_TEST

START_TEST(an_unknown_name_is_refused)
{
	static const struct {
		const char *name, *message;
	} cases[] = {
		{ "kvpr-rwo", "unknown policy 'kvpr-rwo', the nearest is "
			      "kvpr-row ('kvplan list policies' names all)" },
		{ "Load-All", "unknown policy 'Load-All', the nearest is "
			      "load-all ('kvplan list policies' names all)" },
		{ "recompute", "unknown policy 'recompute', the nearest is "
			       "recompute-all ('kvplan list policies' names "
			       "all)" },
		{ "zzzzzz", "unknown policy 'zzzzzz' ('kvplan list policies' "
			    "names all)" },
		{ "", "unknown policy '' ('kvplan list policies' names "
		      "all)" },
	};
	const size_t n = sizeof cases / sizeof cases[0];
	size_t m;
	const struct policy *p = policy_list(&m)[m - 1];

	for (size_t i = 0; i < n; i++) {
		const struct policy *out = p;
		struct diag d = { "" };

		ck_assert_int_eq(policy_find(cases[i].name, &out, &d),
				 STATUS_UNKNOWN);
		ck_assert_str_eq(d.text, cases[i].message);
		ck_assert_ptr_eq(out, p);
	}
}
END_TEST

START_TEST(a_long_name_is_cut_in_the_message)
{
	char name[300];
	const struct policy *out = NULL;
	struct diag d = { "" };

	memset(name, 'q', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	ck_assert_int_eq(policy_find(name, &out, &d), STATUS_UNKNOWN);
	ck_assert_str_eq(d.text,
			 "unknown policy 'qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
			 "qqqqqq' ('kvplan list policies' names all)");
}
END_TEST

/*
 * offloaded-cache keeps a third layer on the GPU, the one copied back: OPT
 * 6.7B, batch 64, 128 + 31 tokens, 2 * 64 * 4096 * 2 B each.
 */
START_TEST(memory_of_the_layer_copied_back)
{
	struct llm m = harness_model("opt-6.7b");
	struct workload w = harness_workload(64, 128, 32);
	size_t split[31] = { 0 };
	struct plan plan = { .policy = &policy_load_all, .steps = 31,
			     .split = split,
			     .decision[DECISION_PREFETCH] = 1,
			     .decision[DECISION_WEIGHTS_ON_GPU] = 1 };
	struct memory two, three;

	policy_load_all.memory(&m, &w, &plan, &two);
	plan.policy = &policy_offloaded_cache;
	policy_offloaded_cache.memory(&m, &w, &plan, &three);
	ck_assert_double_eq(memory_used(&three, MEMORY_GPU),
			    memory_used(&two, MEMORY_GPU) + 166723584.0);
	ck_assert_double_eq(memory_used(&three, MEMORY_HOST), 5335154688.0);
}
END_TEST

/*
 * Of a step besides those of its layers: a head for each batch.  In flexgen's
 * embedding layer W once, SH and SYNC, in its output layer W once, LH, C and
 * SYNC.
 */
static size_t tasks_at_ends(const struct policy *p, const struct workload *w)
{
	return p->build == flexgen_graph ? 2 + 5 * w->num_batches
				    : w->num_batches;
}

/* Every policy makes a graph and accounts for memory, on any model. */
START_TEST(each_policy_serves_each_model)
{
	enum { CASES = 200, SEED = 523 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t n, done = 0;
	const struct policy *const *list = policy_list(&n);

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		const struct policy *p = list[done % n];
		struct random_case c = random_case_draw(rng);
		struct plan plan = random_case_plan(rng, &c, p, done % 5);
		struct graph *step = p->build(&c.model, &c.w, &plan,
					      SPAN_STEP);
		struct graph *layer = p->build(&c.model, &c.w, &plan,
					       SPAN_LAYER);
		struct memory mem;

		p->memory(&c.model, &c.w, &plan, &mem);
		ck_assert_uint_eq(step->ntasks,
				  c.model.layers * layer->ntasks +
					  tasks_at_ends(p, &c.w));
		if (p->build != flexgen_graph) {
			ck_assert_uint_eq(step->layers, c.model.layers);
			ck_assert_uint_eq(layer->layers, 1);
		}
		ck_assert_double_ge(memory_used(&mem, MEMORY_GPU),
				    2.0 * (llm_parameters(&c.model) -
					   plan_weights_on_host(&plan) *
						   (double)c.model.layers *
						   llm_layer_elements(
							   &c.model)));
		ck_assert_double_gt(memory_used(&mem, MEMORY_HOST), 0.0);
		graph_free(step);
		graph_free(layer);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule/policy");
	TCase *tc = tcase_create("table");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, the_table_is_complete);
	tcase_add_test(tc, each_name_is_found);
	tcase_add_test(tc, an_unknown_name_is_refused);
	tcase_add_test(tc, a_long_name_is_cut_in_the_message);
	tcase_add_test(tc, memory_of_the_layer_copied_back);
	tcase_add_test(tc, each_policy_serves_each_model);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
