/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/claim.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/harness.h"

static char dir[32], path[96], again[96], link_path[96], other[96];
static struct diag d;

static void write_file(const char *name)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	fputs("2.385", f);
	ck_assert_int_eq(fclose(f), 0);
}

static void make_files(void)
{
	snprintf(dir, sizeof dir, "test_claim-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/a", dir);
	snprintf(again, sizeof again, "%s/../%s/a", dir, dir);
	snprintf(link_path, sizeof link_path, "%s/link", dir);
	snprintf(other, sizeof other, "%s/other", dir);
	write_file(path);
	write_file(other);
	ck_assert_int_eq(symlink("a", link_path), 0);
}

static void remove_files(void)
{
	claim_end();
	remove(path);
	remove(link_path);
	remove(other);
	remove(dir);
}

static void check_refused(const char *name)
{
	char expected[200];
	struct file_writer w;

	ck_assert_int_eq(file_create(name, &w, &d), STATUS_USAGE);
	snprintf(expected, sizeof expected, "%s: found a file that this "
		 "command reads or has just written, expected another name",
		 name);
	ck_assert_str_eq(d.text, expected);
}

static void check_created(const char *name)
{
	struct file_writer w;

	ck_assert_msg(file_create(name, &w, &d) == STATUS_OK, "%s", d.text);
	fputs("8.81", w.stream);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
}

static void read_file(const char *name)
{
	char *text;

	ck_assert_int_eq(file_read(name, &text, &d), STATUS_OK);
	free(text);
}

START_TEST(keeps_what_was_read)
{
	claim_begin();
	read_file(link_path);
	check_refused(path);
	check_refused(again);
	check_refused(link_path);
	check_created(other);
	read_file(path);
}
END_TEST

START_TEST(keeps_what_was_written)
{
	claim_begin();
	check_created(again);
	check_refused(path);
	remove(other);
	check_created(other);		/* new */
	check_refused(other);
}
END_TEST

START_TEST(does_nothing_unless_begun)
{
	read_file(path);
	check_created(path);
	claim_begin();
	read_file(path);
	claim_end();
	check_created(path);
}
END_TEST

/* Devices and pipes hold nothing that could be lost. */
START_TEST(lets_devices_be)
{
	claim_begin();
	read_file("/dev/null");
	check_created("/dev/null");
	check_created("/dev/null");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/claim");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, make_files, remove_files);
	tcase_add_test(tc, keeps_what_was_read);
	tcase_add_test(tc, keeps_what_was_written);
	tcase_add_test(tc, does_nothing_unless_begun);
	tcase_add_test(tc, lets_devices_be);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
