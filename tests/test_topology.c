/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/topology.h"

#include <math.h>

#include "tests/harness.h"

enum { GPUS = 5 };

/* 26 and 20 GB/s, 30 each way behind a switch, two GPUs each. */
static struct hardware machine(void)
{
	return (struct hardware){
		.h2d = { .bytes_per_s = 26e9, .pageable_bytes_per_s = 5e9 },
		.d2h = { .bytes_per_s = 20e9 },
		.host_gpus_per_switch = 2.0, .host_switch_bytes_per_s = 30e9,
		.host_copy_bytes_per_s = 8e9,
	};
}

/* Rates [GB/s] of a copy by each GPU, or 0 where there is none. */
struct expected {
	double root, memory;	/* [GB/s] limits; 0: none */
	double h2d[GPUS], d2h[GPUS];
};

static const struct expected cases[] = {
	/* alone a copy has its link, two behind a switch share that */
	{ 0, 0, { 26, 0, 15, 15, 26 }, { 0 } },
	/* directions are apart at a switch */
	{ 0, 0, { 15, 15, 0, 0, 0 }, { 15, 15, 0, 20, 20 } },
	{ 0, 0, { 26, 0, 0, 0, 0 }, { 0, 20, 0, 0, 0 } },
	/* 20 + 2 * 15 = 50 */
	{ 50, 0, { 20, 0, 15, 15, 0 }, { 0 } },
	/* 40 / 3 for each is less than either switch gives */
	{ 50, 40, { 40 / 3.0, 0, 40 / 3.0, 40 / 3.0, 0 }, { 0 } },
	/* all ten copies: 6 each of 60 */
	{ 60, 0, { 6, 6, 6, 6, 6 }, { 6, 6, 6, 6, 6 } },
};

static void start(struct links *l, const struct topology *t,
		  enum engine engine, size_t gpu)
{
	const struct work w = { .engine = engine };

	links_start(l, 0.0, &(struct links_flow){
		.route = links_route(l, topology_path(t, &w, gpu)),
		.bytes = 1e9 });
}

static void check(const struct expected *x, const struct topology *t)
{
	struct links *l = topology_new(t);
	double sum = 0.0;

	for (size_t i = 0; i < GPUS; i++) {
		if (x->h2d[i] > 0.0)
			start(l, t, ENGINE_H2D, i);
		if (x->d2h[i] > 0.0)
			start(l, t, ENGINE_D2H, i);
		sum += 1e9 * (x->h2d[i] + x->d2h[i]);
	}
	for (size_t i = 0; i < GPUS; i++) {
		ck_assert_double_eq_tol(
			links_rate(l, topology_index(t, TOPOLOGY_H2D, i)),
			1e9 * x->h2d[i], 1e-3);
		ck_assert_double_eq_tol(
			links_rate(l, topology_index(t, TOPOLOGY_D2H, i)),
			1e9 * x->d2h[i], 1e-3);
	}
	for (size_t k = 0; k < topology_switches(t); k++) {
		double behind = 0.0;

		for (size_t i = 0; i < GPUS; i++)
			behind += topology_switch(t, i) == k ? x->h2d[i] : 0.0;
		ck_assert_double_eq_tol(
			links_rate(l, topology_index(t, TOPOLOGY_SWITCH_H2D,
						     k)),
			1e9 * behind, 1e-3);
	}
	ck_assert_double_eq_tol(
		links_rate(l, topology_index(t, TOPOLOGY_ROOT, 0)), sum, 1e-3);
	ck_assert_double_eq_tol(
		links_rate(l, topology_index(t, TOPOLOGY_MEMORY, 0)), sum,
		1e-3);
	links_free(l);
}

START_TEST(gpus_share_what_they_are_behind)
{
	struct hardware hw = machine();
	const struct topology t = { .hw = &hw, .gpus = GPUS };

	ck_assert_uint_eq(topology_switches(&t), 3);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		hw.host_root_bytes_per_s = 1e9 * cases[i].root;
		hw.host_memory_bytes_per_s = 1e9 * cases[i].memory;
		check(&cases[i], &t);
	}
}
END_TEST

/*
 * 55 GB/s each way, 100 both, 160 for all, of which 60 to the GPUs while each
 * copies both ways: two have 30 in and 50 out; as soon as one copies in only,
 * 50 and 55 in.
 */
START_TEST(copies_to_gpus_give_way_while_all_copy_back)
{
	const struct hardware hw = {
		.h2d = { .bytes_per_s = 55e9 }, .d2h = { .bytes_per_s = 55e9 },
		.duplex_bytes_per_s = 100e9, .host_root_bytes_per_s = 160e9,
		.host_root_h2d_bytes_per_s = 60e9,
	};
	static const double in[2][2] = { { 30e9, 30e9 }, { 50e9, 55e9 } };
	const struct topology t = { .hw = &hw, .gpus = 2 };

	for (size_t one_way = 0; one_way < 2; one_way++) {
		struct links *l = topology_new(&t);

		for (size_t i = 0; i < 2; i++)
			start(l, &t, ENGINE_H2D, i);
		start(l, &t, ENGINE_D2H, 0);
		if (!one_way)
			start(l, &t, ENGINE_D2H, 1);
		for (size_t i = 0; i < 2; i++)
			ck_assert_double_eq_tol(
				links_rate(l, topology_index(&t, TOPOLOGY_H2D,
							     i)),
				in[one_way][i], 1e-3);
		ck_assert_double_eq_tol(
			links_rate(l, topology_index(&t, TOPOLOGY_D2H, 0)),
			50e9, 1e-3);
		links_free(l);
	}
}
END_TEST

/* One GPU, both ways: what copies to all GPUs have is not for it. */
START_TEST(one_gpu_has_its_own_limits_only)
{
	const struct hardware hw = {
		.h2d = { .bytes_per_s = 55e9 }, .d2h = { .bytes_per_s = 55e9 },
		.duplex_bytes_per_s = 100e9, .host_root_h2d_bytes_per_s = 10e9,
	};
	const struct topology t = { .hw = &hw, .gpus = 1 };
	struct links *l = topology_new(&t);

	start(l, &t, ENGINE_H2D, 0);
	start(l, &t, ENGINE_D2H, 0);
	for (int k = (int)TOPOLOGY_H2D; k <= (int)TOPOLOGY_D2H; k++)
		ck_assert_double_eq_tol(
			links_rate(l, topology_index(
					      &t, (enum topology_link)k, 0)),
			50e9, 1e-3);
	links_free(l);
}
END_TEST

/* Every link of the most GPUs is one of its own, with and without switches. */
START_TEST(links_are_told_apart)
{
	struct hardware hw = machine();
	const struct topology t = { .hw = &hw, .gpus = WORKLOAD_MOST_GPUS };
	size_t found = 0, links;
	uint64_t seen = 0;

	for (int with = 0; with < 2; with++, seen = 0) {
		hw.host_gpus_per_switch = with ? 2.0 : 0.0;
		hw.host_switch_bytes_per_s = with ? 30e9 : 0.0;
		links = 0;
		for (int k = 0; k < (int)TOPOLOGY_LINKS; k++) {
			size_t n = k < (int)TOPOLOGY_ROOT ? t.gpus :
				   k < (int)TOPOLOGY_SWITCH_H2D ? 1 :
				   topology_switches(&t);

			for (size_t i = 0; i < n; i++, links++) {
				size_t at = topology_index(
					&t, (enum topology_link)k, i);

				ck_assert_uint_lt(at, MAX_MIN_MOST_LINKS);
				ck_assert(!(seen >> at & 1));
				seen |= UINT64_C(1) << at;
			}
		}
		ck_assert_uint_eq(links, 4 * t.gpus + 4 +
					 (with ? t.gpus : 0));
		found += links;
	}
	ck_assert_uint_eq(found, 98);
}
END_TEST

/* Pageable: three times through memory, at 5 GB/s; staged: twice, at 8. */
START_TEST(staged_bytes_cross_memory_again)
{
	const struct hardware hw = machine();
	const struct topology t = { .hw = &hw, .gpus = 1 };
	const struct work pageable = { .engine = ENGINE_H2D,
				       .pageable = true };
	const struct work staged = { .engine = ENGINE_COPY };
	struct links *l = topology_new(&t);
	size_t memory = topology_index(&t, TOPOLOGY_MEMORY, 0);

	links_start(l, 0.0, &(struct links_flow){
		.route = links_route(l, topology_path(&t, &pageable, 0)),
		.bytes = 10e9 });
	ck_assert_double_eq_tol(links_rate(l, memory), 15e9, 1e-3);
	links_start(l, 0.0, &(struct links_flow){
		.route = links_route(l, topology_path(&t, &staged, 0)),
		.bytes = 10e9 });
	ck_assert_double_eq_tol(links_rate(l, memory), 31e9, 1e-3);
	ck_assert_double_eq_tol(links_next_s(l), 1.25, 1e-12);
	links_free(l);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/topology");
	TCase *tc = tcase_create("links");

	tcase_add_test(tc, gpus_share_what_they_are_behind);
	tcase_add_test(tc, copies_to_gpus_give_way_while_all_copy_back);
	tcase_add_test(tc, one_gpu_has_its_own_limits_only);
	tcase_add_test(tc, links_are_told_apart);
	tcase_add_test(tc, staged_bytes_cross_memory_again);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
