/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <stdio.h>

#include "tests/harness.h"

static const struct {
	const char *dirty, *clean;
} texts[] = {
	{ "A100 40 GB", "A100 40 GB" },
	{ "a\nb\t\x1b[31mc\x7f", "a b  [31mc " },
	{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82",
	  "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82" },
	{ "cut \xc3", "cut ?" },
	{ "cut \xe2\x82", "cut ??" },
	{ "cut \xf0\x9f\x99", "cut ???" },
	{ "\xff\xfe\x80", "???" },
	{ "long \xc0\xaf \xe0\x80\xaf \xf0\x80\x80\xaf",
	  "long ?? ??? ????" },
	{ "half \xed\xa0\x80", "half ???" },
	{ "far \xf4\x90\x80\x80", "far ????" },
	{ "", "" },
};

START_TEST(only_what_can_be_shown_is_left)
{
	char text[64];

	snprintf(text, sizeof text, "%s", texts[_i].dirty);
	text_clean(text);
	ck_assert_str_eq(text, texts[_i].clean);
	text_clean(text);	/* it is clean now */
	ck_assert_str_eq(text, texts[_i].clean);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/text");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, only_what_can_be_shown_is_left, 0,
			    sizeof texts / sizeof texts[0]);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
