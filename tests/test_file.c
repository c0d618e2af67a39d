/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness.h"
#include "tests/scratch.h"

enum { LIMIT_BYTES = 256 << 20 };

static struct diag d;

static void make(void)
{
	scratch_make();
	d = (struct diag){ "untouched" };
}

static void check_not_read(const char *path, const char *message)
{
	char before[] = "before", *text = before;

	ck_assert_int_eq(file_read(path, &text, &d), STATUS_IO);
	ck_assert_str_eq(d.text, message);
	ck_assert_ptr_eq(text, before);
}

START_TEST(reads_what_was_written)
{
	scratch_put_text("a", "2.385\n\xc2\xb5s\r\n");
	scratch_check("a", "2.385\n\xc2\xb5s\r\n");
	scratch_put_text("empty", "");
	scratch_check("empty", "");
	ck_assert_str_eq(d.text, "untouched");
}
END_TEST

/* Around each power of two, where a buffer is likely to grow. */
START_TEST(reads_files_of_any_length)
{
	size_t checked = 0;

	for (size_t power = 2048; power <= 1 << 16; power *= 2)
		for (size_t n = power - 2; n <= power + 2; n++, checked++) {
			char *text, *bytes = malloc(n);

			ck_assert_ptr_nonnull(bytes);
			for (size_t i = 0; i < n; i++)
				bytes[i] = (char)('!' + i % 89);
			scratch_put("a", bytes, n);
			ck_assert_int_eq(file_read(scratch_path("a"), &text,
						   &d),
					 STATUS_OK);
			ck_assert_uint_eq(strlen(text), n);
			ck_assert_mem_eq(text, bytes, n);
			free(text);
			free(bytes);
		}
	ck_assert_uint_eq(checked, 6 * 5);
}
END_TEST

START_TEST(reads_standard_input)
{
	enum status s;
	char *text;
	int saved;

	scratch_put_text("a", "{\"x\": 2.385}\n");
	saved = scratch_redirect(STDIN_FILENO, scratch_path("a"), O_RDONLY);
	s = file_read("-", &text, &d);
	scratch_restore(STDIN_FILENO, saved);
	ck_assert_int_eq(s, STATUS_OK);
	ck_assert_str_eq(text, "{\"x\": 2.385}\n");
	free(text);
}
END_TEST

START_TEST(names_standard_input_in_a_failure)
{
	int saved;

	scratch_put("nul", "2.385\0x", 7);
	saved = scratch_redirect(STDIN_FILENO, scratch_path("nul"), O_RDONLY);
	check_not_read("-", "standard input: not a text file");
	scratch_restore(STDIN_FILENO, saved);
}
END_TEST

START_TEST(says_why_a_file_cannot_be_read)
{
	char message[SCRATCH_MESSAGE];

	check_not_read("/nonexistent/model.json",
		       "/nonexistent/model.json: No such file or directory");
	snprintf(message, sizeof message, "%s: Is a directory", scratch_dir);
	check_not_read(scratch_dir, message);
	scratch_put_text("a", "x");
	snprintf(message, sizeof message, "%s/a/b: Not a directory",
		 scratch_dir);
	check_not_read(scratch_path("a/b"), message);
}
END_TEST

START_TEST(refuses_a_file_with_a_nul)
{
	char message[SCRATCH_MESSAGE];

	scratch_put("nul", "2.385\0more", 10);
	snprintf(message, sizeof message, "%s/nul: not a text file",
		 scratch_dir);
	check_not_read(scratch_path("nul"), message);
	scratch_put("nul", "2.385\0", 6);	/* at the very end, too */
	check_not_read(scratch_path("nul"), message);
}
END_TEST

START_TEST(refuses_more_than_256_mib)
{
	char message[SCRATCH_MESSAGE];

	scratch_put_text("big", "x");
	/* sparse: takes no room on the disk; its holes read as NUL */
	ck_assert_int_eq(truncate(scratch_path("big"), LIMIT_BYTES), 0);
	snprintf(message, sizeof message, "%s/big: not a text file",
		 scratch_dir);
	check_not_read(scratch_path("big"), message);
	ck_assert_int_eq(truncate(scratch_path("big"), LIMIT_BYTES + 1), 0);
	snprintf(message, sizeof message, "%s/big: larger than 256 MiB",
		 scratch_dir);
	check_not_read(scratch_path("big"), message);
}
END_TEST

START_TEST(reads_as_much_as_it_is_told)
{
	char message[SCRATCH_MESSAGE], *text;

	scratch_put_text("two", "x");
	ck_assert_int_eq(truncate(scratch_path("two"), (1 << 20) + 1), 0);
	snprintf(message, sizeof message, "%s/two: larger than 1 MiB",
		 scratch_dir);
	ck_assert_int_eq(file_read_large(scratch_path("two"), 1, &text, &d),
			 STATUS_IO);
	ck_assert_str_eq(d.text, message);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/file, read");
	TCase *tc = tcase_create("read");

	tcase_add_checked_fixture(tc, make, scratch_remove);
	tcase_set_timeout(tc, 60);	/* 256 MiB under valgrind */
	tcase_add_test(tc, reads_what_was_written);
	tcase_add_test(tc, reads_files_of_any_length);
	tcase_add_test(tc, reads_standard_input);
	tcase_add_test(tc, names_standard_input_in_a_failure);
	tcase_add_test(tc, says_why_a_file_cannot_be_read);
	tcase_add_test(tc, refuses_a_file_with_a_nul);
	tcase_add_test(tc, refuses_more_than_256_mib);
	tcase_add_test(tc, reads_as_much_as_it_is_told);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
