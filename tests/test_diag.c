/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag.h"

#include <string.h>

#include "tests/harness.h"

enum { ROOM = sizeof ((struct diag *)0)->text };

START_TEST(fail_formats_and_returns_its_status)
{
	struct diag d = { "what stood here before is much longer" };

	ck_assert_int_eq(diag_fail(&d, STATUS_SOLVER, "%s: %.3f of %d", "lp",
				   2.385, 17), STATUS_SOLVER);
	ck_assert_str_eq(d.text, "lp: 2.385 of 17");
	ck_assert_int_eq(diag_fail(&d, STATUS_INFEASIBLE, "no plan"),
			 STATUS_INFEASIBLE);
	ck_assert_str_eq(d.text, "no plan");
}
END_TEST

START_TEST(prefix_stands_before_what_was_there)
{
	struct diag d;

	(void)diag_fail(&d, STATUS_INVALID, "found %.3f", 2.385);
	ck_assert_int_eq(diag_prefix(&d, STATUS_INVALID, "gpu.%s", "rate"),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "gpu.rate: found 2.385");
	ck_assert_int_eq(diag_prefix(&d, STATUS_IO, "h200.json"), STATUS_IO);
	ck_assert_str_eq(d.text, "h200.json: gpu.rate: found 2.385");
}
END_TEST

START_TEST(a_percent_sign_in_the_message_is_text)
{
	struct diag d;

	(void)diag_fail(&d, STATUS_INVALID, "%s", "within 1 %s and 5 %n");
	(void)diag_prefix(&d, STATUS_INVALID, "%s", "100 %d");
	ck_assert_str_eq(d.text, "100 %d: within 1 %s and 5 %n");
}
END_TEST

START_TEST(a_message_is_one_line_whatever_it_quotes)
{
	struct diag d;

	(void)diag_fail(&d, STATUS_IO, "%s: gone", "a\nb\tc\rd\x1b[31m\x7f");
	ck_assert_str_eq(d.text, "a b c d [31m : gone");
	(void)diag_prefix(&d, STATUS_IO, "%s", "x\ny");
	ck_assert_str_eq(d.text, "x y: a b c d [31m : gone");
	/* letters beyond ASCII are not control characters */
	(void)diag_fail(&d, STATUS_IO, "%s", "2.385 \xc2\xb5s");
	ck_assert_str_eq(d.text, "2.385 \xc2\xb5s");
}
END_TEST

START_TEST(a_long_message_is_cut_and_terminated)
{
	char much[3 * ROOM];
	struct diag d;

	memset(much, 'x', sizeof much);
	much[sizeof much - 1] = '\0';
	(void)diag_fail(&d, STATUS_IO, "%s", much);
	ck_assert_uint_eq(strlen(d.text), ROOM - 1);
	(void)diag_prefix(&d, STATUS_IO, "%s", "h200.json");
	ck_assert_uint_eq(strlen(d.text), ROOM - 1);
	ck_assert_int_eq(strncmp(d.text, "h200.json: xxx", 14), 0);
	(void)diag_prefix(&d, STATUS_IO, "%s", much);
	ck_assert_uint_eq(strlen(d.text), ROOM - 1);
	/* of a long prefix some is cut: the reason stays */
	ck_assert_int_eq(strncmp(d.text, much, 250), 0);
	ck_assert_int_eq(strncmp(d.text + 250, ": h200.json: xxx", 16), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/diag");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, fail_formats_and_returns_its_status);
	tcase_add_test(tc, prefix_stands_before_what_was_there);
	tcase_add_test(tc, a_percent_sign_in_the_message_is_text);
	tcase_add_test(tc, a_message_is_one_line_whatever_it_quotes);
	tcase_add_test(tc, a_long_message_is_cut_and_terminated);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
