/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/event_queue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include "tests/harness.h"

enum { OPERATIONS = 200000, MOST_PENDING = 1500, SEED = 20611 };

START_TEST(an_empty_queue_yields_nothing)
{
	struct event_queue *q = event_queue_new();
	struct event ev = { 2.385, 7, 11 };

	ck_assert_uint_eq(event_queue_length(q), 0);
	ck_assert(!event_queue_peek(q, &ev));
	ck_assert(!event_queue_pop(q, &ev));
	ck_assert_double_eq(ev.time_s, 2.385);
	ck_assert_uint_eq(ev.kind, 7);
	ck_assert_uint_eq(ev.stamp, 11);
	event_queue_free(q);
	event_queue_free(NULL);
}
END_TEST

START_TEST(earliest_comes_first)
{
	static const double in[] = { 3.75, -2.385, 0.5, 1e300, 0.5625, -1e300 };
	static const double out[] = { -1e300, -2.385, 0.5, 0.5625, 3.75,
				      1e300 };
	struct event_queue *q = event_queue_new();
	struct event ev;
	unsigned popped = 0;

	for (uint32_t i = 0; i < 6; i++)
		event_queue_push(q, (struct event){ in[i], i, 100 + i });
	ck_assert_uint_eq(event_queue_length(q), 6);
	for (; event_queue_pop(q, &ev); popped++) {
		ck_assert_double_eq(ev.time_s, out[popped]);
		ck_assert_double_eq(in[ev.kind], ev.time_s);
		ck_assert_uint_eq(ev.stamp, 100 + ev.kind);
	}
	ck_assert_uint_eq(popped, 6);
	event_queue_free(q);
}
END_TEST

START_TEST(zero_has_no_sign)
{
	struct event_queue *q = event_queue_new();
	struct event ev;

	event_queue_push(q, (struct event){ 0.0, 1, 0 });
	event_queue_push(q, (struct event){ -0.0, 2, 0 });
	event_queue_push(q, (struct event){ -5e-324, 0, 0 });
	event_queue_push(q, (struct event){ 5e-324, 3, 0 });
	for (uint32_t i = 0; i < 4; i++) {
		ck_assert(event_queue_pop(q, &ev));
		ck_assert_uint_eq(ev.kind, i);
		if (i == 1 || i == 2)
			ck_assert(ev.time_s == 0.0 && !signbit(ev.time_s));
	}
	event_queue_free(q);
}
END_TEST

/* A pop before a push, as in a simulation, where the two share their work. */
START_TEST(what_is_popped_makes_room_for_what_is_pushed)
{
	static const double again[] = { 9.25, 0.125, 4.5, 2.385, 3.0 };
	static const uint32_t order[] = { 0, 1, 101, 102, 103, 104, 2, 100 };
	struct event_queue *q = event_queue_new();
	struct event ev, next;
	size_t popped = 0;

	event_queue_push(q, (struct event){ -1.5, 0, 0 });
	event_queue_push(q, (struct event){ 0.25, 1, 0 });
	event_queue_push(q, (struct event){ 5.0, 2, 0 });
	for (uint32_t i = 0; event_queue_pop(q, &ev); i++) {
		ck_assert_uint_eq(ev.kind, order[popped++]);
		ck_assert_uint_eq(event_queue_length(q),
				  i < 5 ? 2 : 7 - i);
		if (event_queue_peek(q, &next))
			ck_assert_double_ge(next.time_s, ev.time_s);
		else
			ck_assert_uint_eq(event_queue_length(q), 0);
		if (i < 5)
			event_queue_push(q, (struct event){ again[i], 100 + i,
							    0 });
	}
	ck_assert_uint_eq(popped, 8);
	event_queue_free(q);
}
END_TEST

START_TEST(equal_times_keep_their_order)
{
	enum { N = 777 };
	struct event_queue *q = event_queue_new();
	struct event ev;

	for (uint32_t i = 0; i < N; i++)
		event_queue_push(q, (struct event){ 2.385, 5, i });
	for (uint32_t i = 0; i < N; i++) {
		ck_assert(event_queue_pop(q, &ev));
		ck_assert_uint_eq(ev.stamp, i);
	}
	ck_assert_uint_eq(event_queue_length(q), 0);
	event_queue_free(q);
}
END_TEST

START_TEST(peek_leaves_the_event)
{
	struct event_queue *q = event_queue_new();
	struct event ev;

	event_queue_push(q, (struct event){ 7.25, 1, 2 });
	event_queue_push(q, (struct event){ 6.5, 3, 4 });
	for (int i = 0; i < 3; i++) {
		ck_assert(event_queue_peek(q, &ev));
		ck_assert_double_eq(ev.time_s, 6.5);
		ck_assert_uint_eq(event_queue_length(q), 2);
	}
	ck_assert(event_queue_pop(q, &ev));
	ck_assert_uint_eq(ev.stamp, 4);
	ck_assert(event_queue_peek(q, &ev));
	ck_assert_double_eq(ev.time_s, 7.25);
	event_queue_free(q);
}
END_TEST

/* The reference: an array kept sorted, latest first, new before equals. */
struct sorted {
	struct event at[MOST_PENDING];
	size_t n;
};

static void sorted_insert(struct sorted *s, struct event ev)
{
	size_t i = 0;

	while (i < s->n && s->at[i].time_s > ev.time_s)
		i++;
	/* those at the same time went in before: they come out before */
	memmove(&s->at[i + 1], &s->at[i], (s->n - i) * sizeof ev);
	s->at[i] = ev;
	s->n++;
}

static bool same(const struct event *a, const struct event *b)
{
	return a->time_s == b->time_s && a->kind == b->kind &&
	       a->stamp == b->stamp;
}

/* Half of the times are from a grid of 64, so that many are equal. */
static double draw_time(gsl_rng *rng)
{
	if (gsl_rng_uniform(rng) < 0.5)
		return 0.25 * (double)gsl_rng_uniform_int(rng, 64);
	return 16.0 * gsl_rng_uniform(rng);
}

START_TEST(random_operations_match_a_sorted_array)
{
	struct event_queue *q = event_queue_new();
	struct sorted *s = calloc(1, sizeof *s);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct event ev, seen;
	size_t done = 0, pushes = 0, pops = 0, empty = 0;
	double bias = 0.0;

	ck_assert_ptr_nonnull(s);
	gsl_rng_set(rng, SEED);
	for (; done < OPERATIONS; done++) {
		if (done % 5000 == 0)	/* the queue fills and drains */
			bias = bias > 0.5 ? 0.4 : 0.6;
		if (s->n < MOST_PENDING && gsl_rng_uniform(rng) < bias) {
			ev = (struct event){ draw_time(rng),
					     (uint32_t)gsl_rng_get(rng),
					     (uint32_t)done };
			event_queue_push(q, ev);
			sorted_insert(s, ev);
			pushes++;
		} else if (s->n == 0) {
			if (event_queue_peek(q, &ev) ||
			    event_queue_pop(q, &ev))
				ck_abort_msg("operation %zu: not empty", done);
			empty++;
		} else {
			ev = s->at[--s->n];
			if (!event_queue_peek(q, &seen) || !same(&seen, &ev))
				ck_abort_msg("operation %zu: peek", done);
			if (!event_queue_pop(q, &seen) || !same(&seen, &ev))
				ck_abort_msg("operation %zu: pop", done);
			pops++;
		}
		if (event_queue_length(q) != s->n)
			ck_abort_msg("operation %zu: length", done);
	}
	ck_assert_uint_eq(done, OPERATIONS);
	ck_assert_uint_eq(pushes + pops + empty, OPERATIONS);
	ck_assert_uint_ge(pushes, OPERATIONS / 3);
	ck_assert_uint_ge(pops, OPERATIONS / 3);
	ck_assert_uint_ge(empty, 5);
	gsl_rng_free(rng);
	free(s);
	event_queue_free(q);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/event_queue");
	TCase *tc = tcase_create("order");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, an_empty_queue_yields_nothing);
	tcase_add_test(tc, earliest_comes_first);
	tcase_add_test(tc, zero_has_no_sign);
	tcase_add_test(tc, what_is_popped_makes_room_for_what_is_pushed);
	tcase_add_test(tc, equal_times_keep_their_order);
	tcase_add_test(tc, peek_leaves_the_event);
	tcase_add_test(tc, random_operations_match_a_sorted_array);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
