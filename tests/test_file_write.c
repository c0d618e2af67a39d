/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written appears whole or not at all. */
#include "base/file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/harness.h"
#include "tests/scratch.h"

static struct diag d;

static void make(void)
{
	scratch_make();
	d = (struct diag){ "untouched" };
}

START_TEST(a_file_appears_when_it_is_committed)
{
	struct file_writer w;

	ck_assert_int_eq(file_create(scratch_path("plan"), &w, &d), STATUS_OK);
	ck_assert_str_eq(w.path, scratch_path("plan"));
	fputs("l = 182", w.stream);
	fflush(w.stream);
	ck_assert_int_ne(access(scratch_path("plan"), F_OK), 0);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	scratch_check("plan", "l = 182");
	ck_assert_uint_eq(scratch_entries(), 1);	/* nothing beside it */
	file_abandon(&w);			/* a no-op by now */
	scratch_check("plan", "l = 182");
}
END_TEST

START_TEST(a_file_is_replaced_whole)
{
	struct file_writer w;

	scratch_put_text("plan", "the old plan, longer than the new");
	ck_assert_int_eq(file_create(scratch_path("plan"), &w, &d), STATUS_OK);
	fputs("l = 102", w.stream);
	fflush(w.stream);
	scratch_check("plan", "the old plan, longer than the new");
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	scratch_check("plan", "l = 102");
	ck_assert_uint_eq(scratch_entries(), 1);
}
END_TEST

START_TEST(abandon_leaves_no_trace)
{
	struct file_writer w;

	scratch_put_text("plan", "old");
	ck_assert_int_eq(file_create(scratch_path("plan"), &w, &d), STATUS_OK);
	fputs("half of", w.stream);
	file_abandon(&w);
	scratch_check("plan", "old");
	file_abandon(&w);	/* twice is once */
	ck_assert_int_eq(file_create(scratch_path("new"), &w, &d), STATUS_OK);
	fputs("half of", w.stream);
	file_abandon(&w);
	ck_assert_int_ne(access(scratch_path("new"), F_OK), 0);
	ck_assert_uint_eq(scratch_entries(), 1);
}
END_TEST

START_TEST(a_symlink_is_written_through)
{
	struct file_writer w;
	struct stat st;

	scratch_put_text("target", "old");
	ck_assert_int_eq(symlink("target", scratch_path("link")), 0);
	ck_assert_int_eq(file_create(scratch_path("link"), &w, &d), STATUS_OK);
	fputs("half of", w.stream);
	fflush(w.stream);
	scratch_check("target", "old");	/* whole or not at all here too */
	file_abandon(&w);
	scratch_check("target", "old");
	ck_assert_int_eq(file_create(scratch_path("link"), &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	ck_assert_int_eq(lstat(scratch_path("link"), &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	scratch_check("target", "2.385");
	ck_assert_uint_eq(scratch_entries(), 2);
}
END_TEST

START_TEST(a_replaced_file_keeps_its_mode)
{
	struct file_writer w;
	struct stat st;

	scratch_put_text("private", "old");
	ck_assert_int_eq(chmod(scratch_path("private"), 0640), 0);
	ck_assert_int_eq(file_create(scratch_path("private"), &w, &d),
			 STATUS_OK);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	ck_assert_int_eq(stat(scratch_path("private"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640);
}
END_TEST

START_TEST(a_signal_handler_can_remove_what_is_pending)
{
	struct file_writer w;

	file_remove_pending();		/* nothing is */
	ck_assert_int_eq(file_create(scratch_path("plan"), &w, &d), STATUS_OK);
	ck_assert_uint_eq(scratch_entries(), 1);
	file_remove_pending();
	ck_assert_uint_eq(scratch_entries(), 0);
	file_abandon(&w);
	scratch_put_text("other", "2.385");
	ck_assert_int_eq(file_create(scratch_path("plan"), &w, &d), STATUS_OK);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	file_remove_pending();		/* what is whole stays */
	ck_assert_uint_eq(scratch_entries(), 2);
}
END_TEST

START_TEST(a_long_name_needs_no_longer_one)
{
	struct file_writer w;
	char name[251];

	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	ck_assert_int_eq(file_create(scratch_path(name), &w, &d), STATUS_OK);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	ck_assert_uint_eq(scratch_entries(), 1);
}
END_TEST

START_TEST(a_pipe_is_written_directly)
{
	char got[16] = "";
	struct file_writer w;
	struct stat st;
	int fd;

	ck_assert_int_eq(mkfifo(scratch_path("pipe"), 0600), 0);
	fd = open(scratch_path("pipe"), O_RDWR); /* a writer need not wait */
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(file_create(scratch_path("pipe"), &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	ck_assert_int_eq((int)read(fd, got, sizeof got - 1), 5);
	ck_assert_str_eq(got, "2.385");
	close(fd);
	ck_assert_int_eq(lstat(scratch_path("pipe"), &st), 0);
	ck_assert(S_ISFIFO(st.st_mode));
	ck_assert_uint_eq(scratch_entries(), 1);
}
END_TEST

START_TEST(a_device_survives)
{
	struct file_writer w;
	struct stat st;

	ck_assert_int_eq(file_create("/dev/null", &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	ck_assert_int_eq(file_create("/dev/null", &w, &d), STATUS_OK);
	file_abandon(&w);
	ck_assert_int_eq(lstat("/dev/null", &st), 0);
	ck_assert(S_ISCHR(st.st_mode));
}
END_TEST

START_TEST(a_full_device_is_a_failure)
{
	struct file_writer w;

	if (access("/dev/full", W_OK) != 0)
		return;		/* of Linux and some others */
	ck_assert_int_eq(file_create("/dev/full", &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_IO);
	ck_assert_str_eq(d.text, "/dev/full: No space left on device");
	file_abandon(&w);
	/* a write that failed long before counts as well */
	ck_assert_int_eq(file_create("/dev/full", &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	ck_assert_int_ne(fflush(w.stream), 0);
	d = (struct diag){ "untouched" };
	ck_assert_int_eq(file_commit(&w, &d), STATUS_IO);
	ck_assert_int_eq(strncmp(d.text, "/dev/full: ", 11), 0);
}
END_TEST

START_TEST(standard_output_is_written_and_stays_open)
{
	int saved = scratch_redirect(STDOUT_FILENO, scratch_path("out"),
				     O_WRONLY);
	struct file_writer w;

	ck_assert_int_eq(file_create("-", &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	ck_assert_int_eq(file_create("-", &w, &d), STATUS_OK);
	file_abandon(&w);
	ck_assert_int_ge(printf(", 17"), 0);
	ck_assert_int_eq(fflush(stdout), 0);
	scratch_restore(STDOUT_FILENO, saved);
	scratch_check("out", "2.385, 17");
}
END_TEST

START_TEST(standard_output_that_is_full_is_a_failure)
{
	struct file_writer w;
	enum status s;
	int saved;

	if (access("/dev/full", W_OK) != 0)
		return;		/* of Linux and some others */
	saved = scratch_redirect(STDOUT_FILENO, "/dev/full", O_WRONLY);
	ck_assert_int_eq(file_create("-", &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	s = file_commit(&w, &d);
	scratch_restore(STDOUT_FILENO, saved);
	ck_assert_int_eq(s, STATUS_IO);
	ck_assert_str_eq(d.text,
			 "standard output: No space left on device");
}
END_TEST

static void check_not_created(const char *path, const char *message)
{
	struct file_writer w = { .path = scratch_dir };

	ck_assert_int_eq(file_create(path, &w, &d), STATUS_IO);
	ck_assert_str_eq(d.text, message);
	ck_assert_ptr_eq(w.path, scratch_dir);
	ck_assert_ptr_null(w.stream);
	ck_assert_ptr_null(w.temporary);
}

START_TEST(says_why_a_file_cannot_be_created)
{
	char message[SCRATCH_MESSAGE];

	snprintf(message, sizeof message,
		 "%s/none/plan: No such file or directory", scratch_dir);
	check_not_created(scratch_path("none/plan"), message);
	snprintf(message, sizeof message, "%s: Is a directory", scratch_dir);
	check_not_created(scratch_dir, message);
	scratch_put_text("a", "x");
	snprintf(message, sizeof message, "%s/a/plan: Not a directory",
		 scratch_dir);
	check_not_created(scratch_path("a/plan"), message);
	ck_assert_uint_eq(scratch_entries(), 1);
}
END_TEST

START_TEST(a_folder_without_permission_is_named)
{
	char message[SCRATCH_MESSAGE];

	if (geteuid() == 0)
		return;		/* root may write anywhere */
	scratch_put_text("plan", "old");
	ck_assert_int_eq(chmod(scratch_dir, 0500), 0);
	snprintf(message, sizeof message, "%s/plan: Permission denied",
		 scratch_dir);
	check_not_created(scratch_path("plan"), message);
	ck_assert_int_eq(chmod(scratch_dir, 0700), 0);
	scratch_check("plan", "old");
}
END_TEST

/* The place is taken by a folder between file_create() and file_commit(). */
START_TEST(a_place_that_was_lost_is_a_failure)
{
	char message[SCRATCH_MESSAGE];
	struct file_writer w;

	ck_assert_int_eq(file_create(scratch_path("plan"), &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	ck_assert_int_eq(mkdir(scratch_path("plan"), 0700), 0);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_IO);
	snprintf(message, sizeof message, "%s/plan: Is a directory",
		 scratch_dir);
	ck_assert_str_eq(d.text, message);
	file_abandon(&w);
	ck_assert_uint_eq(scratch_entries(), 1);	/* the folder alone */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/file, write");
	TCase *tc = tcase_create("write");

	tcase_add_checked_fixture(tc, make, scratch_remove);
	tcase_add_test(tc, a_file_appears_when_it_is_committed);
	tcase_add_test(tc, a_file_is_replaced_whole);
	tcase_add_test(tc, abandon_leaves_no_trace);
	tcase_add_test(tc, a_symlink_is_written_through);
	tcase_add_test(tc, a_replaced_file_keeps_its_mode);
	tcase_add_test(tc, a_signal_handler_can_remove_what_is_pending);
	tcase_add_test(tc, a_long_name_needs_no_longer_one);
	tcase_add_test(tc, a_pipe_is_written_directly);
	tcase_add_test(tc, a_device_survives);
	tcase_add_test(tc, a_full_device_is_a_failure);
	tcase_add_test(tc, standard_output_is_written_and_stays_open);
	tcase_add_test(tc, standard_output_that_is_full_is_a_failure);
	tcase_add_test(tc, says_why_a_file_cannot_be_created);
	tcase_add_test(tc, a_folder_without_permission_is_named);
	tcase_add_test(tc, a_place_that_was_lost_is_a_failure);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
