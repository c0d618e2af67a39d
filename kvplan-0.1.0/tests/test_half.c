/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/half.h"

#include <math.h>

#include "tests/harness.h"

START_TEST(known_values)
{
	static const struct {
		uint16_t bits;
		float value;
	} all[] = {
		{ 0x0000, 0.0f }, { 0x3c00, 1.0f }, { 0xc000, -2.0f },
		{ 0x3555, 0.333251953125f }, { 0x7bff, 65504.0f },
		{ 0x0001, 0x1p-24f }, { 0x03ff, 0x3ffp-24f },
		{ 0x0400, 0x1p-14f }, { 0xfc00, -INFINITY },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		ck_assert_float_eq(half_to_float(all[i].bits), all[i].value);
		ck_assert_uint_eq(half_from_float(all[i].value),
				  all[i].bits);
	}
	ck_assert(isnan(half_to_float(0xffff)));
	ck_assert(isnan(half_to_float(half_from_float(NAN))));
	ck_assert(signbit(half_to_float(0x8000)));
}
END_TEST

START_TEST(every_number_comes_back)
{
	size_t seen = 0;

	for (unsigned h = 0; h < 0x10000; h++) {
		if ((h & 0x7c00) == 0x7c00 && (h & 0x3ff) != 0)
			continue;
		ck_assert_uint_eq(half_from_float(half_to_float(
					  (uint16_t)h)), h);
		seen++;
	}
	ck_assert_uint_eq(seen, 0x10000 - 2 * 0x3ff);
}
END_TEST

START_TEST(ties_go_to_even_and_others_to_the_nearest)
{
	size_t seen = 0;

	for (unsigned h = 0; h < 0x7bff; h++, seen++) {
		float a = half_to_float((uint16_t)h);
		float b = half_to_float((uint16_t)(h + 1));
		float middle = a + (b - a) / 2.0f;

		ck_assert_uint_eq(half_from_float(middle), h + (h & 1));
		ck_assert_uint_eq(half_from_float(nextafterf(middle, 0.0f)),
				  h);
		ck_assert_uint_eq(half_from_float(nextafterf(middle,
							     INFINITY)),
				  h + 1);
	}
	ck_assert_uint_eq(seen, 0x7bff);
	ck_assert_uint_eq(half_from_float(65519.996f), 0x7bff);
	ck_assert_uint_eq(half_from_float(65520.0f), 0x7c00);
	ck_assert_uint_eq(half_from_float(-1e30f), 0xfc00);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cuda_validate/half");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, known_values);
	tcase_add_test(tc, every_number_comes_back);
	tcase_add_test(tc, ties_go_to_even_and_others_to_the_nearest);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
