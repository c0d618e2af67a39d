/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/walk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_qrng.h>

#include "base/xalloc.h"
#include "tests/harness.h"

static struct sweep_space make(const char *sample, size_t n,
			       const char *const *axes)
{
	struct sweep_space s = { .seed = 7 };
	struct diag d = { "" };

	if (sample != NULL)
		ck_assert_int_eq(sweep_space_sample(&s, sample, &d),
				 STATUS_OK);
	for (size_t i = 0; i < n; i++)
		if (sweep_space_vary(&s, axes[i], &d) != STATUS_OK)
			ck_abort_msg("%s: %s", axes[i], d.text);
	if (sweep_space_finish(&s, &d) != STATUS_OK)
		ck_abort_msg("%s", d.text);
	return s;
}

START_TEST(a_grid_has_every_combination_the_last_the_fastest)
{
	static const char *const axes[] = {
		"kv=fp16,int4", "batch+prompt=3:50,9:70,27:90",
		"link.h2d.bytes_per_s=10GB/s:40GB/s:log3",
	};
	struct sweep_space s = make(NULL, 3, axes);
	struct sweep_walk *w = sweep_walk_new(&s);
	const struct sweep_value *v;

	ck_assert_uint_eq(s.points, 18);
	ck_assert_uint_eq(sweep_space_names(&s), 4);
	ck_assert_str_eq(sweep_space_name(&s, 2)->text, "prompt");
	v = sweep_walk_at(w, 14);	/* 1, 1, 2 */
	ck_assert_str_eq(v[0].text, "int4");
	ck_assert_str_eq(v[1].text, "9");
	ck_assert_str_eq(v[2].text, "70");
	ck_assert_str_eq(v[3].text, "40000000000");
	ck_assert_double_eq(v[3].number, 4e10);
	v = sweep_walk_at(w, 1);	/* 0, 0, 1, and backwards */
	ck_assert_str_eq(v[0].text, "fp16");
	ck_assert_str_eq(v[1].text, "3");
	ck_assert_str_eq(v[3].text, "20000000000");
	sweep_walk_free(w);
	sweep_space_clear(&s);
}
END_TEST

START_TEST(ranges_are_even_rounded_and_without_repeats)
{
	static const char *const axes[] = {
		"batch=1:9:lin5", "prompt=1:8:log10",
		"cache-on-gpu=0:1:lin4",
	};
	static const char *const batches[] = { "1", "3", "5", "7", "9" };
	static const char *const prompts[] = { "1", "2", "3", "4", "5", "6",
					       "8" };
	struct sweep_space s = make(NULL, 3, axes);

	ck_assert_uint_eq(s.axes[0].n, 5);
	for (size_t i = 0; i < 5; i++)
		ck_assert_str_eq(s.axes[0].values[i].text, batches[i]);
	ck_assert_uint_eq(s.axes[1].n, 7);
	for (size_t i = 0; i < 7; i++)
		ck_assert_str_eq(s.axes[1].values[i].text, prompts[i]);
	ck_assert_str_eq(s.axes[2].values[1].text, "0.333333333333");
	/* what is printed is what is used */
	ck_assert_double_eq(s.axes[2].values[1].number, 0.333333333333);
	sweep_space_clear(&s);
}
END_TEST

/* One point in each N-th of every axis, for any N, and no pattern. */
START_TEST(a_hypercube_has_a_point_in_every_stratum)
{
	static const char *const axes[] = {
		"cache-on-gpu=0:1", "weights-on-gpu=0:1",
	};
	static const char *const samples[] = { "lhs:1", "lhs:2", "lhs:5",
					       "lhs:64", "lhs:1000" };

	for (size_t k = 0; k < 5; k++) {
		struct sweep_space s = make(samples[k], 2, axes);
		struct sweep_walk *w = sweep_walk_new(&s);
		size_t n = (size_t)s.points;
		bool *seen = xcalloc(2 * n, sizeof *seen);
		double product = 0.0;

		for (size_t i = 0; i < n; i++) {
			const struct sweep_value *v = sweep_walk_at(w, i);

			for (size_t a = 0; a < 2; a++) {
				double at = v[a].number * (double)n;
				size_t stratum = (size_t)at;

				ck_assert_uint_lt(stratum, n);
				ck_assert(!seen[2 * stratum + a]);
				seen[2 * stratum + a] = true;
			}
			product += (v[0].number - 0.5) * (v[1].number - 0.5);
		}
		/* uncorrelated, to four standard deviations */
		if (n == 1000)
			ck_assert_double_lt(fabs(product),
					    4.0 * sqrt(1000.0) / 12.0);
		free(seen);
		sweep_walk_free(w);
		sweep_space_clear(&s);
	}
}
END_TEST

START_TEST(a_sobol_sample_is_that_of_gsl)
{
	static const char *const axes[] = {
		"cache-on-gpu=0:1", "link.h2d.bytes_per_s=1GB/s:100GB/s:log",
		"kv=fp16,int8,int4",
	};
	static const char *const words[] = { "fp16", "int8", "int4" };
	struct sweep_space s = make("sobol:200", 3, axes);
	struct sweep_walk *w = sweep_walk_new(&s);
	gsl_qrng *q = gsl_qrng_alloc(gsl_qrng_sobol, 3);

	for (size_t i = 0; i < 200; i++) {
		const struct sweep_value *v = sweep_walk_at(w, i);
		double u[3];

		gsl_qrng_get(q, u);
		ck_assert_double_eq_tol(v[0].number, u[0], 1e-12);
		ck_assert_double_eq_tol(v[1].number / 1e9, pow(100.0, u[1]),
					1e-9);
		ck_assert_str_eq(v[2].text, words[(size_t)(3.0 * u[2])]);
	}
	gsl_qrng_free(q);
	sweep_walk_free(w);
	sweep_space_clear(&s);
}
END_TEST

/* Any order gives the same: threads and shards begin anywhere. */
START_TEST(a_point_depends_on_its_index_alone)
{
	static const char *const axes[] = { "batch=1:99", "prompt=7:9999:log",
					    "policy=load-all,auto" };
	static const char *const samples[] = { "lhs:777", "sobol:777" };

	for (size_t k = 0; k < 2; k++) {
		struct sweep_space s = make(samples[k], 3, axes);
		struct sweep_walk *a = sweep_walk_new(&s);
		struct sweep_walk *b = sweep_walk_new(&s);

		for (uint64_t i = 0; i < 777; i++) {
			uint64_t at = i * 100 % 777;	/* a permutation */
			const struct sweep_value *v = sweep_walk_at(a, at);
			const struct sweep_value *u;

			sweep_walk_at(b, at / 2);
			u = sweep_walk_at(b, at);
			for (size_t n = 0; n < 3; n++)
				ck_assert_str_eq(v[n].text, u[n].text);
		}
		sweep_walk_free(a);
		sweep_walk_free(b);
		sweep_space_clear(&s);
	}
}
END_TEST

START_TEST(mistakes_say_what_was_found)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "batch", "found 'batch', expected NAME=VALUES, such as "
			   "batch=1,2,4 or prompt=128:4096:log6" },
		{ "bath=3", "found 'bath', expected an option of a case, a "
			    "figure of the hardware or model.KEY; the "
			    "nearest is batch" },
		{ "batch=3,,5", "batch: found '', expected a value" },
		{ "batch=2.5", "batch: found '2.5', expected a whole "
			       "number" },
		{ "batch=0", "batch: found '0', expected a whole number from "
			     "1 to 1048576" },
		{ "batch=9:3:lin3", "batch: found '9:3', expected a "
				    "range that rises" },
		{ "cache-on-gpu=0:1:log3", "cache-on-gpu: found '0:1', "
					   "expected a range that rises from "
					   "above 0" },
		{ "batch=3:9:lin", "--vary batch: a range needs linN or "
				   "logN, or --sample" },
		{ "batch=3:9:cub4", "batch: found 'cub4' after the range, "
				    "expected linN or logN, N at most "
				    "1000000" },
		{ "batch=7:lin4", "batch: found '7', expected LOW:HIGH:lin4" },
		{ "kv=fp16:int4:lin2", "kv: found a range, expected words" },
		{ "kv=fp17", "kv: found 'fp17', expected fp16, int8 or "
			     "int4" },
		{ "batch+prompt=3:4:5", "batch: found '3:4:5', expected 2 "
					"values separated by ':'" },
		{ "batch+batch=3", "batch is varied twice" },
		{ "batch=3,1,7,3", "batch: found 3 twice, expected each value "
				   "once" },
		{ "kv=fp16,int4,fp16", "kv: found fp16 twice, expected each "
				       "value once" },
		{ "gpu.flop_per_s=3TFLOP/s,3000GFLOP/s",
		  "gpu.flop_per_s: found 3e+12 twice, expected each value "
		  "once" },
		{ "batch+prompt=3:9,4:9,3:9", "batch+prompt: found 3:9 twice, "
					      "expected each value once" },
		{ "gpu.flop_per_s=3", "gpu.flop_per_s: found 3, expected "
				      "1 MFLOP/s to 1000000 PFLOP/s" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct sweep_space s = { .naxes = 0 };
		struct diag d = { "" };
		enum status st = sweep_space_vary(&s, cases[i].text, &d);

		if (st == STATUS_OK)
			st = sweep_space_finish(&s, &d);
		ck_assert_int_eq(st, STATUS_USAGE);
		ck_assert_str_eq(d.text, cases[i].message);
		sweep_space_clear(&s);
	}
}
END_TEST

START_TEST(samples_have_a_number_of_points)
{
	static const struct {
		const char *text, *message;	/* NULL: it is taken */
	} cases[] = {
		{ "sobol:67108864", NULL },
		{ "sobol:67108865", "found 'sobol:67108865', expected "
				      "sobol:N with N from 1 to 67108864" },
		{ "lhs:281474976710656", NULL },
		{ "lhs:281474976710657", "found 'lhs:281474976710657', "
					 "expected lhs:N with N from 1 to "
					 "281474976710656" },
		{ "lhs:0", "found 'lhs:0', expected lhs:N with N from 1 to "
			   "281474976710656" },
		{ "sobol:3x", "found 'sobol:3x', expected sobol:N with N from "
			      "1 to 67108864" },
		{ "mc:9", "found 'mc:9', expected lhs:N or sobol:N" },
		{ "lhs", "found 'lhs', expected lhs:N or sobol:N" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct sweep_space s = { .naxes = 0 };
		struct diag d = { "" };
		enum status st = sweep_space_sample(&s, cases[i].text, &d);

		ck_assert_int_eq(st, cases[i].message ? STATUS_USAGE
						      : STATUS_OK);
		ck_assert_str_eq(d.text, cases[i].message ? cases[i].message
							  : "");
	}
}
END_TEST

START_TEST(a_name_is_varied_once_however_it_is_written)
{
	struct sweep_space s = { .naxes = 0 };
	struct diag d = { "" };

	ck_assert_int_eq(sweep_space_vary(&s, "num-batches=1,2", &d),
			 STATUS_OK);
	ck_assert_int_eq(sweep_space_vary(&s, "model.ffn_dim=64", &d),
			 STATUS_OK);
	ck_assert_int_eq(sweep_space_vary(&s, "model.hidden_size=64", &d),
			 STATUS_OK);
	ck_assert_int_eq(sweep_space_vary(&s, "batch+num_batches=3", &d),
			 STATUS_USAGE);
	ck_assert_str_eq(d.text, "num_batches is varied twice");
	ck_assert_uint_eq(s.naxes, 3);
	sweep_space_clear(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli/sweep_walk");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc,
		       a_grid_has_every_combination_the_last_the_fastest);
	tcase_add_test(tc, ranges_are_even_rounded_and_without_repeats);
	tcase_add_test(tc, a_hypercube_has_a_point_in_every_stratum);
	tcase_add_test(tc, a_sobol_sample_is_that_of_gsl);
	tcase_add_test(tc, a_point_depends_on_its_index_alone);
	tcase_add_test(tc, samples_have_a_number_of_points);
	tcase_add_test(tc, a_name_is_varied_once_however_it_is_written);
	tcase_add_test(tc, mistakes_say_what_was_found);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
