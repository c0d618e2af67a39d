/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a placement needs, and what stands in its way. */
#include "lp/place.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/random_place.h"

enum { CASES = 120, SEED = 45103 };

/*
 * With weights on the GPU and all KV on the host of a machine that attends
 * on no CPU, the split is that of the paper's column form, all else of a
 * layer added on either side: sending and recomputing take equally long.
 */
START_TEST(the_split_is_the_column_forms)
{
	struct hardware hw = harness_hardware("t4");
	struct place_request r = {
		.c = { .model = harness_model("opt-6.7b"), .prompt = 512,
		       .gen = 32, .machine = offload_from_hardware(&hw) },
		.fixed = { .given = true,
			   .share = { { 1.0, 0.0, 0.0 }, { 0.0, 1.0, 0.0 },
				      { 1.0, 0.0, 0.0 } } },
		.batch = 16, .num_batches = 2, .limit_s = INFINITY,
	};
	const double b = 32.0, h = 4096.0, m = 528.0, hbm = 240e9;
	double x = b * (m - 1.0) * 2.0 * h / 9.7e9, kv = 2.0 * x;
	double n = b * (m - 1.0) * 4.0 * h * h / 41.6e12;
	/* for each batch the weights, and 1/32 of the head's; attention */
	double rest = 2.0 * (402653184.0 + 411828224.0 / 32.0) / hbm +
		      b * m * 4.0 * h / hbm;
	/* kv - (kv - x) lambda = rest + n lambda */
	double lambda = (kv - rest) / (n + kv - x);
	struct place_result found;

	r.c.machine.gpu_memory_bytes = 20e9;
	found = random_place_search(&r);
	ck_assert_double_gt(lambda, 0.1);
	ck_assert_double_lt(lambda, 0.9);
	ck_assert_double_eq_tol(found.placement.share[SHARE_KV_RECOMPUTED],
				lambda, 1e-6);
	ck_assert_double_eq_tol(found.outcome.layer_s[PHASE_DECODE],
				rest + n * lambda, 1e-9);
	/* a grouped-query model sends more by sending X: nothing is */
	r.c.model = harness_model("llama-3.1-8b");
	found = random_place_search(&r);
	ck_assert_double_eq(found.placement.share[SHARE_KV_RECOMPUTED], 0.0);
}
END_TEST

static void check_blamed(const struct place_request *r, const char *message)
{
	struct place_result found;
	struct diag d = { "" };

	ck_assert_int_eq(place_search(r, &found, &d), STATUS_INFEASIBLE);
	ck_assert_str_eq(d.text, message);
}

START_TEST(the_limit_that_cannot_be_met_is_named)
{
	struct place_request r = random_place_opt30b(true), given;

	r.c.machine.gpu_memory_bytes = 1e9;
	check_blamed(&r, "GPU memory at prefill: needs at least 2.598 GB, "
		     "has 800 MB (0.8 of 1 GB)");
	r = random_place_opt30b(true);
	r.c.machine.host_memory_bytes = 1e9;
	check_blamed(&r, "host memory at decode: needs at least 1.007 GB "
		     "beside the other limits, has 800 MB (0.8 of 1 GB)");
	r.c.machine.memory_share = 1.0;
	r.c.machine.gpu_memory_bytes = 4e9;
	r.c.machine.disk_memory_bytes = 30e9;
	r.c.machine.host_memory_bytes = 28e9;
	check_blamed(&r, "disk: needs at least 31.63 GB beside the other "
		     "limits, has 30 GB");
	r.c.machine.gpu_memory_bytes = 2.5e9;
	r.c.machine.disk_memory_bytes = 3e9;
	r.c.machine.host_memory_bytes = 2e9;
	check_blamed(&r, "GPU memory at prefill: needs at least 2.598 GB, "
		     "has 2.5 GB");
	/* what is given is needed */
	given = random_place_opt30b(true);
	given.fixed = (struct place_fixed){
		.given = true,
		.share = { { 0.2, 0.8, 0.0 }, { 0.0, 1.0, 0.0 },
			   { 0.0, 1.0, 0.0 } },
	};
	given.batch = 48;
	given.num_batches = 3;
	check_blamed(&given, "GPU memory at prefill: needs at least 20.15 GB, "
		     "has 13.74 GB (0.8 of 17.18 GB)");
	/* 53.27 of weights, 845.57 of KV, 8.81 of hidden state, 1.14 */
	given.num_batches = 300;
	given.batch = 4;
	given.fixed.share[0][0] = 0.1;
	given.fixed.share[0][1] = 0.9;
	check_blamed(&given, "host memory at prefill: needs at least "
		     "908.8 GB, has 171.8 GB (0.8 of 214.7 GB)");
	given.fixed.share[1][1] = 0.0;
	given.fixed.share[1][2] = 1.0;
	given.num_batches = 900;
	check_blamed(&given, "disk: needs at least 2.695 TB, has 1.288 TB "
		     "(0.8 of 1.611 TB)");
}
END_TEST

/* What is said to be needed is needed, and enough. */
START_TEST(what_is_needed_is_enough)
{
	static const char *const names[] = { "GPU memory", "host memory",
					     "disk" };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0;

	gsl_rng_set(rng, SEED + 4);
	for (size_t i = 0; i < 10 * CASES; i++) {
		struct place_request r = random_place_request(rng, i % 2);
		struct offload *o = &r.c.machine;
		double *room[] = { &o->gpu_memory_bytes,
				   &o->host_memory_bytes,
				   &o->disk_memory_bytes };
		struct place_result found;
		struct diag d;
		double needs;
		char unit[4];

		o->memory_share = 1.0;
		for (size_t k = 0; k < 3; k++)
			*room[k] *= gsl_rng_uniform(rng) < 0.5 ? 0.1 : 0.6;
		r.batch = random_case_size(rng, 1, 30);
		r.num_batches = random_case_size(rng, 1, 5);
		if (place_search(&r, &found, &d) != STATUS_INFEASIBLE ||
		    strstr(d.text, "beside the other") == NULL)
			continue;
		ck_assert_int_eq(sscanf(strstr(d.text, "least ") + 6,
					"%lf %3s", &needs, unit), 2);
		needs *= unit[0] == 'k' ? 1e3 : unit[0] == 'M' ? 1e6
			 : unit[0] == 'G' ? 1e9 : 1e12;
		for (size_t k = 0; k < 3; k++) {
			if (strncmp(d.text, names[k], strlen(names[k])) != 0)
				continue;
			/* four digits are printed */
			*room[k] = needs * 1.001;
			ck_assert_int_eq(place_search(&r, &found, &d),
					 STATUS_OK);
			*room[k] = needs * 0.999;
			ck_assert_int_eq(place_search(&r, &found, &d),
					 STATUS_INFEASIBLE);
			done++;
			break;
		}
	}
	ck_assert_uint_ge(done, CASES / 4);
	gsl_rng_free(rng);
}
END_TEST

START_TEST(what_is_not_stated_is_asked_for)
{
	struct hardware hw = harness_hardware("t4");
	struct place_request r = random_place_opt30b(false);
	struct place_result found;
	struct diag d = { "" };

	r.c.machine = offload_from_hardware(&hw);
	ck_assert_int_eq(place_search(&r, &found, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "t4 does not state host.memory_bytes, so "
			 "that the number of requests has no limit");
	/* with sizes there is no need to know */
	r.batch = 9;
	r.num_batches = 5;
	found = random_place_search(&r);
	ck_assert(isinf(found.costs.capacity[ROOM_HOST_DECODE]));
	r.fixed = (struct place_fixed){
		.given = true,
		.share = { { 0.0, 1.0, 0.0 }, { 0.0, 0.875, 0.125 },
			   { 1.0, 0.0, 0.0 } },
	};
	ck_assert_int_eq(place_check(&r, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "12.5 % of the KV would lie on disk, of "
			 "which t4 says nothing");
	r.fixed.share[1][1] = 1.0;
	r.fixed.share[1][2] = 0.0;
	ck_assert_int_eq(place_check(&r, &d), STATUS_OK);
}
END_TEST

START_TEST(a_time_limit_ends_the_search)
{
	struct place_request r = random_place_opt30b(true);
	struct place_result found = { .programs = 77 };
	struct diag d = { "" };

	r.limit_s = 0.0;
	ck_assert_int_eq(place_search(&r, &found, &d), STATUS_SOLVER);
	ck_assert_str_eq(d.text, "the time limit of 0 s ended before the "
			 "search did");
	ck_assert_uint_eq(found.programs, 77);
	r.limit_s = 1e5;
	found = random_place_search(&r);
	ck_assert_double_eq_tol(found.outcome.request_s, 4.480938224, 5e-10);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/place, limits");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, the_split_is_the_column_forms);
	tcase_add_test(tc, the_limit_that_cannot_be_met_is_named);
	tcase_add_test(tc, what_is_needed_is_enough);
	tcase_add_test(tc, what_is_not_stated_is_asked_for);
	tcase_add_test(tc, a_time_limit_ends_the_search);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
