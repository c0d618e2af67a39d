/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/wrap.h"

#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

static char *wrapped(const char *text, size_t width)
{
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	ck_assert_ptr_nonnull(f);
	wrap_print(text, width, f);
	ck_assert_int_eq(fclose(f), 0);
	return out;
}

static const struct {
	const char *text;
	size_t width;
	const char *lines;
} cases[] = {
	{ "recompute a part", 80, "recompute a part\n" },
	{ "recompute a part", 16, "recompute a part\n" },
	{ "recompute a part", 15, "recompute a\npart\n" },
	{ "recompute a part", 11, "recompute a\npart\n" },
	{ "recompute a part", 10, "recompute\na part\n" },
	{ "recompute a part", 9, "recompute\na part\n" },
	{ "a recompute a part", 8, "a\nrecompute\na part\n" },
	{ "a b c", 1, "a\nb\nc\n" },
	{ "  two   spaces  ", 80, "two spaces\n" },
	{ "", 17, "\n" },
	{ "   ", 17, "\n" },
	{ "100 %s and 5 %n", 80, "100 %s and 5 %n\n" },
};

enum { CASES = sizeof cases / sizeof cases[0] };

START_TEST(breaks_between_words)
{
	char *out = wrapped(cases[_i].text, cases[_i].width);

	ck_assert_str_eq(out, cases[_i].lines);
	free(out);
}
END_TEST

/* At every width: no line too long, none that had room for one more word. */
START_TEST(lines_are_full_and_no_longer)
{
	static const char text[] =
		"The answer is exact: no approximation, no loss, and the "
		"split is the one that ends both transfers at once.";
	size_t lines = 0;

	for (size_t width = 14; width <= 120; width++) {
		char *out = wrapped(text, width), *line = out;
		char joined[sizeof text + 1] = "";

		while (*line != '\0') {
			size_t len = strcspn(line, "\n");
			const char *next = line + len + 1;

			ck_assert_uint_le(len, width);
			if (*next != '\0')
				ck_assert_uint_gt(
					len + 1 + strcspn(next, " \n"),
					width);
			line[len] = '\0';
			snprintf(joined + strlen(joined),
				 sizeof joined - strlen(joined), "%s%s",
				 joined[0] != '\0' ? " " : "", line);
			line += len + 1;
			lines++;
		}
		ck_assert_str_eq(joined, text);
		free(out);
	}
	ck_assert_uint_gt(lines, 107);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/wrap");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, breaks_between_words, 0, CASES);
	tcase_add_test(tc, lines_are_full_and_no_longer);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
