/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/element.h"

#include "tests/harness.h"

/* 64 elements of `bits`, and two numbers of 16 bits that they share. */
static double grouped_bytes(double bits)
{
	return (64.0 * bits + 2.0 * 16.0) / 8.0 / 64.0;
}

START_TEST(each_element_has_its_bytes)
{
	ck_assert_double_eq(element_bytes(ELEMENT_FP16), 2.0);
	ck_assert_double_eq(element_bytes(ELEMENT_INT8), 1.0625);
	ck_assert_double_eq(element_bytes(ELEMENT_INT4), 0.5625);
	ck_assert_double_eq(element_bytes(ELEMENT_INT8), grouped_bytes(8.0));
	ck_assert_double_eq(element_bytes(ELEMENT_INT4), grouped_bytes(4.0));
	ck_assert_double_eq(element_bytes(ELEMENT_FP16),
			    ELEMENT_COMPUTE_BYTES);
}
END_TEST

START_TEST(what_has_fewer_bits_is_quantised)
{
	for (int i = 0; i < ELEMENT_COUNT; i++) {
		enum element e = (enum element)i;

		ck_assert_int_eq(element_is_quantised(e),
				 element_bytes(e) < ELEMENT_COMPUTE_BYTES);
	}
}
END_TEST

START_TEST(each_element_has_its_name)
{
	ck_assert_int_eq(ELEMENT_COUNT, 3);
	ck_assert_str_eq(element_names[ELEMENT_FP16], "fp16");
	ck_assert_str_eq(element_names[ELEMENT_INT8], "int8");
	ck_assert_str_eq(element_names[ELEMENT_INT4], "int4");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/element");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, each_element_has_its_bytes);
	tcase_add_test(tc, what_has_fewer_bits_is_quantised);
	tcase_add_test(tc, each_element_has_its_name);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
