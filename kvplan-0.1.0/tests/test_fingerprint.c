/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/fingerprint.h"

#include <string.h>

#include "tests/harness.h"

/* Of the 64-bit FNV-1a vectors in the authors' test_fnv.c. */
static const struct {
	const char *text, *hash;
} vectors[] = {
	{ "", "cbf29ce484222325" },
	{ "a", "af63dc4c8601ec8c" },
	{ "b", "af63df4c8601f1a5" },
	{ "foob", "dd120e790c2512af" },
	{ "foobar", "85944171f73967e8" },
};

enum { VECTORS = sizeof vectors / sizeof vectors[0] };

START_TEST(equals_the_published_vectors)
{
	char out[FINGERPRINT_SIZE];

	fingerprint_text(vectors[_i].text, out);
	ck_assert_str_eq(out, vectors[_i].hash);
}
END_TEST

/* 0xff must not become -1: (basis ^ 0xff) * prime, worked out by hand. */
START_TEST(bytes_are_unsigned)
{
	char out[FINGERPRINT_SIZE];

	fingerprint_text("\xff", out);
	ck_assert_str_eq(out, "af64724c8602eb6e");
}
END_TEST

/* One hash in 16 begins with a zero, which must be printed. */
START_TEST(is_always_sixteen_digits)
{
	char out[FINGERPRINT_SIZE], text[4] = "";
	size_t leading_zeros = 0;

	for (int i = 0; i < 500; i++) {
		text[0] = (char)('a' + i % 26);
		text[1] = (char)('a' + i / 26);
		text[2] = '#';
		fingerprint_text(text, out);
		ck_assert_uint_eq(strlen(out), FINGERPRINT_SIZE - 1);
		ck_assert_uint_eq(strspn(out, "0123456789abcdef"),
				  FINGERPRINT_SIZE - 1);
		leading_zeros += out[0] == '0';
	}
	ck_assert_uint_gt(leading_zeros, 0);
}
END_TEST

START_TEST(one_letter_tells_texts_apart)
{
	char a[FINGERPRINT_SIZE], b[FINGERPRINT_SIZE], c[FINGERPRINT_SIZE];

	fingerprint_text("{\"value\": 2.385}", a);
	fingerprint_text("{\"value\": 2.386}", b);
	fingerprint_text("{\"value\": 2.385}\n", c);
	ck_assert_str_ne(a, b);
	ck_assert_str_ne(a, c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/fingerprint");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, equals_the_published_vectors, 0, VECTORS);
	tcase_add_test(tc, bytes_are_unsigned);
	tcase_add_test(tc, is_always_sixteen_digits);
	tcase_add_test(tc, one_letter_tells_texts_apart);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
