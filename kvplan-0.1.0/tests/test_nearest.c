/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/nearest.h"

#include <string.h>

#include "tests/harness.h"

static const char *const models[] = {
	"opt-6.7b", "opt-66b", "opt-13b", "llama-2-7b", "llama-3.1-8b",
	"mixtral-8x7b", "mistral-7b", "qwen3-8b"
};

enum { MODELS = sizeof models / sizeof models[0] };

static const struct {
	const char *name, *nearest;	/* NULL: none is near enough */
} cases[] = {
	{ "opt-6.7b", "opt-6.7b" },
	{ "opt-67b", "opt-6.7b" },	/* a letter left out, the first */
	{ "opt-6.77b", "opt-6.7b" },	/* one too many */
	{ "opt-6,7b", "opt-6.7b" },	/* one for another */
	{ "opt-b13", "opt-13b" },	/* moved: two */
	{ "OPT-13B", "opt-13b" },	/* case is ignored */
	{ "llama3.1-8b-it", "llama-3.1-8b" },
	{ "LLaMA-2-7B", "llama-2-7b" },
	{ "mixtral-8x", "mixtral-8x7b" },
	{ "mixtral", "mixtral-8x7b" },	/* begins so; mistral-7b is nearer */
	{ "mixtrel", "mistral-7b" },
	{ "gpt2", NULL },
	{ "", NULL },
	{ "opt-13b-and-then-some-more", NULL },
};

enum { CASES = sizeof cases / sizeof cases[0] };

START_TEST(finds_what_was_meant)
{
	const char *got = nearest_name(cases[_i].name, models, MODELS);

	if (cases[_i].nearest == NULL) {
		ck_assert_ptr_null(got);
	} else {
		ck_assert_ptr_nonnull(got);
		ck_assert_str_eq(got, cases[_i].nearest);
	}
}
END_TEST

/* Edit distances by hand, and the limit: half of the letters of the name. */
START_TEST(half_of_the_letters_may_differ)
{
	static const char *const six[] = { "kitten" };
	static const char *const five[] = { "split" };

	/* k -> s, e -> i, + g: the textbook's distance of 3, 6 letters */
	ck_assert_ptr_eq(nearest_name("sitting", six, 1), six[0]);
	ck_assert_ptr_null(nearest_name("sittings", six, 1));
	ck_assert_ptr_eq(nearest_name("spxxt", five, 1), five[0]);
	ck_assert_ptr_null(nearest_name("sxxxt", five, 1));
	/* it is the name's length that counts, not the typed one's */
	ck_assert_ptr_null(nearest_name("sitxxxxxxxtingxxxxx", six, 1));
	ck_assert_ptr_null(nearest_name("xxxxxxxxkitten", six, 1));
	ck_assert_ptr_null(nearest_name("kittenxxxxxxxx", six, 1));
	ck_assert_ptr_eq(nearest_name("ten", six, 1), six[0]);
	ck_assert_ptr_null(nearest_name("en", six, 1));
}
END_TEST

START_TEST(of_equals_the_first)
{
	static const char *const names[] = { "h100", "a100", "h200" };
	static const char *const other[] = { "h200", "a100", "h100" };

	ck_assert_ptr_eq(nearest_name("x100", names, 3), names[0]);
	ck_assert_ptr_eq(nearest_name("x100", other, 3), other[1]);
	/* a nearer one that comes later wins */
	ck_assert_ptr_eq(nearest_name("h201", names, 3), names[2]);
}
END_TEST

START_TEST(of_no_names_none)
{
	ck_assert_ptr_null(nearest_name("h100", models, 0));
}
END_TEST

/* A name from the command line has no longest length. */
START_TEST(very_long_names_are_no_trouble)
{
	char much[1000], some[60];
	const char *const names[] = { much, "h100", some };

	memset(much, 'x', sizeof much - 1);
	much[sizeof much - 1] = '\0';
	memset(some, 'x', sizeof some - 1);
	some[sizeof some - 1] = '\0';
	ck_assert_ptr_null(nearest_name(much, models, MODELS));
	ck_assert_ptr_eq(nearest_name("h10", names, 3), names[1]);
	ck_assert_ptr_eq(nearest_name(some + 3, names, 3), some);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/nearest");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, finds_what_was_meant, 0, CASES);
	tcase_add_test(tc, half_of_the_letters_may_differ);
	tcase_add_test(tc, of_equals_the_first);
	tcase_add_test(tc, of_no_names_none);
	tcase_add_test(tc, very_long_names_are_no_trouble);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
