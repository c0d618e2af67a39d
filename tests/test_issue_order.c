/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_issue_order.c - where weights stay on the GPU, copies of one direction
 * become ready in the order in which they are issued.
 *
 * So kvplan-gpu may put the processes that load on one stream, and those that
 * store on another (cuda_validate/runtime.h), and still be what is simulated:
 * here each graph is simulated as it is, and with such streams.  Splits leave
 * some KV to load in every step: a stream with nothing to do runs ahead.
 */
#include "schedule/policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sim/run.h"
#include "tests/harness.h"

enum { STEPS = 5 };

/* 0: stays apart; else the stream that `op` shares. */
static int shared_stream(enum op op)
{
	switch (op_process(op)) {
	case PROCESS_LOAD_WEIGHT:
	case PROCESS_LOAD_ACTIVATION:
	case PROCESS_LOAD_CACHE:
		return 1;
	case PROCESS_STORE_CACHE:
	case PROCESS_STORE_ACTIVATION:
		return 2;
	default:
		return 0;
	}
}

/* Let each task on a shared stream wait for the one before it there. */
static void share_streams(struct graph *g)
{
	struct wait *waits = xcalloc(g->nwaits + g->ntasks, sizeof *waits);
	size_t before[3], lag[3] = { 1, 1, 1 }, n = 0;

	for (size_t i = 0; i < g->ntasks; i++)
		before[shared_stream(g->tasks[i].op)] = i;
	for (size_t i = 0; i < g->ntasks; i++) {
		struct task *t = &g->tasks[i];
		int stream = shared_stream(t->op);
		size_t first = n;

		memcpy(waits + n, g->waits + t->first_wait,
		       t->nwaits * sizeof *waits);
		n += t->nwaits;
		if (stream != 0) {
			waits[n++] = (struct wait){ .task = before[stream],
						    .lag = lag[stream] };
			before[stream] = i;
			lag[stream] = 0;
		}
		t->first_wait = first;
		t->nwaits = n - first;
	}
	free(g->waits);
	g->waits = waits;
	g->nwaits = n;
}

static struct plan make_plan(const struct policy *policy,
			     const struct workload *w, size_t depth,
			     size_t split)
{
	struct plan plan = { .policy = policy, .steps = STEPS };

	for (int i = 0; i < DECISION_COUNT; i++)
		plan.decision[i] = policy->rules[i].value;
	plan.decision[DECISION_WEIGHTS_ON_GPU] = 1.0;
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

static void compare(const struct policy *policy, const struct workload *w,
		    size_t depth, size_t split)
{
	struct llm m = harness_model("opt-125m");
	struct hardware hw = harness_hardware("a100-40gb-pcie4");
	struct plan plan = make_plan(policy, w, depth, split);
	double ends[2][STEPS];
	struct diag d = { "" };

	m.layers = 5;
	hw.host_attention_bytes_per_s = 60e9;
	hw.host_copy_bytes_per_s = 9e9;
	hw.h2d.pageable_bytes_per_s = hw.d2h.pageable_bytes_per_s = 7e9;
	hw.duplex_bytes_per_s = 0.0;
	for (int shared = 0; shared < 2; shared++) {
		struct run_options o = run_whole(&plan);
		struct run_result result;
		struct graph *g = policy->graph(&m, w, &plan, SPAN_STEP);

		if (shared)
			share_streams(g);
		o.step_end_s = ends[shared];
		ck_assert_msg(run_graph(g, w, &plan, &hw, &o, &result, &d) ==
				      STATUS_OK, "%s", d.text);
		graph_free(g);
	}
	for (size_t i = 0; i < STEPS; i++)
		ck_assert_msg(fabs(ends[1][i] - ends[0][i]) <=
				      1e-9 * ends[0][i],
			      "%s, batch %zu x %zu, depth %zu, split %zu, "
			      "step %zu: %.9g s, in order %.9g s",
			      policy->name, w->batch, w->num_batches, depth,
			      split, i, ends[0][i], ends[1][i]);
	plan_clear(&plan);
}

START_TEST(sharing_streams_changes_nothing)
{
	static const size_t splits[] = { 0, 37, 250 };
	static const size_t batches[] = { 1, 3 };
	static const size_t sizes[] = { 1, 40 };
	size_t n, compared = 0;
	const struct policy *const *policies = policy_list(&n);

	for (size_t p = 0; p < n; p++)
		for (size_t k = 0; k < 2 * 2 * 3 * 3; k++) {
			struct workload w = harness_workload(
				sizes[k % 2], 300, STEPS + 1);

			w.num_batches = batches[k / 2 % 2];
			compare(policies[p], &w, k / 4 % 3,
				splits[k / 12 % 3]);
			compared++;
		}
	ck_assert_uint_ge(compared, 300);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("issue order");
	TCase *c = tcase_create("issue order");

	tcase_add_test(c, sharing_streams_changes_nothing);
	suite_add_tcase(s, c);
	return harness_run(s);
}
