/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Graphs with cycles.  Waits point to the same step or to earlier ones, so a
 * cycle lies within one step and closes over streams, which run in order;
 * what it holds up may wait for it from later steps.
 */
#include "sim/run.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "schedule/kvpr_row.h"
#include "sim/jitter.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { CASES = 2000, SEED = 60221, MOST_MESSAGE = 1024 };

/* Where a stream's next task is. */
struct at {
	size_t tasks[64], n;	/* of the stream */
	size_t next, step;
};

/* What is done of `task` before `step` + 1, as streams stand now. */
static bool is_done(const struct graph *g, const struct at *all, size_t task,
		    size_t step)
{
	const struct at *at = &all[op_process(g->tasks[task].op)];
	size_t place = 0;

	while (at->tasks[place] != task)
		place++;
	return at->step > step || (at->step == step && at->next > place);
}

static bool may_go(const struct graph *g, const struct at *all,
		   const struct at *at)
{
	const struct task *t = &g->tasks[at->tasks[at->next]];

	for (size_t i = 0; i < t->nwaits; i++) {
		const struct wait *w = &g->waits[t->first_wait + i];

		if (at->step >= w->lag &&
		    !is_done(g, all, w->task, at->step - w->lag))
			return false;
	}
	return true;
}

/*
 * Without time: let any stream go on that can until none can.  What can be
 * completed does not depend on the order.  The message for what is left, or
 * an empty one.
 */
static void find_stuck(const struct graph *g, size_t steps,
		       char message[MOST_MESSAGE])
{
	struct at all[PROCESS_COUNT] = { { .n = 0 } };
	bool moved = true;
	size_t len = 0;

	for (size_t i = 0; i < g->ntasks; i++) {
		struct at *at = &all[op_process(g->tasks[i].op)];

		ck_assert_uint_lt(at->n, 64);
		at->tasks[at->n++] = i;
	}
	while (moved) {
		moved = false;
		for (size_t p = PROCESS_COUNT; p-- > 0;) {
			struct at *at = &all[p];

			if (at->n == 0 || at->step == steps ||
			    !may_go(g, all, at))
				continue;
			moved = true;
			if (++at->next == at->n) {
				at->next = 0;
				at->step++;
			}
		}
	}
	message[0] = '\0';
	for (size_t p = 0; p < PROCESS_COUNT; p++) {
		const struct task *t;

		if (all[p].n == 0 || all[p].step == steps)
			continue;
		t = &g->tasks[all[p].tasks[all[p].next]];
		len += (size_t)snprintf(
			message + len, MOST_MESSAGE - len,
			"%s%s of layer %zu, step %zu",
			len == 0 ? "the schedule waits for itself: " : "; ",
			op_name(t->op), t->layer, all[p].step);
	}
}

/* Turn some waits round: any task, mostly of the same step. */
static void tangle(gsl_rng *rng, struct graph *g)
{
	size_t n = random_case_size(rng, 0, 3);

	for (; n > 0 && g->nwaits > 0; n--) {
		struct wait *w =
			&g->waits[random_case_size(rng, 0, g->nwaits - 1)];

		w->task = random_case_size(rng, 0, g->ntasks - 1);
		w->lag = random_case_size(rng, 0, 5) / 5;
	}
}

static enum status run(const struct random_case *c, const struct graph *g,
		       const struct plan *plan, const struct jitter_spec *spec,
		       struct diag *d)
{
	const struct jitter_case of = { .graph = g, .w = &c->w,
					.plan = plan, .hw = &c->hw };
	struct run_options options = run_whole(plan);
	struct run_result result;
	enum status s;

	if (spec != NULL) {
		options.jitter = jitter_new(spec, &of);
		jitter_seed(options.jitter, SEED, 3);
	}
	s = run_graph(g, &c->w, plan, &c->hw, &options, &result, d);
	jitter_free(options.jitter);
	return s;
}

/* On any number of GPUs, with jitter or without: the same is named. */
START_TEST(any_graph_with_a_cycle_is_reported)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct jitter_spec spec = { .run = { 0.0 } };
	size_t stuck = 0, later = 0, several = 0, done = 0;

	gsl_rng_set(rng, SEED);
	for (size_t e = 0; e < ENGINE_COUNT; e++)
		spec.task[e] = 0.3;
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = random_case_plan(rng, &c,
						    &policy_kvpr_row, 0);
		struct graph *g = random_case_graph(rng);
		char expected[MOST_MESSAGE];
		struct diag d = { "" };
		enum status s;

		g->gpus = c.w.gpus = random_case_size(rng, 1, 8);
		tangle(rng, g);
		find_stuck(g, plan.steps, expected);
		s = run(&c, g, &plan, done % 2 ? &spec : NULL, &d);
		ck_assert_int_eq(s, expected[0] == '\0' ? STATUS_OK
							: STATUS_INVALID);
		ck_assert_str_eq(d.text, expected);
		stuck += s == STATUS_INVALID;
		later += strstr(expected, "step 1") != NULL;
		several += strstr(expected, "; ") != NULL;
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_ge(stuck, CASES / 10);
	ck_assert_uint_le(stuck, CASES - CASES / 10);
	ck_assert_uint_ge(later, 50);
	ck_assert_uint_ge(several, 50);
	gsl_rng_free(rng);
}
END_TEST

/*
 * A whole schedule on 8 GPUs, two batches, three steps: a layer's load waits
 * for the end of the layer, which waits for the load.
 */
START_TEST(a_schedule_of_several_gpus_and_batches)
{
	struct random_case c = {
		.model = harness_model("opt-6.7b"),
		.hw = harness_hardware("a100-40gb-pcie4"),
		.w = harness_workload(17, 128, 4),
	};
	size_t split[3] = { 40, 41, 42 };
	struct plan plan = { .policy = &policy_kvpr_row, .steps = 3,
			     .split = split,
			     .decision[DECISION_PREFETCH] = 1,
			     .decision[DECISION_WEIGHTS_ON_GPU] = 1 };
	struct diag d = { "" };
	struct graph *g;
	size_t ffn = SIZE_MAX;

	c.w.num_batches = 2;
	c.w.gpus = 8;
	g = plan.policy->build(&c.model, &c.w, &plan, SPAN_STEP);
	for (size_t i = 0; i < g->ntasks && ffn == SIZE_MAX; i++)
		if (g->tasks[i].op == OP_FFN && g->tasks[i].layer == 5 &&
		    g->tasks[i].batch == 1)
			ffn = i;
	for (size_t i = 0; i < g->ntasks; i++)
		if (g->tasks[i].op == OP_LOAD_CACHE &&
		    g->tasks[i].layer == 5 && g->tasks[i].batch == 1)
			g->waits[g->tasks[i].first_wait] =
				(struct wait){ .task = ffn, .lag = 0 };
	ck_assert_int_eq(run(&c, g, &plan, NULL, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text,
			 "the schedule waits for itself: load_activation of "
			 "layer 6, batch 0, step 0; load_cache of layer 5, "
			 "batch 1, step 0; attend of layer 5, batch 1, step "
			 "0; store_cache of layer 6, batch 0, step 0");
	graph_free(g);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/run, graphs with cycles");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, any_graph_with_a_cycle_is_reported);
	tcase_add_test(tc, a_schedule_of_several_gpus_and_batches);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
