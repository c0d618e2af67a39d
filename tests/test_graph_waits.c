/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a task waits for. */
#include "schedule/graph.h"

#include <stdlib.h>

#include <gsl/gsl_rng.h>

#include "base/xalloc.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { CASES = 500, SEED = 7919 };

/* Layers before the first are the last of the step before, and so on. */
START_TEST(waits_count_layers_across_steps)
{
	static const struct {
		size_t layer, back, on, lag;
	} cases[] = {
		{ 2, 0, 2, 0 }, { 2, 1, 1, 0 }, { 2, 2, 0, 0 },
		{ 2, 3, 2, 1 }, { 0, 1, 2, 1 }, { 1, 2, 2, 1 },
		{ 0, 3, 0, 1 }, { 1, 5, 2, 2 }, { 2, 64, 1, 21 },
		{ 0, 65, 1, 22 },
	};
	const size_t n = sizeof cases / sizeof cases[0];
	struct graph *g = graph_new(3, 1);

	graph_add_work(g, (struct work){ .engine = ENGINE_SM });
	for (size_t layer = 0; layer < 3; layer++)
		graph_add_task(g, OP_FFN, layer, 0);
	graph_add_task(g, OP_LOAD_CACHE, 1, 0);
	for (size_t i = 0; i < n; i++)
		graph_wait(g, OP_FFN, cases[i].layer, cases[i].back);
	graph_finish(g);
	ck_assert_uint_eq(g->nwaits, n);
	ck_assert_uint_eq(g->tasks[2].nwaits, 0);
	ck_assert_uint_eq(g->tasks[3].first_wait, 0);
	ck_assert_uint_eq(g->tasks[3].nwaits, n);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_eq(g->waits[i].task, cases[i].on);
		ck_assert_uint_eq(g->waits[i].lag, cases[i].lag);
	}
	graph_free(g);
}
END_TEST

/* Layer j of batch k is slot 2j + k; periods of 3 * 2 slots. */
START_TEST(waits_count_slots_of_several_batches)
{
	static const struct {
		size_t slot, back, layer, batch, lag;
	} cases[] = {
		{ 5, 0, 2, 1, 0 }, { 5, 1, 2, 0, 0 }, { 5, 2, 1, 1, 0 },
		{ 4, 3, 0, 1, 0 }, { 5, 5, 0, 0, 0 }, { 5, 6, 2, 1, 1 },
		{ 0, 1, 2, 1, 1 }, { 1, 2, 2, 1, 1 }, { 0, 2, 2, 0, 1 },
		{ 0, 6, 0, 0, 1 }, { 3, 9, 0, 0, 1 }, { 3, 10, 2, 1, 2 },
		{ 1, 12, 0, 1, 2 }, { 2, 21, 2, 1, 4 }, { 5, 64, 0, 1, 10 },
	};
	const size_t n = sizeof cases / sizeof cases[0];
	struct graph *g = graph_new(3, 2);

	ck_assert_uint_eq(graph_slots(g), 6);
	graph_add_work(g, (struct work){ .engine = ENGINE_SM });
	for (size_t slot = 0; slot < 6; slot++)
		graph_add_task(g, OP_FFN, slot, 0);
	graph_add_task(g, OP_ATTEND, 3, 0);
	for (size_t i = 0; i < n; i++)
		graph_wait(g, OP_FFN, cases[i].slot, cases[i].back);
	graph_finish(g);
	ck_assert_uint_eq(g->ntasks, 7);
	ck_assert_uint_eq(g->tasks[6].layer, 1);
	ck_assert_uint_eq(g->tasks[6].batch, 1);
	ck_assert_uint_eq(g->tasks[6].nwaits, n);
	for (size_t i = 0; i < n; i++) {
		const struct wait *w =
			&g->waits[g->tasks[6].first_wait + i];

		ck_assert_uint_eq(w->lag, cases[i].lag);
		ck_assert_uint_eq(g->tasks[w->task].layer, cases[i].layer);
		ck_assert_uint_eq(g->tasks[w->task].batch, cases[i].batch);
	}
	graph_free(g);
}
END_TEST

/*
 * Of any number of layers and batches: `back` slots before the slot, counted
 * over an unbroken line of slots in which period p begins at p * slots.
 */
START_TEST(slots_follow_one_another_over_periods)
{
	size_t waits = 0;

	for (size_t i = 0; i < 12; i++) {
		size_t layers = 1 + i / 4, batches = 1 + i % 4;
		size_t slots = layers * batches, far = 20 * slots;
		struct graph *g = graph_new(layers, batches);

		graph_add_work(g, (struct work){ .engine = ENGINE_SM });
		for (size_t slot = 0; slot < slots; slot++)
			graph_add_task(g, OP_FFN, slot, 0);
		for (size_t slot = 0; slot < slots; slot++) {
			graph_add_task(g, OP_ATTEND, slot, 0);
			for (size_t back = 0; back < 3 * slots + 2; back++)
				graph_wait(g, OP_FFN, slot, back);
		}
		graph_finish(g);
		for (size_t slot = 0; slot < slots; slot++) {
			const struct task *t = &g->tasks[slots + slot];

			ck_assert_uint_eq(t->layer, slot / batches);
			ck_assert_uint_eq(t->batch, slot % batches);
			for (size_t b = 0; b < 3 * slots + 2; b++, waits++) {
				const struct wait *w =
					&g->waits[t->first_wait + b];
				size_t on = far + slot - b;

				ck_assert_uint_eq(w->task, on % slots);
				ck_assert_uint_eq(w->lag,
						  20 - on / slots);
			}
		}
		graph_free(g);
	}
	/* the sum over all of slots * (3 slots + 2) */
	ck_assert_uint_eq(waits, 1380);
}
END_TEST

/* A task, and the wait that finishing its graph adds to it, or none. */
struct added {
	enum op op;
	size_t slot;
	enum engine engine;
	size_t nwaits, on, lag;
};

static void add_tasks(struct graph *g, const struct added *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		graph_add_task(g, cases[i].op, cases[i].slot,
			       graph_add_work(g, (struct work){
				       .engine = cases[i].engine }));
	graph_finish(g);
}

static void check_waits(const struct graph *g, const struct added *cases,
			size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct task *t = &g->tasks[i];

		ck_assert_uint_eq(t->nwaits, cases[i].nwaits);
		if (t->nwaits == 0)
			continue;
		ck_assert_uint_eq(g->waits[t->first_wait].task, cases[i].on);
		ck_assert_uint_eq(g->waits[t->first_wait].lag, cases[i].lag);
	}
}

/*
 * What finishing adds: a wait for the task before on the same stream, of the
 * period before if it is the first, where that is on another engine.
 */
START_TEST(streams_that_change_engine_wait)
{
	static const struct added cases[] = {
		{ OP_LOAD_HIDDEN, 0, ENGINE_H2D, 1, 5, 1 },
		{ OP_PROJECT, 0, ENGINE_SM, 1, 0, 0 },
		{ OP_LOAD_CACHE, 0, ENGINE_H2D, 0, 0, 0 },
		{ OP_ATTEND, 0, ENGINE_SM, 0, 0, 0 },
		{ OP_LOAD_CACHE, 1, ENGINE_H2D, 0, 0, 0 },
		{ OP_STORE_HIDDEN, 1, ENGINE_D2H, 1, 3, 0 },
	};
	struct graph *g = graph_new(1, 2);

	add_tasks(g, cases, 6);
	ck_assert_uint_eq(g->nwaits, 3);
	check_waits(g, cases, 6);
	graph_free(g);
}
END_TEST

/* Copies of one direction one after another, and the streams within that. */
START_TEST(copies_in_order_wait_across_streams)
{
	static const struct added cases[] = {
		{ OP_LOAD_CACHE, 0, ENGINE_H2D, 1, 5, 1 },
		{ OP_STORE_CACHE, 0, ENGINE_D2H, 1, 4, 1 },
		{ OP_LOAD_WEIGHT_QO, 0, ENGINE_H2D, 1, 0, 0 },
		{ OP_LOAD_WEIGHT_FFN, 0, ENGINE_H2D, 0, 0, 0 },
		{ OP_STORE_ACTIVATION, 0, ENGINE_D2H, 1, 1, 0 },
		{ OP_LOAD_ACTIVATION, 1, ENGINE_H2D, 1, 3, 0 },
		{ OP_PROJECT, 1, ENGINE_SM, 0, 0, 0 },
	};
	const size_t n = sizeof cases / sizeof cases[0];

	for (int in_order = 0; in_order < 2; in_order++) {
		struct graph *g = graph_new(2, 1);

		g->copies_in_order = in_order;
		add_tasks(g, cases, n);
		ck_assert_uint_eq(g->nwaits, in_order ? 5 : 0);
		if (in_order)
			check_waits(g, cases, n);
		graph_free(g);
	}
}
END_TEST

/*
 * Four kernels of one work and two of another; copies wait for the second of
 * the first, and for both of the second.  An event holds up those three alone,
 * and only the first work has to be there twice.
 */
START_TEST(an_awaited_kernel_has_its_own_work)
{
	const struct work ffn = { .engine = ENGINE_SM, .launches = 3.0 };
	const struct work project = { .engine = ENGINE_SM, .launches = 2.0 };
	const struct work copy = { .engine = ENGINE_H2D, .launches = 1.0 };
	struct graph *g = graph_new(1, 4);
	size_t works[] = { graph_add_work(g, ffn), graph_add_work(g, project),
			   graph_add_work(g, copy) };

	for (size_t slot = 0; slot < 4; slot++)
		graph_add_task(g, OP_FFN, slot, works[0]);
	for (size_t slot = 0; slot < 2; slot++)
		graph_add_task(g, OP_PROJECT, slot, works[1]);
	graph_add_task(g, OP_LOAD_CACHE, 0, works[2]);
	graph_wait(g, OP_FFN, 1, 0);
	graph_wait(g, OP_PROJECT, 0, 0);
	graph_add_task(g, OP_LOAD_CACHE, 1, works[2]);
	graph_wait(g, OP_PROJECT, 1, 4);
	graph_finish(g);
	ck_assert_uint_eq(g->nworks, 4);
	ck_assert_uint_eq(g->nshapes, 3);
	for (size_t i = 0; i < g->ntasks; i++) {
		const struct task *t = &g->tasks[i];
		bool awaited = i == 1 || i == 4 || i == 5;

		ck_assert_int_eq(g->works[t->work].awaited, awaited);
		ck_assert_double_eq(g->works[t->work].launches,
				    t->op == OP_FFN ? 3.0 :
				    t->op == OP_PROJECT ? 2.0 : 1.0);
	}
	graph_free(g);
}
END_TEST

/* An event for each kernel that another engine waits for, and no other. */
START_TEST(events_are_by_task)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t awaited = 0, alone = 0;

	gsl_rng_set(rng, SEED + 1);
	for (size_t done = 0; done < CASES; done++) {
		struct graph *g = random_case_graph(rng);
		bool *told = xcalloc(g->ntasks, sizeof *told);

		for (size_t i = 0; i < g->ntasks; i++)
			for (size_t k = 0; k < g->tasks[i].nwaits; k++) {
				size_t on = g->waits[g->tasks[i].first_wait +
						     k].task;

				told[on] |= graph_hands_off(g, on, i);
			}
		for (size_t i = 0; i < g->ntasks; i++) {
			const struct work *w = &g->works[g->tasks[i].work];

			if (w->engine != ENGINE_SM)
				continue;
			ck_assert_int_eq(w->awaited, told[i]);
			awaited += told[i];
			alone += !told[i];
		}
		ck_assert_uint_le(g->nworks, 2 * g->nshapes);
		free(told);
		graph_free(g);
	}
	ck_assert_uint_gt(awaited, CASES / 10);
	ck_assert_uint_gt(alone, CASES / 10);
	gsl_rng_free(rng);
}
END_TEST

/* What is added later may be waited for, in an earlier step. */
START_TEST(a_wait_may_point_ahead_into_an_earlier_step)
{
	struct graph *g = graph_new(2, 1);

	graph_add_work(g, (struct work){ .engine = ENGINE_SM });
	graph_add_task(g, OP_PROJECT, 0, 0);
	graph_wait(g, OP_HEAD, 1, 2);
	graph_wait(g, OP_PROJECT, 0, 2);	/* itself, a step before */
	graph_add_task(g, OP_ATTEND, 0, 0);
	graph_add_task(g, OP_FFN, 1, 0);
	graph_wait(g, OP_ATTEND, 1, 1);
	graph_add_task(g, OP_HEAD, 1, 0);
	graph_finish(g);
	ck_assert_uint_eq(g->nwaits, 3);
	ck_assert_uint_eq(g->waits[0].task, 3);
	ck_assert_uint_eq(g->waits[0].lag, 1);
	ck_assert_uint_eq(g->waits[1].task, 0);
	ck_assert_uint_eq(g->waits[1].lag, 1);
	ck_assert_uint_eq(g->waits[2].task, 1);
	ck_assert_uint_eq(g->waits[2].lag, 0);
	ck_assert_uint_eq(g->tasks[2].first_wait, 2);
	ck_assert_uint_eq(g->tasks[2].nwaits, 1);
	ck_assert_uint_eq(g->tasks[3].nwaits, 0);
	graph_free(g);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule/graph, waits");
	TCase *tc = tcase_create("graphs");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, waits_count_layers_across_steps);
	tcase_add_test(tc, waits_count_slots_of_several_batches);
	tcase_add_test(tc, slots_follow_one_another_over_periods);
	tcase_add_test(tc, streams_that_change_engine_wait);
	tcase_add_test(tc, copies_in_order_wait_across_streams);
	tcase_add_test(tc, an_awaited_kernel_has_its_own_work);
	tcase_add_test(tc, events_are_by_task);
	tcase_add_test(tc, a_wait_may_point_ahead_into_an_earlier_step);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
