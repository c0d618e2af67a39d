/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/quantity.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

#define KIB 1024.0

/* read */

static const struct {
	const char *text;
	enum quantity quantity;
	double value;
} good[] = {
	{ "2.385", QUANTITY_NUMBER, 2.385 },
	{ "-2.385e-3", QUANTITY_NUMBER, -2.385e-3 },
	{ "  2.385  ", QUANTITY_NUMBER, 2.385 },
	{ "12.5", QUANTITY_PERCENT, 12.5 },
	{ "12.5 %", QUANTITY_PERCENT, 12.5 },
	{ "12.5%", QUANTITY_PERCENT, 12.5 },
	{ "2385", QUANTITY_BYTES, 2385.0 },
	{ "2385 B", QUANTITY_BYTES, 2385.0 },
	{ "2.385 kB", QUANTITY_BYTES, 2.385e3 },
	{ "2.385 MB", QUANTITY_BYTES, 2.385e6 },
	{ "2.385 GB", QUANTITY_BYTES, 2.385e9 },
	{ "2.385 TB", QUANTITY_BYTES, 2.385e12 },
	{ "2.25 KiB", QUANTITY_BYTES, 2.25 * KIB },
	{ "2.25 MiB", QUANTITY_BYTES, 2.25 * KIB * KIB },
	{ "2.25 GiB", QUANTITY_BYTES, 2.25 * KIB * KIB * KIB },
	{ "2.25 TiB", QUANTITY_BYTES, 2.25 * KIB * KIB * KIB * KIB },
	{ "26e9", QUANTITY_BYTES_PER_S, 26e9 },
	{ "2385 B/s", QUANTITY_BYTES_PER_S, 2385.0 },
	{ "2.385 kB/s", QUANTITY_BYTES_PER_S, 2.385e3 },
	{ "2.385 MB/s", QUANTITY_BYTES_PER_S, 2.385e6 },
	{ "32 GB/s", QUANTITY_BYTES_PER_S, 32e9 },
	{ "32GB/s", QUANTITY_BYTES_PER_S, 32e9 },
	{ "32\tGB/s", QUANTITY_BYTES_PER_S, 32e9 },
	{ "2.385 TB/s", QUANTITY_BYTES_PER_S, 2.385e12 },
	{ "2.25 KiB/s", QUANTITY_BYTES_PER_S, 2.25 * KIB },
	{ "2.25 MiB/s", QUANTITY_BYTES_PER_S, 2.25 * KIB * KIB },
	{ "32 GiB/s", QUANTITY_BYTES_PER_S, 34359738368.0 },
	{ "2.25 TiB/s", QUANTITY_BYTES_PER_S,
	  2.25 * KIB * KIB * KIB * KIB },
	{ "2385 FLOP", QUANTITY_FLOP, 2385.0 },
	{ "2.385 MFLOP", QUANTITY_FLOP, 2.385e6 },
	{ "2.385 GFLOP", QUANTITY_FLOP, 2.385e9 },
	{ "6.7 TFLOP", QUANTITY_FLOP, 6.7e12 },
	{ "2.385 PFLOP", QUANTITY_FLOP, 2.385e15 },
	{ "2385 FLOP/s", QUANTITY_FLOP_PER_S, 2385.0 },
	{ "2.385 MFLOP/s", QUANTITY_FLOP_PER_S, 2.385e6 },
	{ "2.385 GFLOP/s", QUANTITY_FLOP_PER_S, 2.385e9 },
	{ "312 TFLOP/s", QUANTITY_FLOP_PER_S, 312e12 },
	{ "2.385 PFLOP/s", QUANTITY_FLOP_PER_S, 2.385e15 },
	{ "2.385", QUANTITY_SECONDS, 2.385 },
	{ "2.385 s", QUANTITY_SECONDS, 2.385 },
	{ "2.385 ms", QUANTITY_SECONDS, 2.385e-3 },
	{ "2.385 us", QUANTITY_SECONDS, 2.385e-6 },
	{ "2.385 \xc2\xb5s", QUANTITY_SECONDS, 2.385e-6 },
	{ "2.385 \xce\xbcs", QUANTITY_SECONDS, 2.385e-6 },
	{ "2.385 ns", QUANTITY_SECONDS, 2.385e-9 },
};

enum { GOOD = sizeof good / sizeof good[0] };

START_TEST(reads_a_number_with_its_unit)
{
	struct diag d = { "untouched" };
	double x = 0.0625;

	ck_assert_int_eq(quantity_parse(good[_i].text, good[_i].quantity, &x,
					&d), STATUS_OK);
	/* one rounding: of the number times the factor */
	ck_assert_double_eq_tol(x, good[_i].value,
				fabs(good[_i].value) * DBL_EPSILON);
	ck_assert_str_eq(d.text, "untouched");
}
END_TEST

static const struct {
	const char *text;
	enum quantity quantity;
	const char *example;
} bad[] = {
	{ "", QUANTITY_NUMBER, "0.8" },
	{ " ", QUANTITY_NUMBER, "0.8" },
	{ "fast", QUANTITY_BYTES_PER_S, "26 GB/s" },
	{ "GB/s", QUANTITY_BYTES_PER_S, "26 GB/s" },
	{ "26 GB", QUANTITY_BYTES_PER_S, "26 GB/s" },
	{ "26 GB/s", QUANTITY_BYTES, "40 GB" },
	{ "26 Gb/s", QUANTITY_BYTES_PER_S, "26 GB/s" },	/* bits */
	{ "26 gb/s", QUANTITY_BYTES_PER_S, "26 GB/s" },
	{ "26 KB", QUANTITY_BYTES, "40 GB" },	/* 1000 or 1024? */
	{ "26 GB/s x", QUANTITY_BYTES_PER_S, "26 GB/s" },
	{ "26 G B/s", QUANTITY_BYTES_PER_S, "26 GB/s" },
	{ "26,5 GB/s", QUANTITY_BYTES_PER_S, "26 GB/s" },
	{ "2.3.85", QUANTITY_NUMBER, "0.8" },
	{ "0.8 GB", QUANTITY_NUMBER, "0.8" },
	{ "80 %", QUANTITY_NUMBER, "0.8" },
	{ "80 s", QUANTITY_PERCENT, "80 %" },
	{ "3 m", QUANTITY_SECONDS, "3 us" },
	{ "3 min", QUANTITY_SECONDS, "3 us" },
	{ "312 TFLOPS", QUANTITY_FLOP_PER_S, "312 TFLOP/s" },
	{ "312 TFLOP", QUANTITY_FLOP_PER_S, "312 TFLOP/s" },
	{ "2 GFLOP/s", QUANTITY_FLOP, "2 GFLOP" },
	{ "nan", QUANTITY_NUMBER, "0.8" },
	{ "inf", QUANTITY_SECONDS, "3 us" },
	{ "-inf s", QUANTITY_SECONDS, "3 us" },
	{ "1e999", QUANTITY_NUMBER, "0.8" },
	{ "1e300 PFLOP", QUANTITY_FLOP, "2 GFLOP" },	/* the product is */
};

enum { BAD = sizeof bad / sizeof bad[0] };

START_TEST(says_what_is_no_quantity)
{
	struct diag d = { "untouched" };
	double x = 0.0625;
	char message[256];

	ck_assert_int_eq(quantity_parse(bad[_i].text, bad[_i].quantity, &x,
					&d), STATUS_INVALID);
	snprintf(message, sizeof message,
		 "found '%s', expected a number such as '%s'", bad[_i].text,
		 bad[_i].example);
	ck_assert_str_eq(d.text, message);
	ck_assert_double_eq(x, 0.0625);
}
END_TEST

START_TEST(gb_is_not_gib)
{
	struct diag d;
	double gb, gib;

	ck_assert_int_eq(quantity_parse("896 MB", QUANTITY_BYTES, &gb, &d),
			 STATUS_OK);
	ck_assert_int_eq(quantity_parse("896 MiB", QUANTITY_BYTES, &gib,
					&d), STATUS_OK);
	ck_assert_double_eq(gb, 896e6);
	ck_assert_double_eq(gib, 939524096.0);
}
END_TEST

START_TEST(each_example_is_valid)
{
	size_t checked = 0;

	for (int q = QUANTITY_NUMBER; q <= QUANTITY_PERCENT; q++, checked++) {
		double x = 0.0;
		struct diag d;

		ck_assert_int_eq(quantity_parse(
					 quantity_example((enum quantity)q),
					 (enum quantity)q, &x, &d),
				 STATUS_OK);
		ck_assert_double_gt(x, 0.0);
	}
	ck_assert_uint_eq(checked, 7);
	ck_assert_str_eq(quantity_example(QUANTITY_BYTES_PER_S), "26 GB/s");
}
END_TEST

/* print */

static const struct {
	double value;
	enum quantity quantity;
	const char *text;
} printed[] = {
	{ 2.385, QUANTITY_NUMBER, "2.385" },
	{ -2.385, QUANTITY_NUMBER, "-2.385" },
	{ 238.52, QUANTITY_NUMBER, "238.5" },
	{ 0.0, QUANTITY_NUMBER, "0" },
	{ 182.0, QUANTITY_NUMBER, "182" },
	{ 12.5, QUANTITY_PERCENT, "12.5 %" },
	{ 35.84, QUANTITY_PERCENT, "35.8 %" },
	{ 2.385e-3, QUANTITY_SECONDS, "2.385 ms" },
	{ 0.007731, QUANTITY_SECONDS, "7.731 ms" },
	{ 27.344e-3, QUANTITY_SECONDS, "27.34 ms" },
	{ 0.60423e-3, QUANTITY_SECONDS, "604.2 us" },
	{ 2.6624e-6, QUANTITY_SECONDS, "2.662 us" },
	{ 3e-6, QUANTITY_SECONDS, "3 us" },
	{ 17e-9, QUANTITY_SECONDS, "17 ns" },
	{ 95.263, QUANTITY_SECONDS, "95.26 s" },
	{ -2.385e-3, QUANTITY_SECONDS, "-2.385 ms" },
	{ 0.0, QUANTITY_SECONDS, "0 ns" },
	{ 40e9, QUANTITY_BYTES, "40 GB" },
	{ 939524096.0, QUANTITY_BYTES, "939.5 MB" },
	{ 17.0, QUANTITY_BYTES, "17 B" },
	{ 2.385e3, QUANTITY_BYTES, "2.385 kB" },
	{ 1.23456e12, QUANTITY_BYTES, "1.235 TB" },
	{ 26e9, QUANTITY_BYTES_PER_S, "26 GB/s" },
	{ 34359738368.0, QUANTITY_BYTES_PER_S, "34.36 GB/s" },
	{ 1.555e12, QUANTITY_BYTES_PER_S, "1.555 TB/s" },
	{ 6.7109e12, QUANTITY_FLOP, "6.711 TFLOP" },
	{ 2.385e15, QUANTITY_FLOP, "2.385 PFLOP" },
	{ 312e12, QUANTITY_FLOP_PER_S, "312 TFLOP/s" },
	{ 268.32e12, QUANTITY_FLOP_PER_S, "268.3 TFLOP/s" },
	{ 2.385e9, QUANTITY_FLOP_PER_S, "2.385 GFLOP/s" },
	{ 2.385e6, QUANTITY_FLOP_PER_S, "2.385 MFLOP/s" },
	/* what rounds up to 1000 of a unit is 1 of the next */
	{ 999.96e9, QUANTITY_BYTES, "1.000 TB" },
	{ 999.94e9, QUANTITY_BYTES, "999.9 GB" },
	{ 999.96e-6, QUANTITY_SECONDS, "1.000 ms" },
	/* what rounds up to a power of ten has no fifth digit */
	{ 9.9996, QUANTITY_NUMBER, "10.00" },
	{ 99.996, QUANTITY_SECONDS, "100.0 s" },
	{ 9.99962e-3, QUANTITY_SECONDS, "10.00 ms" },
	/* what has no smaller unit to go to keeps its four digits */
	{ 0.2385, QUANTITY_NUMBER, "0.2385" },
	{ 0.01234, QUANTITY_NUMBER, "0.01234" },
	{ 0.001499, QUANTITY_NUMBER, "0.001499" },
	{ 0.0002385, QUANTITY_NUMBER, "0.0002385" },
	{ 0.2385e-9, QUANTITY_SECONDS, "0.2385 ns" },
};

enum { PRINTED = sizeof printed / sizeof printed[0] };

START_TEST(prints_four_digits_and_a_readable_unit)
{
	char out[QUANTITY_SIZE];

	quantity_format(printed[_i].value, printed[_i].quantity, out);
	ck_assert_str_eq(out, printed[_i].text);
}
END_TEST

/* Every text that is printed reads back within its four digits. */
START_TEST(what_is_printed_can_be_read)
{
	size_t checked = 0;

	for (int q = QUANTITY_BYTES; q <= QUANTITY_SECONDS; q++)
		for (double v = 1.0737; v < 1e18; v *= 7.3, checked++) {
			double x = q == QUANTITY_SECONDS ? v * 1e-9 : v;
			char out[QUANTITY_SIZE];
			struct diag d;
			double back;

			quantity_format(x, (enum quantity)q, out);
			ck_assert_uint_lt(strlen(out), QUANTITY_SIZE);
			ck_assert_int_eq(quantity_parse(out,
							(enum quantity)q,
							&back, &d),
					 STATUS_OK);
			ck_assert_double_eq_tol(back, x, 0.5e-3 * x);
		}
	ck_assert_uint_gt(checked, 5 * 20);
}
END_TEST

static const struct {
	double value;
	const char *text;
} exact[] = {
	{ 2.385, "2.385" },
	{ -0.1, "-0.1" },
	{ 17.0, "17" },
	{ 34359738368.0, "34359738368" },
	{ 2.66e-6, "2.66e-06" },
	{ 1.0 / 3.0, "0.33333333333333331" },
	{ 0.1 + 0.2, "0.30000000000000004" },
	{ 9007199254740993.0, "9007199254740992" },
};

enum { EXACT = sizeof exact / sizeof exact[0] };

START_TEST(exact_takes_the_fewest_digits)
{
	char out[QUANTITY_SIZE];

	quantity_format_exact(exact[_i].value, out);
	ck_assert_str_eq(out, exact[_i].text);
}
END_TEST

START_TEST(exact_reads_back_as_the_same_number)
{
	static const double extremes[] = { DBL_MAX, -DBL_MAX, DBL_MIN,
					   -DBL_MIN, DBL_EPSILON, 5e-324 };
	char out[QUANTITY_SIZE];
	size_t checked = 0;

	for (size_t i = 0; i < 6; i++, checked++) {
		quantity_format_exact(extremes[i], out);
		ck_assert_double_eq(strtod(out, NULL), extremes[i]);
	}
	for (double v = 1.1; v < 1e30; v *= 1.37, checked++) {
		quantity_format_exact(v, out);
		ck_assert_double_eq(strtod(out, NULL), v);
	}
	ck_assert_uint_gt(checked, 200);
}
END_TEST

/* Nothing that is printed outgrows the room that the header promises. */
START_TEST(any_number_fits_the_room)
{
	static const double wild[] = { DBL_MAX, -DBL_MAX, -5e-324, 1e7,
				       9999999.5, -1e300 };
	struct {
		char out[QUANTITY_SIZE], guard[8];
	} room;
	size_t checked = 0;

	for (int q = QUANTITY_NUMBER; q <= QUANTITY_PERCENT; q++)
		for (size_t i = 0; i < 6; i++, checked++) {
			memset(&room, '#', sizeof room);
			quantity_format(wild[i], (enum quantity)q, room.out);
			ck_assert_ptr_nonnull(memchr(room.out, '\0',
						     QUANTITY_SIZE));
			ck_assert_mem_eq(room.guard, "########", 8);
		}
	ck_assert_uint_eq(checked, 42);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/quantity");
	TCase *read = tcase_create("read"), *print = tcase_create("print");

	tcase_add_loop_test(read, reads_a_number_with_its_unit, 0, GOOD);
	tcase_add_loop_test(read, says_what_is_no_quantity, 0, BAD);
	tcase_add_test(read, gb_is_not_gib);
	tcase_add_test(read, each_example_is_valid);
	suite_add_tcase(s, read);
	tcase_add_loop_test(print, prints_four_digits_and_a_readable_unit, 0,
			    PRINTED);
	tcase_add_test(print, what_is_printed_can_be_read);
	tcase_add_loop_test(print, exact_takes_the_fewest_digits, 0, EXACT);
	tcase_add_test(print, exact_reads_back_as_the_same_number);
	tcase_add_test(print, any_number_fits_the_room);
	suite_add_tcase(s, print);
	return harness_run(s);
}
