/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/paper_split.h"

#include <math.h>

#include <gsl/gsl_rng.h>

#include "tests/harness.h"

enum { CASES = 20000, SEED = 24117 };

static const enum paper_form forms[] = { PAPER_ROW, PAPER_COLUMN };

/* t(l) as PAPER.md writes it, term by term. */
static double time_of(const struct paper_split *p, size_t l)
{
	double m_x = (double)l * p->activation_s;
	double m_kv = (double)(p->cached - l) * p->kv_s;
	double n = (double)l * p->recompute_s;

	if (p->form == PAPER_ROW)
		return m_x + (n > m_kv ? n : m_kv);
	return n > m_x + m_kv ? n : m_x + m_kv;
}

/* The smallest minimiser, by looking at every l. */
static size_t scan(const struct paper_split *p)
{
	size_t best = 0;

	for (size_t l = 1; l <= p->limit; l++)
		if (time_of(p, l) < time_of(p, best))
			best = l;
	return best;
}

/* GLPK, the closed form and the scan must name the same split. */
static size_t agreed(const struct paper_split *p, size_t at)
{
	struct diag d = { "" };
	size_t expected = scan(p), closed, solved = 0;
	enum status s;

	closed = paper_split_closed_form(p);
	s = paper_split_solve(p, &solved, &d);
	if (s != STATUS_OK)
		ck_abort_msg("case %zu: %s", at, d.text);
	if (closed != expected || solved != expected)
		ck_abort_msg("case %zu: form %d, s' %zu, limit %zu, x %.17g, "
			     "kv %.17g, n %.17g: scan %zu, closed form %zu, "
			     "GLPK %zu", at, (int)p->form, p->cached,
			     p->limit, p->activation_s, p->kv_s,
			     p->recompute_s, expected, closed, solved);
	if (paper_split_time(p, solved) != time_of(p, expected))
		ck_abort_msg("case %zu: t(%zu) is %.17g, expected %.17g", at,
			     solved, paper_split_time(p, solved),
			     time_of(p, expected));
	return solved;
}

START_TEST(time_is_the_formula)
{
	struct paper_split p = {
		.cached = 24, .limit = 20, .activation_s = 0.75,
		.kv_s = 2.25, .recompute_s = 0.5,
	};

	ck_assert_double_eq(paper_split_time(&p, 0), 54.0);
	ck_assert_double_eq(paper_split_time(&p, 7), 5.25 + 38.25);
	/* 20 tokens: recomputing 10, sending the rest 9 */
	ck_assert_double_eq(paper_split_time(&p, 20), 15.0 + 10.0);
	p.form = PAPER_COLUMN;
	ck_assert_double_eq(paper_split_time(&p, 7), 43.5);
	ck_assert_double_eq(paper_split_time(&p, 20), 24.0);
	p.recompute_s = 1.75;
	ck_assert_double_eq(paper_split_time(&p, 20), 35.0);
}
END_TEST

/*
 * PAPER.md's closed forms, for OPT-6.7B at batch 64 on an A100 at 86 % of
 * its peak behind 26 GB/s: l* = s' / (1 + 2 h v_com / (p v_gpu)) and
 * 2 s' / (1 + 4 h v_com / (p v_gpu)), before rounding.
 */
START_TEST(the_headline_case)
{
	const double b = 64.0, h = 4096.0, bytes = 2.0, v_com = 26e9;
	const double v_gpu = 312e12 * 0.86;
	struct paper_split p = {
		.cached = 128, .limit = 128,
		.activation_s = b * h * bytes / v_com,
		.kv_s = 2.0 * b * h * bytes / v_com,
		.recompute_s = 4.0 * b * h * h / v_gpu,
	};
	double row = 128.0 / (1.0 + 2.0 * h * v_com / (bytes * v_gpu));
	double column = 256.0 / (1.0 + 4.0 * h * v_com / (bytes * v_gpu));
	size_t l = agreed(&p, 0);

	ck_assert_double_eq_tol(row, 91.6310, 1e-3);
	ck_assert(l == (size_t)floor(row) || l == (size_t)ceil(row));
	/* t(91) = 91 x + 37 kv = 165 x, t(92) = 92 x + 92 n = 165.03 x */
	ck_assert_uint_eq(l, 91);
	p.form = PAPER_COLUMN;
	p.cached = 160;
	l = agreed(&p, 1);
	column *= 160.0 / 128.0;
	ck_assert_double_eq_tol(column, 178.4, 0.1);
	ck_assert_uint_eq(l, 128);		/* held at the prompt */
	p.limit = 160;
	l = agreed(&p, 2);
	ck_assert_double_gt(column, 160.0);
	ck_assert_uint_eq(l, 160);		/* held at the sequence */
}
END_TEST

/*
 * Appendix A.4 prints splits 182 (probably 102) and 128 for sequences of
 * 128 and 160 tokens: the ratio of l to s' is 0.8 both times, as the
 * row form has it, which knows no length: kv / (n + kv).
 */
START_TEST(the_ratio_of_the_appendix)
{
	struct paper_split p = {
		.cached = 128, .limit = 128, .activation_s = 2.0,
		.kv_s = 4.0, .recompute_s = 1.0,
	};

	ck_assert_uint_eq(agreed(&p, 0), 102);
	p.cached = 160;
	ck_assert_uint_eq(agreed(&p, 1), 128);
	p.limit = 160;
	ck_assert_uint_eq(agreed(&p, 2), 128);
	for (size_t cached = 5; cached <= 1000; cached += 5) {
		p.cached = p.limit = cached;
		ck_assert_uint_eq(agreed(&p, cached), cached / 5 * 4);
	}
}
END_TEST

/* Of equals the smallest: where t is flat, recompute less. */
START_TEST(ties_go_to_the_smaller_split)
{
	struct paper_split p = { .cached = 40, .limit = 37 };

	for (size_t f = 0; f < 2; f++) {
		p.form = forms[f];
		/* X as large as KV: flat up to the corner */
		p.activation_s = p.kv_s = 2.5;
		p.recompute_s = 1.25;
		ck_assert_uint_eq(agreed(&p, 0), 0);
		/* nothing costs anything */
		p.activation_s = p.kv_s = p.recompute_s = 0.0;
		ck_assert_uint_eq(agreed(&p, 1), 0);
	}
	/* column: t(9) = 9 * 8 + 14 * 16 and t(10) = 10 * 29.6: equal */
	p = (struct paper_split){
		.form = PAPER_COLUMN, .cached = 23, .limit = 23,
		.activation_s = 8.0, .kv_s = 16.0, .recompute_s = 29.6,
	};
	ck_assert_double_eq(time_of(&p, 9), time_of(&p, 10));
	ck_assert_uint_eq(agreed(&p, 2), 9);
	/* row: t(2) = 2 * 2 + 7 * 3 and t(3) = 3 * 2 + 19: equal */
	p = (struct paper_split){
		.form = PAPER_ROW, .cached = 9, .limit = 9,
		.activation_s = 2.0, .kv_s = 3.0, .recompute_s = 19.0 / 3.0,
	};
	ck_assert_double_eq(time_of(&p, 2), time_of(&p, 3));
	ck_assert_uint_eq(agreed(&p, 3), 2);
}
END_TEST

START_TEST(short_sequences_and_limits)
{
	size_t done = 0;

	for (size_t f = 0; f < 2; f++)
		for (size_t cached = 0; cached <= 3; cached++)
			for (size_t limit = 0; limit <= cached; limit++) {
				struct paper_split p = {
					.form = forms[f], .cached = cached,
					.limit = limit,
					.activation_s = 1.1e-5,
					.kv_s = 2.2e-5,
					.recompute_s = 2.385e-6,
				};

				agreed(&p, done++);
			}
	ck_assert_uint_eq(done, 20);
}
END_TEST

/* In a grouped-query model X is no smaller than K and V: never recompute. */
START_TEST(large_activations_are_never_sent)
{
	for (size_t i = 0; i < 60; i++) {
		struct paper_split p = {
			.form = forms[i % 2], .cached = 17 + 31 * i,
			.limit = 17 + 31 * i,
			.activation_s = 2.385e-6 * (1.0 + 0.25 * (double)i),
			.kv_s = 2.385e-6,
			.recompute_s = 1e-9 * (double)i,
		};

		ck_assert_uint_eq(agreed(&p, i), 0);
	}
}
END_TEST

/*
 * Two query heads to a KV head: h = 2k, X exactly as large as K and V.  t is
 * flat up to the corner, whatever the rounding of its two terms.
 */
START_TEST(flat_times_may_be_rounded)
{
	static const double v_com[] = { 26e9, 25.7e9, 12.3e9 };
	size_t done = 0;

	for (size_t cached = 1; cached <= 1000; cached++)
		for (size_t i = 0; i < 6; i++, done++) {
			struct paper_split p = {
				.form = forms[i % 2],
				.cached = cached, .limit = cached,
				.activation_s = 64.0 * 4096.0 * 2.0 /
						v_com[i / 2],
				.kv_s = 2.0 * 64.0 * 2048.0 * 2.0 /
					v_com[i / 2],
				.recompute_s = 8e-6,
			};
			struct diag d = { "" };
			size_t l = 7;

			if (paper_split_closed_form(&p) != 0 ||
			    paper_split_solve(&p, &l, &d) != STATUS_OK ||
			    l != 0)
				ck_abort_msg("form %d, %zu cached, %g B/s: "
					     "closed form %zu, GLPK %zu %s",
					     (int)p.form, cached,
					     v_com[i / 2],
					     paper_split_closed_form(&p), l,
					     d.text);
		}
	ck_assert_uint_eq(done, 6000);
}
END_TEST

/* At both ends: free recomputation takes all, dear recomputation nothing. */
START_TEST(recomputation_cheap_or_dear)
{
	for (size_t f = 0; f < 2; f++) {
		struct paper_split p = {
			.form = forms[f], .cached = 2048, .limit = 1536,
			.activation_s = 1.2e-5, .kv_s = 2.4e-5,
		};

		ck_assert_uint_eq(agreed(&p, 0), 1536);
		p.recompute_s = 1e-15;
		ck_assert_uint_eq(agreed(&p, 1), 1536);
		p.recompute_s = 1.0;	/* more than the whole cache takes */
		ck_assert_uint_eq(agreed(&p, 2), 0);
		p.recompute_s = 1e9;
		ck_assert_uint_eq(agreed(&p, 3), 0);
	}
}
END_TEST

/*
 * The closed form goes to the corner at once: to walk there token by token
 * from anywhere else would take hours.
 */
START_TEST(the_corner_is_not_searched_for)
{
	const size_t cached = (size_t)1 << 44;

	for (size_t f = 0; f < 2; f++) {
		struct paper_split p = {
			.form = forms[f], .cached = cached, .limit = cached,
			.activation_s = 2.0, .kv_s = 4.0,
			.recompute_s = f ? 6.0 : 1.0,
		};
		double corner = (double)cached * (f ? 0.5 : 0.8);

		ck_assert_double_le(
			fabs((double)paper_split_closed_form(&p) - corner),
			1.0);
	}
}
END_TEST

/* Sixteen million tokens: GLPK's coefficients are then near its tolerance. */
START_TEST(glpk_serves_long_sequences)
{
	for (size_t f = 0; f < 2; f++) {
		struct paper_split p = {
			.form = forms[f], .cached = (size_t)1 << 24,
			.limit = (size_t)1 << 24, .activation_s = 1.9e-6,
			.kv_s = 3.8e-6, .recompute_s = 2.385e-6,
		};
		struct diag d = { "" };
		size_t l = 0;

		ck_assert_int_eq(paper_split_solve(&p, &l, &d), STATUS_OK);
		ck_assert_uint_eq(l, paper_split_closed_form(&p));
	}
}
END_TEST

static double draw_log(gsl_rng *rng, double low, double high)
{
	return low * pow(high / low, gsl_rng_uniform(rng));
}

static struct paper_split draw(gsl_rng *rng, size_t i)
{
	double unit = draw_log(rng, 1e-12, 1e3);
	struct paper_split p = {
		.form = forms[i % 2],
		.cached = (size_t)draw_log(rng, 1.0, 3000.0),
		.kv_s = unit,
		.activation_s = 0.5 * unit,
		.recompute_s = unit * draw_log(rng, 1e-7, 1e7),
	};

	p.limit = gsl_rng_uniform_int(rng, p.cached + 1);
	switch (gsl_rng_uniform_int(rng, 5)) {
	case 0:		/* not half: other shapes than multi-head */
		p.activation_s = unit * draw_log(rng, 1e-6, 4.0);
		break;
	case 1:		/* whole numbers, with which ties are exact */
		p.kv_s = 2.0 + (double)gsl_rng_uniform_int(rng, 8);
		p.activation_s = (double)gsl_rng_uniform_int(rng, 9);
		p.recompute_s = (double)gsl_rng_uniform_int(rng, 40);
		break;
	case 2:		/* the corner lies inside */
		p.recompute_s = unit * draw_log(rng, 0.05, 5.0);
		p.limit = p.cached;
		break;
	case 3:		/* X almost as large as KV: t is almost flat */
		p.activation_s = unit * (1.0 - draw_log(rng, 1e-9, 1e-3));
		break;
	}
	return p;
}

START_TEST(glpk_closed_form_and_scan_agree)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, inside = 0, none = 0, all = 0, flat = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct paper_split p = draw(rng, done);
		size_t l = agreed(&p, done);

		none += l == 0;
		all += l == p.limit && l > 0;
		inside += l > 0 && l < p.limit;
		flat += l < p.limit && time_of(&p, l + 1) == time_of(&p, l);
	}
	ck_assert_uint_eq(done, CASES);
	/* every kind of answer was asked for, ties too */
	ck_assert_uint_ge(none, CASES / 10);
	ck_assert_uint_ge(all, CASES / 10);
	ck_assert_uint_ge(inside, CASES / 10);
	ck_assert_uint_ge(flat, 20);
	gsl_rng_free(rng);
}
END_TEST

/* The real optimum of the corner formula is never more than one token off. */
START_TEST(the_corner_is_within_a_token)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0;

	gsl_rng_set(rng, SEED + 1);
	for (; done < CASES; done++) {
		double x = draw_log(rng, 1e-6, 1e-2), n, s, corner;
		struct paper_split p = { .form = forms[done % 2] };

		n = x * draw_log(rng, 1e-2, 1e2);
		p.cached = p.limit = 1 + gsl_rng_uniform_int(rng, 100000);
		p.activation_s = x;
		p.kv_s = 2.0 * x;
		p.recompute_s = n;
		s = (double)p.cached;
		/* h and v cancel: 2 h v_com / (p v_gpu) = n / kv */
		corner = p.form == PAPER_ROW
				 ? s / (1.0 + n / (2.0 * x))
				 : fmin(s, 2.0 * s / (1.0 + n / x));
		if (fabs((double)paper_split_closed_form(&p) - corner) >
		    1.0 + 1e-6)
			ck_abort_msg("case %zu: split %zu, corner %.17g",
				     done, paper_split_closed_form(&p),
				     corner);
	}
	ck_assert_uint_eq(done, CASES);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/paper_split");
	TCase *tc = tcase_create("split");
	TCase *at_once = tcase_create("at once");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, time_is_the_formula);
	tcase_add_test(tc, the_headline_case);
	tcase_add_test(tc, the_ratio_of_the_appendix);
	tcase_add_test(tc, ties_go_to_the_smaller_split);
	tcase_add_test(tc, short_sequences_and_limits);
	tcase_add_test(tc, large_activations_are_never_sent);
	tcase_add_test(tc, flat_times_may_be_rounded);
	tcase_add_test(tc, recomputation_cheap_or_dear);
	tcase_add_test(tc, glpk_serves_long_sequences);
	tcase_add_test(tc, glpk_closed_form_and_scan_agree);
	tcase_add_test(tc, the_corner_is_within_a_token);
	suite_add_tcase(s, tc);
	tcase_set_timeout(at_once, 30);
	tcase_add_test(at_once, the_corner_is_not_searched_for);
	suite_add_tcase(s, at_once);
	return harness_run(s);
}
