/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A single server, first come first served, built from the priority queue and
 * nothing else: its waiting times are known (Kleinrock, Queueing Systems,
 * volume 1: the Pollaczek-Khinchine mean).
 */
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "sim/priority_queue.h"
#include "tests/harness.h"

/*
 * The mean and its confidence limits are those of BATCHES means of
 * consecutive customers, which are long enough to be all but independent.
 */
enum { BATCHES = 40, CUSTOMERS = 50000, WARM_UP = 20000, SEED = 12451 };
enum { LINE = 1 << 16 };
enum { ARRIVAL, DEPARTURE };

#define SERVICE_S 2.385

struct server {
	struct priority_queue *events;
	gsl_rng *rng;
	double between_s;	/* arrivals, on average */
	bool constant;		/* service times; else exponential */
	double arrived_s[LINE];	/* of those in line, by number */
	size_t arrived, begun;	/* customers so far */
	bool busy;
	double sum_s;		/* of waiting times in this batch */
	double busy_s, now_s;
};

static void serve(struct server *s)
{
	double service_s = s->constant ? SERVICE_S :
		gsl_ran_exponential(s->rng, SERVICE_S);

	s->sum_s += s->now_s - s->arrived_s[s->begun++ % LINE];
	s->busy = true;
	s->busy_s += service_s;
	priority_queue_push(s->events, (struct queued){
		.key = s->now_s + service_s, .value = DEPARTURE });
}

static void arrive(struct server *s)
{
	if (s->arrived - s->begun >= LINE)	/* ck_assert is slow */
		ck_abort_msg("the line is too long");
	s->arrived_s[s->arrived++ % LINE] = s->now_s;
	priority_queue_push(s->events, (struct queued){
		.key = s->now_s + gsl_ran_exponential(s->rng,
							 s->between_s),
		.value = ARRIVAL });
	if (!s->busy)
		serve(s);
}

/* Until `n` more customers have begun to be served: their mean wait. */
static double mean_wait(struct server *s, size_t n)
{
	size_t until = s->begun + n;

	s->sum_s = 0.0;
	while (s->begun < until) {
		struct queued ev;

		if (!priority_queue_pop(s->events, &ev) ||
		    !(ev.key >= s->now_s))
			ck_abort_msg("no event, or one of the past");
		s->now_s = ev.key;
		if (ev.value == ARRIVAL) {
			arrive(s);
			continue;
		}
		s->busy = false;
		if (s->begun < s->arrived)
			serve(s);
	}
	return s->sum_s / (double)n;
}

/*
 * The mean wait is rho/(1 - rho) * (1 + c^2)/2 service times, c^2 being the
 * squared coefficient of variation of these: 1 if exponential, 0 if constant.
 * It has to lie within the 99.9 % limits of Student's distribution, and they
 * have to be narrow enough to mean something.
 */
static void check(double rho, bool constant)
{
	struct server *s = calloc(1, sizeof *s);
	double expected_s = rho / (1.0 - rho) * SERVICE_S *
			    (constant ? 0.5 : 1.0);
	double mean[BATCHES], sum = 0.0, squares = 0.0, limit;

	ck_assert_ptr_nonnull(s);
	s->events = priority_queue_new();
	s->rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(s->rng, SEED + (unsigned long)(100.0 * rho) + constant);
	s->between_s = SERVICE_S / rho;
	s->constant = constant;
	arrive(s);
	mean_wait(s, WARM_UP);
	for (size_t i = 0; i < BATCHES; i++) {
		mean[i] = mean_wait(s, CUSTOMERS);
		sum += mean[i];
	}
	for (size_t i = 0; i < BATCHES; i++)
		squares += pow(mean[i] - sum / BATCHES, 2.0);
	limit = gsl_cdf_tdist_Pinv(0.9995, BATCHES - 1) *
		sqrt(squares / (BATCHES - 1) / BATCHES);
	ck_assert_double_eq_tol(sum / BATCHES, expected_s, limit);
	ck_assert_double_lt(limit, 0.06 * expected_s);
	/* the share of time in service is rho: 2 million customers */
	ck_assert_double_eq_tol(s->busy_s / s->now_s, rho, 0.005);
	priority_queue_free(s->events);
	gsl_rng_free(s->rng);
	free(s);
}

START_TEST(exponential_service)
{
	check(0.3, false);
	check(0.6, false);
	check(0.8, false);
}
END_TEST

START_TEST(constant_service)
{
	check(0.3, true);
	check(0.6, true);
	check(0.8, true);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("queueing theory");
	TCase *tc = tcase_create("one server");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, exponential_service);
	tcase_add_test(tc, constant_service);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
