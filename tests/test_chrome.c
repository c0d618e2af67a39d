/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/chrome.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schedule/policy.h"
#include "tests/harness.h"

enum { SLICES = 5 };

#define PRINTED_US 1.001e-3	/* a whole nanosecond, start and end rounded */

/* A name that must be quoted to be JSON. */
static const struct policy toy = { .name = "a \"toy\" policy" };

/*
 * Two layers; bytes and FLOP of each task in step 1, which has s' = 51
 * cached tokens and a split of 5, are worked out beside it.
 */
static struct graph *make_graph(void)
{
	static const struct work works[] = {
		/* 1000 * 51 - 400 * 5 = 49000 B */
		{ .engine = ENGINE_H2D, .bytes = { 0.0, 1e3, -400.0 },
		  .launches = 1.0 },
		/* m = 10: 12000 FLOP, 2 * (200 + 600 + 300) = 2200 B */
		{ .engine = ENGINE_SM, .ngemms = 1, .element_bytes = 2.0,
		  .gemm = { { .m = { .per_split = 2.0 }, .n = 30.0,
			      .k = 20.0, .count = 1.0 } },
		  .launches = 1.0 },
		/* 51 * 70 + 7 = 3577 B, 51 * 9 + 4 = 463 FLOP */
		{ .engine = ENGINE_SM, .bytes = { 7.0, 70.0, 0.0 },
		  .flop = { 4.0, 9.0, 0.0 }, .launches = 1.0 },
		/* 2385 B */
		{ .engine = ENGINE_D2H, .bytes = { 2385.0, 0.0, 0.0 },
		  .launches = 1.0 },
	};
	struct graph *g = graph_new(2, 1);

	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(graph_add_work(g, works[i]), i);
	graph_add_task(g, OP_LOAD_CACHE, 0, 0);
	graph_add_task(g, OP_RECOMPUTE, 1, 1);
	graph_add_task(g, OP_ATTEND, 1, 2);
	graph_wait(g, OP_RECOMPUTE, 1, 0);
	graph_add_task(g, OP_STORE_ACTIVATION, 1, 3);
	graph_finish(g);
	return g;
}

static const struct {
	struct slice slice;
	const char *name, *cat, *engine;
	int tid;	/* the processes of graph.h, counted from 1 */
	size_t layer;
	double bytes, flop;
} expected[SLICES] = {
	/* in step 0, where s' = 50 and the split is 3: 50000 - 1200 B */
	{ { 0, 0, 0, 0.0, 2.385e-3 }, "load_cache L0", "load_cache", "h2d", 3,
	  0, 48800.0, 0.0 },
	{ { 0, 1, 0, 2.5e-3, 2.75e-3 }, "load_cache L0", "load_cache", "h2d",
	  3, 0, 49000.0, 0.0 },
	{ { 1, 1, 0, 2.75e-3, 2.7500015e-3 }, "recompute L1", "compute", "sm",
	  4, 1, 2200.0, 12000.0 },
	{ { 2, 1, 0, 3.125e-3, 3.5e-3 }, "attend L1", "compute", "sm", 4, 1,
	  3577.0, 463.0 },
	{ { 3, 1, 0, 3.5e-3, 1234.5678901 }, "store_activation L1",
	  "store_activation", "d2h", 6, 1, 2385.0, 0.0 },
};

/* What chrome_write() makes of `t`; caller deletes. */
static cJSON *written_timeline(const struct timeline *t)
{
	size_t split[] = { 3, 5 }, size;
	struct plan plan = { .policy = &toy, .steps = 2, .split = split };
	struct workload w = harness_workload(17, 50, 3);
	struct graph *g = make_graph();
	cJSON *about = cJSON_CreateObject(), *doc;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(f);
	cJSON_AddStringToObject(about, "version", "2.385");
	cJSON_AddNumberToObject(about, "seed", 17);
	chrome_write(t, g, &w, &plan, about, f);
	ck_assert_int_eq(fclose(f), 0);
	doc = cJSON_ParseWithOpts(text, NULL, 1);
	ck_assert_msg(cJSON_IsObject(doc), "not JSON: %s", text);
	free(text);
	cJSON_Delete(about);
	graph_free(g);
	return doc;
}

/* The same of the first `n` slices. */
static cJSON *written(size_t n)
{
	struct timeline t = { 0 };
	cJSON *doc;

	for (size_t i = 0; i < n; i++)
		timeline_add(&t, expected[i].slice);
	doc = written_timeline(&t);
	timeline_clear(&t);
	return doc;
}

static const char *text_of(const cJSON *obj, const char *key)
{
	const char *text = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(obj, key));

	ck_assert_msg(text != NULL, "no text '%s'", key);
	return text;
}

static double number_of(const cJSON *obj, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(obj, key);

	ck_assert_msg(cJSON_IsNumber(v), "no number '%s'", key);
	return v->valuedouble;
}

static const cJSON *child(const cJSON *obj, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(obj, key);

	ck_assert_msg(v != NULL, "no member '%s'", key);
	return v;
}

/* Events of kind `ph` called `name` (any if NULL), in order; the `i`th. */
static const cJSON *event(const cJSON *doc, const char *ph, const char *name,
			  size_t i)
{
	const cJSON *e;

	cJSON_ArrayForEach(e, child(doc, "traceEvents"))
		if (strcmp(text_of(e, "ph"), ph) == 0 &&
		    (name == NULL || strcmp(text_of(e, "name"), name) == 0) &&
		    i-- == 0)
			return e;
	return NULL;
}

START_TEST(says_what_it_is_about)
{
	cJSON *doc = written(SLICES);
	const cJSON *about = child(doc, "otherData");

	ck_assert_str_eq(text_of(doc, "displayTimeUnit"), "ms");
	ck_assert_int_eq(cJSON_GetArraySize(about), 2);
	ck_assert_str_eq(text_of(about, "version"), "2.385");
	ck_assert_double_eq(number_of(about, "seed"), 17.0);
	cJSON_Delete(doc);
}
END_TEST

START_TEST(has_one_track_for_each_process)
{
	static const char *const names[] = {
		"load_weight", "load_activation", "load_cache", "compute",
		"store_cache", "store_activation", "host", "issue"
	};
	cJSON *doc = written(SLICES);
	const cJSON *e = event(doc, "M", "process_name", 0);
	size_t tracks = 0;

	ck_assert_ptr_nonnull(e);
	ck_assert_double_eq(number_of(e, "pid"), 1.0);
	ck_assert_str_eq(text_of(child(e, "args"), "name"),
			 "a \"toy\" policy");
	ck_assert_ptr_null(event(doc, "M", "process_name", 1));
	while ((e = event(doc, "M", "thread_name", tracks)) != NULL) {
		ck_assert_uint_lt(tracks, PROCESS_COUNT);
		ck_assert_double_eq(number_of(e, "pid"), 1.0);
		ck_assert_double_eq(number_of(e, "tid"),
				    (double)tracks + 1.0);
		ck_assert_str_eq(text_of(child(e, "args"), "name"),
				 names[tracks]);
		e = event(doc, "M", "thread_sort_index", tracks);
		ck_assert_ptr_nonnull(e);
		ck_assert_double_eq(number_of(e, "tid"),
				    (double)tracks + 1.0);
		ck_assert_double_eq(number_of(child(e, "args"),
					      "sort_index"),
				    (double)tracks + 1.0);
		tracks++;
	}
	ck_assert_uint_eq(tracks, PROCESS_COUNT);
	ck_assert_ptr_null(event(doc, "M", NULL, 2 * PROCESS_COUNT + 1));
	cJSON_Delete(doc);
}
END_TEST

START_TEST(has_one_event_for_each_slice)
{
	cJSON *doc = written(SLICES);
	const cJSON *e;
	size_t n = 0;

	for (; (e = event(doc, "X", NULL, n)) != NULL; n++) {
		const struct slice *s = &expected[n].slice;
		const cJSON *args = child(e, "args");

		ck_assert_uint_lt(n, SLICES);
		ck_assert_str_eq(text_of(e, "name"), expected[n].name);
		ck_assert_str_eq(text_of(e, "cat"), expected[n].cat);
		ck_assert_double_eq(number_of(e, "pid"), 1.0);
		ck_assert_double_eq(number_of(e, "tid"), expected[n].tid);
		ck_assert_double_eq_tol(number_of(e, "ts"), s->start_s * 1e6,
					PRINTED_US);
		ck_assert_double_eq_tol(number_of(e, "dur"),
					(s->end_s - s->start_s) * 1e6,
					PRINTED_US);
		ck_assert_int_eq(cJSON_GetArraySize(args), 7);
		ck_assert_double_eq(number_of(args, "batch"), 0.0);
		ck_assert_double_eq(number_of(args, "step"),
				    (double)s->step);
		ck_assert_double_eq(number_of(args, "layer"),
				    (double)expected[n].layer);
		ck_assert_double_eq(number_of(args, "task"),
				    (double)s->task);
		ck_assert_str_eq(text_of(args, "engine"),
				 expected[n].engine);
		ck_assert_double_eq(number_of(args, "bytes"),
				    expected[n].bytes);
		ck_assert_double_eq(number_of(args, "flop"),
				    expected[n].flop);
	}
	ck_assert_uint_eq(n, SLICES);
	cJSON_Delete(doc);
}
END_TEST

/* A short kernel late in a long run: 1.5 ns, to a whole one. */
START_TEST(short_slices_keep_their_length)
{
	cJSON *doc = written(3);
	const cJSON *e = event(doc, "X", "recompute L1", 0);

	ck_assert_ptr_nonnull(e);
	ck_assert_double_eq_tol(number_of(e, "dur"), 1.5e-3,
				PRINTED_US);
	cJSON_Delete(doc);
}
END_TEST

/* Perfetto's nanoseconds of a number of microseconds. */
static int64_t nanoseconds(double us)
{
	return llround(us * 1000.0);
}

/*
 * Slices that follow one another to the last bit do so in Perfetto: it drops
 * one that begins before another of its track has ended, to its nanosecond.
 */
START_TEST(neighbours_do_not_overlap)
{
	struct timeline t = { 0 };
	double time = 0.0;
	int64_t end = 0;
	cJSON *doc;

	for (size_t i = 0; i < 500; i++) {
		double end_s = time + (double)(i * i % 4001 + 1) * 0.37e-9;

		timeline_add(&t, (struct slice){ 0, 1, 0, time, end_s });
		time = end_s;
	}
	doc = written_timeline(&t);
	for (size_t i = 0; i < 500; i++) {
		const cJSON *e = event(doc, "X", NULL, i);
		int64_t start = nanoseconds(number_of(e, "ts"));
		int64_t last = nanoseconds(number_of(e, "dur"));

		ck_assert_int_eq(start, end);
		end = start + last;
	}
	ck_assert_int_eq(end, llround(time * 1e9));
	cJSON_Delete(doc);
	timeline_clear(&t);
}
END_TEST

START_TEST(a_timeline_of_nothing_is_still_json)
{
	cJSON *doc = written(0);

	ck_assert_ptr_null(event(doc, "X", NULL, 0));
	ck_assert_ptr_nonnull(event(doc, "M", "thread_name", 5));
	cJSON_Delete(doc);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("traces/chrome");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, says_what_it_is_about);
	tcase_add_test(tc, has_one_track_for_each_process);
	tcase_add_test(tc, has_one_event_for_each_slice);
	tcase_add_test(tc, short_slices_keep_their_length);
	tcase_add_test(tc, neighbours_do_not_overlap);
	tcase_add_test(tc, a_timeline_of_nothing_is_still_json);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
