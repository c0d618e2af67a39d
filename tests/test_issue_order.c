/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_issue_order.c - where weights stay on the GPU, copies of one direction
 * become ready in the order in which they are issued.
 *
 * So that they go in that order (schedule/graph.h, copies_in_order) changes
 * nothing there: each graph is simulated as it is, and with its copies free
 * to overtake.  Splits leave some KV to load in every step: a stream with
 * nothing to do runs ahead.  Streamed weights are another matter: there it
 * must not be the same, or the test could not tell.
 */
#include "schedule/policy.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "schedule/kvpr_column.h"
#include "sim/run.h"
#include "tests/harness.h"

enum { STEPS = 5 };

static bool is_copy_order(const struct graph *g, const struct task *t,
			  const struct wait *w)
{
	enum process p = op_process(t->op);
	enum process on = op_process(g->tasks[w->task].op);

	return p != on && graph_queue(p) == graph_queue(on);
}

/* Forget the waits of copies for one another; returns how many. */
static size_t free_copies(struct graph *g)
{
	size_t n = 0, all = g->nwaits;

	for (size_t i = 0; i < g->ntasks; i++) {
		struct task *t = &g->tasks[i];
		size_t first = n;

		for (size_t k = 0; k < t->nwaits; k++)
			if (!is_copy_order(g, t,
					   &g->waits[t->first_wait + k]))
				g->waits[n++] = g->waits[t->first_wait + k];
		t->first_wait = first;
		t->nwaits = n - first;
	}
	g->nwaits = n;
	return all - n;
}

static struct plan make_plan(const struct policy *policy,
			     const struct workload *w, size_t depth,
			     size_t split, bool streamed)
{
	struct plan plan = { .policy = policy, .steps = STEPS };

	for (int i = 0; i < DECISION_COUNT; i++)
		plan.decision[i] = policy->rules[i].value;
	plan.decision[DECISION_WEIGHTS_ON_GPU] = streamed ? 0.0 : 1.0;
	if (policy->rules[DECISION_PREFETCH].decider != DECIDED_BY_POLICY)
		plan.decision[DECISION_PREFETCH] = (double)depth;
	plan.whole_sequence = policy->split != SPLIT_NONE;
	plan.split = xcalloc(STEPS, sizeof *plan.split);
	for (size_t i = 0; i < STEPS; i++)
		plan.split[i] = policy->split == SPLIT_ALL
			? workload_cached(w, i)
			: policy->split == SPLIT_OPEN ? split : 0;
	return plan;
}

/* What one run of STEPS takes in order, less what it takes without. */
struct pair {
	double in_order_s[STEPS], free_s[STEPS];
	size_t freed;
};

static struct pair simulate(const struct policy *policy,
			    const struct workload *w, struct plan *plan)
{
	struct llm m = harness_model("opt-125m");
	struct hardware hw = harness_hardware("a100-40gb-pcie4");
	struct pair pair = { .freed = 0 };
	struct diag d = { "" };

	m.layers = 5;
	hw.host_attention_bytes_per_s = 60e9;
	hw.host_copy_bytes_per_s = 9e9;
	hw.h2d.pageable_bytes_per_s = hw.d2h.pageable_bytes_per_s = 7e9;
	hw.duplex_bytes_per_s = 0.0;
	for (int is_free = 0; is_free < 2; is_free++) {
		struct run_options o = run_whole(plan);
		struct run_result result;
		struct graph *g = policy->build(&m, w, plan, SPAN_STEP);

		if (is_free)
			pair.freed = free_copies(g);
		o.step_end_s = is_free ? pair.free_s : pair.in_order_s;
		ck_assert_msg(run_graph(g, w, plan, &hw, &o, &result, &d) ==
				      STATUS_OK, "%s", d.text);
		graph_free(g);
	}
	return pair;
}

/* Returns how many waits there were to forget. */
static size_t compare(const struct policy *policy, const struct workload *w,
		      size_t depth, size_t split)
{
	struct plan plan = make_plan(policy, w, depth, split, false);
	struct pair p = simulate(policy, w, &plan);

	for (size_t i = 0; i < STEPS; i++)
		ck_assert_msg(fabs(p.in_order_s[i] - p.free_s[i]) <=
				      1e-9 * p.free_s[i],
			      "%s, batch %zu x %zu, depth %zu, split %zu, "
			      "step %zu: %.9g s, in order %.9g s",
			      policy->name, w->batch, w->num_batches, depth,
			      split, i, p.free_s[i], p.in_order_s[i]);
	plan_clear(&plan);
	return p.freed;
}

START_TEST(order_changes_nothing_for_resident_weights)
{
	static const size_t splits[] = { 0, 37, 250 };
	static const size_t batches[] = { 1, 3 };
	static const size_t sizes[] = { 1, 40 };
	size_t n, compared = 0, freed = 0;
	const struct policy *const *policies = policy_list(&n);

	for (size_t p = 0; p < n; p++)
		for (size_t k = 0; k < 2 * 2 * 3 * 3; k++) {
			struct workload w = harness_workload(
				sizes[k % 2], 300, STEPS + 1);

			w.num_batches = batches[k / 2 % 2];
			freed += compare(policies[p], &w, k / 4 % 3,
					 splits[k / 12 % 3]);
			compared++;
		}
	ck_assert_uint_ge(compared, 300);
	ck_assert_uint_ge(freed, 100);
}
END_TEST

START_TEST(order_matters_for_streamed_weights)
{
	struct workload w = harness_workload(1, 300, STEPS + 1);
	struct plan plan;
	struct pair p;

	w.num_batches = 3;
	plan = make_plan(&policy_kvpr_column, &w, 1, 250, true);
	p = simulate(&policy_kvpr_column, &w, &plan);
	ck_assert_uint_ge(p.freed, 10);
	ck_assert_double_gt(p.in_order_s[STEPS - 1],
			    1.001 * p.free_s[STEPS - 1]);
	plan_clear(&plan);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("issue order");
	TCase *c = tcase_create("issue order");

	tcase_add_test(c, order_changes_nothing_for_resident_weights);
	tcase_add_test(c, order_matters_for_streamed_weights);
	suite_add_tcase(s, c);
	return harness_run(s);
}
