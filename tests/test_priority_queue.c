/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/priority_queue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include "tests/harness.h"

enum { OPERATIONS = 200000, MOST_PENDING = 1500, SEED = 20611 };

START_TEST(an_empty_queue_yields_nothing)
{
	struct priority_queue *q = priority_queue_new();
	struct queued x = { 2.385, 7 };

	ck_assert_uint_eq(priority_queue_length(q), 0);
	ck_assert(!priority_queue_peek(q, &x));
	ck_assert(!priority_queue_pop(q, &x));
	ck_assert_double_eq(x.key, 2.385);
	ck_assert_uint_eq(x.value, 7);
	priority_queue_free(q);
	priority_queue_free(NULL);
}
END_TEST

START_TEST(least_comes_first)
{
	static const double in[] = { 3.75, -2.385, 0.5, 1e300, 0.5625, -1e300 };
	static const double out[] = { -1e300, -2.385, 0.5, 0.5625, 3.75,
				      1e300 };
	struct priority_queue *q = priority_queue_new();
	struct queued x;
	unsigned popped = 0;

	for (uint32_t i = 0; i < 6; i++)
		priority_queue_push(q, (struct queued){ in[i], i });
	ck_assert_uint_eq(priority_queue_length(q), 6);
	for (; priority_queue_pop(q, &x); popped++) {
		ck_assert_double_eq(x.key, out[popped]);
		ck_assert_double_eq(in[x.value], x.key);
	}
	ck_assert_uint_eq(popped, 6);
	priority_queue_free(q);
}
END_TEST

START_TEST(zero_has_no_sign)
{
	struct priority_queue *q = priority_queue_new();
	struct queued x;

	priority_queue_push(q, (struct queued){ 0.0, 1 });
	priority_queue_push(q, (struct queued){ -0.0, 2 });
	priority_queue_push(q, (struct queued){ -5e-324, 0 });
	priority_queue_push(q, (struct queued){ 5e-324, 3 });
	for (uint32_t i = 0; i < 4; i++) {
		ck_assert(priority_queue_pop(q, &x));
		ck_assert_uint_eq(x.value, i);
		if (i == 1 || i == 2)
			ck_assert(x.key == 0.0 && !signbit(x.key));
	}
	priority_queue_free(q);
}
END_TEST

/* A pop before a push, as in a simulation, where the two share their work. */
START_TEST(what_is_popped_makes_room_for_what_is_pushed)
{
	static const double again[] = { 9.25, 0.125, 4.5, 2.385, 3.0 };
	static const uint32_t order[] = { 0, 1, 101, 102, 103, 104, 2, 100 };
	struct priority_queue *q = priority_queue_new();
	struct queued x, next;
	size_t popped = 0;

	priority_queue_push(q, (struct queued){ -1.5, 0 });
	priority_queue_push(q, (struct queued){ 0.25, 1 });
	priority_queue_push(q, (struct queued){ 5.0, 2 });
	for (uint32_t i = 0; priority_queue_pop(q, &x); i++) {
		ck_assert_uint_eq(x.value, order[popped++]);
		ck_assert_uint_eq(priority_queue_length(q),
				  i < 5 ? 2 : 7 - i);
		if (priority_queue_peek(q, &next))
			ck_assert_double_ge(next.key, x.key);
		else
			ck_assert_uint_eq(priority_queue_length(q), 0);
		if (i < 5)
			priority_queue_push(q, (struct queued){ again[i],
							      100 + i });
	}
	ck_assert_uint_eq(popped, 8);
	priority_queue_free(q);
}
END_TEST

START_TEST(equal_keys_keep_their_order)
{
	enum { N = 777 };
	struct priority_queue *q = priority_queue_new();
	struct queued x;

	for (uint32_t i = 0; i < N; i++)
		priority_queue_push(q, (struct queued){ 2.385, i });
	for (uint32_t i = 0; i < N; i++) {
		ck_assert(priority_queue_pop(q, &x));
		ck_assert_uint_eq(x.value, i);
	}
	ck_assert_uint_eq(priority_queue_length(q), 0);
	priority_queue_free(q);
}
END_TEST

START_TEST(peek_leaves_it)
{
	struct priority_queue *q = priority_queue_new();
	struct queued x;

	priority_queue_push(q, (struct queued){ 7.25, 1 });
	priority_queue_push(q, (struct queued){ 6.5, 3 });
	for (int i = 0; i < 3; i++) {
		ck_assert(priority_queue_peek(q, &x));
		ck_assert_double_eq(x.key, 6.5);
		ck_assert_uint_eq(priority_queue_length(q), 2);
	}
	ck_assert(priority_queue_pop(q, &x));
	ck_assert_uint_eq(x.value, 3);
	ck_assert(priority_queue_peek(q, &x));
	ck_assert_double_eq(x.key, 7.25);
	priority_queue_free(q);
}
END_TEST

/* The reference: an array kept sorted, greatest first, new before equals. */
struct sorted {
	struct queued at[MOST_PENDING];
	size_t n;
};

static void sorted_insert(struct sorted *s, struct queued x)
{
	size_t i = 0;

	while (i < s->n && s->at[i].key > x.key)
		i++;
	/* those of the same key went in before: they come out before */
	memmove(&s->at[i + 1], &s->at[i], (s->n - i) * sizeof x);
	s->at[i] = x;
	s->n++;
}

static bool same(const struct queued *a, const struct queued *b)
{
	return a->key == b->key && a->value == b->value;
}

/* Half of the keys are from a grid of 64, so that many are equal. */
static double draw_key(gsl_rng *rng)
{
	if (gsl_rng_uniform(rng) < 0.5)
		return 0.25 * (double)gsl_rng_uniform_int(rng, 64);
	return 16.0 * gsl_rng_uniform(rng);
}

START_TEST(random_operations_match_a_sorted_array)
{
	struct priority_queue *q = priority_queue_new();
	struct sorted *s = calloc(1, sizeof *s);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct queued x, seen;
	size_t done = 0, pushes = 0, pops = 0, empty = 0;
	double bias = 0.0;

	ck_assert_ptr_nonnull(s);
	gsl_rng_set(rng, SEED);
	for (; done < OPERATIONS; done++) {
		if (done % 5000 == 0)	/* the queue fills and drains */
			bias = bias > 0.5 ? 0.4 : 0.6;
		if (s->n < MOST_PENDING && gsl_rng_uniform(rng) < bias) {
			x = (struct queued){ draw_key(rng), (uint32_t)done };
			priority_queue_push(q, x);
			sorted_insert(s, x);
			pushes++;
		} else if (s->n == 0) {
			if (priority_queue_peek(q, &x) ||
			    priority_queue_pop(q, &x))
				ck_abort_msg("operation %zu: not empty", done);
			empty++;
		} else {
			x = s->at[--s->n];
			if (!priority_queue_peek(q, &seen) || !same(&seen, &x))
				ck_abort_msg("operation %zu: peek", done);
			if (!priority_queue_pop(q, &seen) || !same(&seen, &x))
				ck_abort_msg("operation %zu: pop", done);
			pops++;
		}
		if (priority_queue_length(q) != s->n)
			ck_abort_msg("operation %zu: length", done);
	}
	ck_assert_uint_eq(done, OPERATIONS);
	ck_assert_uint_eq(pushes + pops + empty, OPERATIONS);
	ck_assert_uint_ge(pushes, OPERATIONS / 3);
	ck_assert_uint_ge(pops, OPERATIONS / 3);
	ck_assert_uint_ge(empty, 5);
	gsl_rng_free(rng);
	free(s);
	priority_queue_free(q);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/priority_queue");
	TCase *tc = tcase_create("order");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, an_empty_queue_yields_nothing);
	tcase_add_test(tc, least_comes_first);
	tcase_add_test(tc, zero_has_no_sign);
	tcase_add_test(tc, what_is_popped_makes_room_for_what_is_pushed);
	tcase_add_test(tc, equal_keys_keep_their_order);
	tcase_add_test(tc, peek_leaves_it);
	tcase_add_test(tc, random_operations_match_a_sorted_array);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
