/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/memory.h"

#include "tests/harness.h"

static const struct hardware toy = { .name = "toy", .memory_bytes = 40e9,
				     .host_memory_bytes = 512e9 };

static struct memory sample(void)
{
	struct memory mem = { .n = 0 };

	memory_add(&mem, MEMORY_GPU, "weights", 13.3e9);
	memory_add(&mem, MEMORY_HOST, "KV cache", 34.4e9);
	memory_add(&mem, MEMORY_GPU, "buffers", 2.385e9);
	memory_add(&mem, MEMORY_HOST, "activations", 17.2e9);
	memory_add(&mem, MEMORY_GPU, "nothing", 0.0);
	return mem;
}

START_TEST(adds_line_by_line)
{
	struct memory mem = sample();

	ck_assert_uint_eq(mem.n, 5);
	ck_assert_int_eq(mem.items[3].place, MEMORY_HOST);
	ck_assert_str_eq(mem.items[3].what, "activations");
	ck_assert_double_eq(mem.items[3].bytes, 17.2e9);
	ck_assert_double_eq_tol(memory_used(&mem, MEMORY_GPU), 15.685e9,
				1e-5);
	ck_assert_double_eq_tol(memory_used(&mem, MEMORY_HOST), 51.6e9,
				1e-5);
}
END_TEST

START_TEST(takes_as_many_items_as_promised)
{
	struct memory mem = { .n = 0 };

	for (size_t i = 0; i < MEMORY_MOST_ITEMS; i++)
		memory_add(&mem, MEMORY_HOST, "page", 0.25e9);
	ck_assert_double_eq(memory_used(&mem, MEMORY_HOST),
			    0.25e9 * MEMORY_MOST_ITEMS);
	ck_assert_double_eq(memory_used(&mem, MEMORY_GPU), 0.0);
}
END_TEST

START_TEST(places_have_names_and_capacities)
{
	ck_assert_str_eq(memory_place_name(MEMORY_GPU), "gpu");
	ck_assert_str_eq(memory_place_name(MEMORY_HOST), "host");
	ck_assert_double_eq(memory_capacity(&toy, MEMORY_GPU), 40e9);
	ck_assert_double_eq(memory_capacity(&toy, MEMORY_HOST), 512e9);
}
END_TEST

START_TEST(what_fits_exactly_fits)
{
	struct memory mem = { .n = 0 };
	struct diag d = { "untouched" };

	ck_assert_int_eq(memory_check(&mem, &toy, &d), STATUS_OK);
	memory_add(&mem, MEMORY_GPU, "weights", 38.5e9);
	memory_add(&mem, MEMORY_GPU, "buffers", 1.5e9);
	memory_add(&mem, MEMORY_HOST, "KV cache", 512e9);
	ck_assert_int_eq(memory_check(&mem, &toy, &d), STATUS_OK);
	ck_assert_str_eq(d.text, "untouched");
	memory_add(&mem, MEMORY_GPU, "a byte", 1.0);
	ck_assert_int_eq(memory_check(&mem, &toy, &d), STATUS_INFEASIBLE);
	/* four digits of need and capacity are the same */
	ck_assert_ptr_nonnull(strstr(d.text, "has 40 GB, too little by 1 B"));
}
END_TEST

START_TEST(an_overflow_names_the_largest_item)
{
	struct memory mem = sample();
	struct diag d;

	memory_add(&mem, MEMORY_GPU, "KV cache", 26.7e9);
	memory_add(&mem, MEMORY_GPU, "activations", 3.1e9);
	ck_assert_int_eq(memory_check(&mem, &toy, &d), STATUS_INFEASIBLE);
	/* 13.3 + 2.385 + 26.7 + 3.1; the host's 34.4 is none of it */
	ck_assert_str_eq(d.text, "does not fit: toy needs 45.48 GB of GPU "
			 "memory (KV cache: 26.7 GB), it has 40 GB");
}
END_TEST

START_TEST(the_host_may_overflow_too)
{
	struct memory mem = sample();
	struct diag d;

	memory_add(&mem, MEMORY_HOST, "weights", 476.3e9);
	ck_assert_int_eq(memory_check(&mem, &toy, &d), STATUS_INFEASIBLE);
	ck_assert_str_eq(d.text, "does not fit: toy needs 527.9 GB of host "
			 "memory (weights: 476.3 GB), it has 512 GB");
}
END_TEST

START_TEST(a_place_of_unknown_capacity_holds_anything)
{
	struct hardware unknown = { .name = "toy", .memory_bytes = 40e9 };
	struct memory mem = sample();
	struct diag d;

	memory_add(&mem, MEMORY_HOST, "KV cache", 1e18);
	ck_assert_double_eq(memory_capacity(&unknown, MEMORY_HOST), 0.0);
	ck_assert_int_eq(memory_check(&mem, &unknown, &d), STATUS_OK);
	ck_assert_int_eq(memory_check(&mem, &toy, &d), STATUS_INFEASIBLE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/memory");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, adds_line_by_line);
	tcase_add_test(tc, takes_as_many_items_as_promised);
	tcase_add_test(tc, places_have_names_and_capacities);
	tcase_add_test(tc, what_fits_exactly_fits);
	tcase_add_test(tc, an_overflow_names_the_largest_item);
	tcase_add_test(tc, the_host_may_overflow_too);
	tcase_add_test(tc, a_place_of_unknown_capacity_holds_anything);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
