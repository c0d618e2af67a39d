/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flows on random machines, held against a plain simulation of the same. */
#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "sim/links.h"
#include "tests/harness.h"

enum { SEED = 90217 };

/* What the module promises for the changes of rate in these cases. */
#define TOLERANCE 1e-9

/*
 * The reference keeps the bytes of every flow, steps from
 * change to change, and has its rates from rounds over all flows.
 */
enum { MOST_LINKS = 14, MOST_ROUTES = 8, FLOWS = 60 };

struct case_flow {
	double start_s, begin_s, bytes, left, rate, end_s;
	size_t route;
	bool done;
};

struct machine {
	struct max_min_link links[MOST_LINKS];
	size_t nlinks, nroutes;
	struct max_min_path paths[MOST_ROUTES];
	struct case_flow flows[FLOWS];
};

/* Not at all, as often as not; else up to three times. */
static void cross(struct max_min_path *p, size_t link, size_t drawn)
{
	uint64_t bit = UINT64_C(1) << link;

	p->once |= drawn > 1 ? bit : 0;
	p->twice |= drawn > 2 ? bit : 0;
	p->thrice |= drawn > 3 ? bit : 0;
}

static double times(const struct machine *m, size_t route, size_t link)
{
	const struct max_min_path *p = &m->paths[route];

	return (double)((p->once >> link & 1) + (p->twice >> link & 1) +
			(p->thrice >> link & 1));
}

static void draw(gsl_rng *rng, struct machine *m)
{
	double start_s = 0.0;

	*m = (struct machine){ .nlinks = MOST_LINKS };
	m->nroutes = 1 + gsl_rng_uniform_int(rng, MOST_ROUTES);
	for (size_t j = 0; j < m->nlinks; j++)
		m->links[j].bytes_per_s = 1.0 + 9.0 * gsl_rng_uniform(rng);
	/* link r is that of route r alone; the others are shared, one only
	   while routes 0 and 1 are in use */
	m->links[MOST_ROUTES].while_busy = 3;
	for (size_t r = 0; r < m->nroutes; r++) {
		m->paths[r].once = UINT64_C(1) << r;
		for (size_t j = MOST_ROUTES; j < m->nlinks; j++)
			cross(&m->paths[r], j, gsl_rng_uniform_int(rng, 5));
	}
	for (size_t i = 0; i < FLOWS; i++) {
		struct case_flow *f = &m->flows[i];

		start_s += gsl_ran_exponential(rng, 0.5);
		f->start_s = start_s;
		f->begin_s = start_s;
		if (i % 2 == 0)
			f->begin_s += gsl_ran_exponential(rng, 0.2);
		f->bytes = f->left = gsl_ran_exponential(rng, 3.0);
		f->route = gsl_rng_uniform_int(rng, m->nroutes);
	}
}

static bool moves(const struct case_flow *f, double now_s)
{
	return !f->done && f->begin_s <= now_s;
}

static double limit(const struct machine *m, size_t j, uint64_t busy)
{
	return (m->links[j].while_busy & ~busy) == 0 ?
		m->links[j].bytes_per_s : INFINITY;
}

/* All rise together until a link is full; those on it stay, and so on. */
static void reference_rates(struct machine *m, double now_s)
{
	uint64_t busy = 0;
	size_t open = 0;

	for (size_t i = 0; i < FLOWS; i++) {
		m->flows[i].rate = -1.0;
		if (!moves(&m->flows[i], now_s))
			continue;
		busy |= m->paths[m->flows[i].route].once;
		open++;
	}
	while (open > 0) {
		double least = INFINITY;
		size_t tight = 0;

		for (size_t j = 0; j < m->nlinks; j++) {
			double left = limit(m, j, busy), n = 0.0;

			for (size_t i = 0; i < FLOWS; i++) {
				const struct case_flow *f = &m->flows[i];
				double k = times(m, f->route, j);

				if (!moves(f, now_s))
					continue;
				left -= f->rate < 0.0 ? 0.0 : k * f->rate;
				n += f->rate < 0.0 ? k : 0.0;
			}
			if (n > 0.0 && left / n < least) {
				least = left / n;
				tight = j;
			}
		}
		for (size_t i = 0; i < FLOWS; i++) {
			struct case_flow *f = &m->flows[i];

			if (moves(f, now_s) && f->rate < 0.0 &&
			    times(m, f->route, tight) > 0.0) {
				f->rate = least;
				open--;
			}
		}
	}
}

static void reference_run(struct machine *m)
{
	double now_s = 0.0;

	for (size_t done = 0; done < FLOWS;) {
		double next_s = INFINITY;

		reference_rates(m, now_s);
		for (size_t i = 0; i < FLOWS; i++) {
			struct case_flow *f = &m->flows[i];

			f->end_s = f->done ? f->end_s : INFINITY;
			if (f->done)
				continue;
			if (f->begin_s > now_s) {
				next_s = fmin(next_s, f->begin_s);
				continue;
			}
			f->end_s = now_s + f->left / f->rate;
			next_s = fmin(next_s, f->end_s);
		}
		for (size_t i = 0; i < FLOWS; i++) {
			struct case_flow *f = &m->flows[i];

			if (!moves(f, now_s))
				continue;
			f->left -= f->rate * (next_s - now_s);
			if (f->end_s <= next_s) {
				f->done = true;
				done++;
			}
		}
		now_s = next_s;
	}
}

/*
 * Between two moments nothing changes: what the links carry is the integral
 * of what they say their rate is.  Every route in use has a full link.
 */
static void check_rates(struct links *l, const struct machine *m,
			double elapsed_s, double *integral)
{
	uint64_t busy = 0, full = 0;

	for (size_t j = 0; j < m->nlinks; j++)
		if (links_count(l, j) > 0)
			busy |= UINT64_C(1) << j;
	for (size_t j = 0; j < m->nlinks; j++) {
		double rate = links_rate(l, j);

		ck_assert_double_le(rate, limit(m, j, busy) * (1.0 + 1e-12));
		if (rate >= limit(m, j, busy) * (1.0 - 1e-12))
			full |= UINT64_C(1) << j;
		integral[j] += rate * elapsed_s;
	}
	for (size_t r = 0; r < m->nroutes; r++)
		if (links_count(l, r) > 0)
			ck_assert((m->paths[r].once & full) != 0);
}

static void run_case(const struct machine *m, size_t at)
{
	struct links *l = links_new(m->links, m->nlinks);
	double integral[MOST_LINKS] = { 0.0 }, sum[MOST_LINKS] = { 0.0 };
	double now_s = 0.0;
	size_t started = 0, ended = 0;

	for (size_t r = 0; r < m->nroutes; r++)
		ck_assert_uint_eq(links_route(l, m->paths[r]), r);
	while (ended < FLOWS) {
		double next_s = links_next_s(l);
		struct links_end end;

		if (started < FLOWS && m->flows[started].start_s < next_s)
			next_s = m->flows[started].start_s;
		check_rates(l, m, next_s - now_s, integral);
		now_s = next_s;
		for (; links_take(l, now_s, &end); ended++) {
			const struct case_flow *f = &m->flows[end.tag];

			if (gsl_fcmp(end.end_s, f->end_s, TOLERANCE) != 0)
				ck_abort_msg("case %zu: flow %u ends at %.17g,"
					     " expected %.17g", at, end.tag,
					     end.end_s, f->end_s);
			for (size_t j = 0; j < m->nlinks; j++)
				sum[j] += times(m, f->route, j) * f->bytes;
		}
		if (started < FLOWS && m->flows[started].start_s <= now_s) {
			const struct case_flow *f = &m->flows[started];

			links_start(l, now_s, &(struct links_flow){
				f->route, f->bytes,
				f->begin_s - f->start_s, (uint32_t)started });
			started++;
		}
	}
	for (size_t j = 0; j < m->nlinks; j++) {
		ck_assert_double_eq_tol(links_carried(l, j), sum[j],
					TOLERANCE * (1.0 + sum[j]));
		ck_assert_double_eq_tol(integral[j], sum[j],
					TOLERANCE * (1.0 + sum[j]));
	}
	links_free(l);
}

START_TEST(random_machines_match_a_plain_reference)
{
	enum { CASES = 400 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct machine m;

		draw(rng, &m);
		reference_run(&m);
		run_case(&m, done);
	}
	ck_assert_uint_eq(done, CASES);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/links, random machines");
	TCase *tc = tcase_create("flows");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, random_machines_match_a_plain_reference);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
