/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/waiting.h"

#include <math.h>

#include <gsl/gsl_rng.h>

#include "tests/harness.h"

enum { MOST = 300, STEPS = 20000, SEED = 7741 };

/* Whoever waits, in the order in which they came. */
struct model {
	double begin_s[MOST];
	uint32_t flow[MOST];
	size_t n;
};

static size_t first_of(const struct model *m)
{
	size_t first = 0;

	for (size_t i = 1; i < m->n; i++)
		if (m->begin_s[i] < m->begin_s[first])
			first = i;
	return first;
}

static void remove_at(struct model *m, size_t i)
{
	for (m->n--; i < m->n; i++) {
		m->begin_s[i] = m->begin_s[i + 1];
		m->flow[i] = m->flow[i + 1];
	}
}

/* Few times, so that many are the same. */
START_TEST(they_come_out_by_time_and_as_they_came)
{
	static struct model m;
	struct waiting w = { .n = 0 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t taken = 0, full = 0;

	gsl_rng_set(rng, SEED);
	ck_assert_double_eq(waiting_next_s(&w), INFINITY);
	for (size_t step = 0; step < STEPS; step++) {
		bool add = gsl_rng_uniform_int(rng, 200) >=
			   (step / 1000 % 2 ? 120 : 80);

		if (add && m.n < MOST) {
			double begin_s = (double)gsl_rng_uniform_int(rng, 40);

			waiting_add(&w, begin_s, (uint32_t)step);
			m.begin_s[m.n] = begin_s;
			m.flow[m.n++] = (uint32_t)step;
		} else if (m.n > 0) {
			size_t first = first_of(&m);

			ck_assert_double_eq(waiting_next_s(&w),
					    m.begin_s[first]);
			ck_assert_uint_eq(waiting_take(&w), m.flow[first]);
			remove_at(&m, first);
			taken++;
		}
		full += m.n > 100;
	}
	ck_assert_uint_gt(taken, STEPS / 3);
	ck_assert_uint_gt(full, STEPS / 10);	/* it grew, and went round */
	waiting_clear(&w);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/waiting");
	TCase *tc = tcase_create("order");

	tcase_add_test(tc, they_come_out_by_time_and_as_they_came);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
