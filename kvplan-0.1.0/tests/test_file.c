/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/harness.h"

enum { SIZE = 512, LIMIT_BYTES = 256 << 20 };

static char dir[SIZE / 2];	/* a fresh folder for each test */
static struct diag d;

static const char *in_dir(const char *name)
{
	static char path[SIZE];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static void make_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof dir, "%s/kvplan-file-XXXXXX",
		 tmp && tmp[0] ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	d = (struct diag){ "untouched" };
}

/* Files in the folder; also unlinked on demand. */
static size_t entries(int also_unlink)
{
	DIR *open = opendir(dir);
	struct dirent *e;
	size_t n = 0;

	ck_assert_ptr_nonnull(open);
	while ((e = readdir(open)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		n++;
		if (also_unlink)
			remove(in_dir(e->d_name));
	}
	closedir(open);
	return n;
}

static void remove_dir(void)
{
	entries(1);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void put(const char *name, const char *bytes, size_t n)
{
	FILE *f = fopen(in_dir(name), "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

static void check_text(const char *name, const char *expected)
{
	char *text;

	ck_assert_int_eq(file_read(in_dir(name), &text, &d), STATUS_OK);
	ck_assert_str_eq(text, expected);
	free(text);
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
	put("a", "2.385\n\xc2\xb5s\r\n", 11);
	check_text("a", "2.385\n\xc2\xb5s\r\n");
	put("empty", "", 0);
	check_text("empty", "");
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
			put("a", bytes, n);
			ck_assert_int_eq(file_read(in_dir("a"), &text, &d),
					 STATUS_OK);
			ck_assert_uint_eq(strlen(text), n);
			ck_assert_mem_eq(text, bytes, n);
			free(text);
			free(bytes);
		}
	ck_assert_uint_eq(checked, 6 * 5);
}
END_TEST

/* Let standard input be the file `name`; returns what it was. */
static int redirect_stdin(const char *name)
{
	int saved = dup(STDIN_FILENO), fd = open(in_dir(name), O_RDONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(dup2(fd, STDIN_FILENO), 0);
	close(fd);
	return saved;
}

static void restore_stdin(int saved)
{
	dup2(saved, STDIN_FILENO);
	close(saved);
	clearerr(stdin);
}

START_TEST(reads_standard_input)
{
	enum status s;
	char *text;
	int saved;

	put("a", "{\"x\": 2.385}\n", 13);
	saved = redirect_stdin("a");
	s = file_read("-", &text, &d);
	restore_stdin(saved);
	ck_assert_int_eq(s, STATUS_OK);
	ck_assert_str_eq(text, "{\"x\": 2.385}\n");
	free(text);
}
END_TEST

START_TEST(names_standard_input_in_a_failure)
{
	int saved;

	put("nul", "2.385\0x", 7);
	saved = redirect_stdin("nul");
	check_not_read("-", "standard input: not a text file");
	restore_stdin(saved);
}
END_TEST

START_TEST(says_why_a_file_cannot_be_read)
{
	char message[2 * SIZE];

	check_not_read("/nonexistent/model.json",
		       "/nonexistent/model.json: No such file or directory");
	snprintf(message, sizeof message, "%s: Is a directory", dir);
	check_not_read(dir, message);
	put("a", "x", 1);
	snprintf(message, sizeof message, "%s/a/b: Not a directory", dir);
	check_not_read(in_dir("a/b"), message);
}
END_TEST

START_TEST(refuses_a_file_with_a_nul)
{
	char message[2 * SIZE];

	put("nul", "2.385\0more", 10);
	snprintf(message, sizeof message, "%s/nul: not a text file", dir);
	check_not_read(in_dir("nul"), message);
	put("nul", "2.385\0", 6);	/* at the very end, too */
	check_not_read(in_dir("nul"), message);
}
END_TEST

START_TEST(refuses_more_than_256_mib)
{
	char message[2 * SIZE];

	put("big", "x", 1);
	/* sparse: takes no room on the disk; its holes read as NUL */
	ck_assert_int_eq(truncate(in_dir("big"), LIMIT_BYTES), 0);
	snprintf(message, sizeof message, "%s/big: not a text file", dir);
	check_not_read(in_dir("big"), message);
	ck_assert_int_eq(truncate(in_dir("big"), LIMIT_BYTES + 1), 0);
	snprintf(message, sizeof message, "%s/big: larger than 256 MiB",
		 dir);
	check_not_read(in_dir("big"), message);
}
END_TEST

START_TEST(reads_as_much_as_it_is_told)
{
	char message[2 * SIZE], *text;

	put("two", "x", 1);
	ck_assert_int_eq(truncate(in_dir("two"), (1 << 20) + 1), 0);
	snprintf(message, sizeof message, "%s/two: larger than 1 MiB", dir);
	ck_assert_int_eq(file_read_large(in_dir("two"), 1, &text, &d),
			 STATUS_IO);
	ck_assert_str_eq(d.text, message);
}
END_TEST

START_TEST(a_file_appears_when_it_is_committed)
{
	struct file_writer w;

	ck_assert_int_eq(file_create(in_dir("plan"), &w, &d), STATUS_OK);
	ck_assert_str_eq(w.path, in_dir("plan"));
	fputs("l = 182", w.stream);
	fflush(w.stream);
	ck_assert_int_ne(access(in_dir("plan"), F_OK), 0);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	check_text("plan", "l = 182");
	ck_assert_uint_eq(entries(0), 1);	/* nothing beside it */
	file_abandon(&w);			/* a no-op by now */
	check_text("plan", "l = 182");
}
END_TEST

START_TEST(a_file_is_replaced_whole)
{
	struct file_writer w;

	put("plan", "the old plan, longer than the new", 33);
	ck_assert_int_eq(file_create(in_dir("plan"), &w, &d), STATUS_OK);
	fputs("l = 102", w.stream);
	fflush(w.stream);
	check_text("plan", "the old plan, longer than the new");
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	check_text("plan", "l = 102");
	ck_assert_uint_eq(entries(0), 1);
}
END_TEST

START_TEST(abandon_leaves_no_trace)
{
	struct file_writer w;

	put("plan", "old", 3);
	ck_assert_int_eq(file_create(in_dir("plan"), &w, &d), STATUS_OK);
	fputs("half of", w.stream);
	file_abandon(&w);
	check_text("plan", "old");
	file_abandon(&w);	/* twice is once */
	ck_assert_int_eq(file_create(in_dir("new"), &w, &d), STATUS_OK);
	fputs("half of", w.stream);
	file_abandon(&w);
	ck_assert_int_ne(access(in_dir("new"), F_OK), 0);
	ck_assert_uint_eq(entries(0), 1);
}
END_TEST

START_TEST(a_symlink_is_written_through)
{
	struct file_writer w;
	struct stat st;

	put("target", "old", 3);
	ck_assert_int_eq(symlink("target", in_dir("link")), 0);
	ck_assert_int_eq(file_create(in_dir("link"), &w, &d), STATUS_OK);
	fputs("half of", w.stream);
	fflush(w.stream);
	check_text("target", "old");	/* whole or not at all here too */
	file_abandon(&w);
	check_text("target", "old");
	ck_assert_int_eq(file_create(in_dir("link"), &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	ck_assert_int_eq(lstat(in_dir("link"), &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	check_text("target", "2.385");
	ck_assert_uint_eq(entries(0), 2);
}
END_TEST

START_TEST(a_replaced_file_keeps_its_mode)
{
	struct file_writer w;
	struct stat st;

	put("private", "old", 3);
	ck_assert_int_eq(chmod(in_dir("private"), 0640), 0);
	ck_assert_int_eq(file_create(in_dir("private"), &w, &d), STATUS_OK);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	ck_assert_int_eq(stat(in_dir("private"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640);
}
END_TEST

START_TEST(a_signal_handler_can_remove_what_is_pending)
{
	struct file_writer w;

	file_remove_pending();		/* nothing is */
	ck_assert_int_eq(file_create(in_dir("plan"), &w, &d), STATUS_OK);
	ck_assert_uint_eq(entries(0), 1);
	file_remove_pending();
	ck_assert_uint_eq(entries(0), 0);
	file_abandon(&w);
	put("other", "2.385", 5);
	ck_assert_int_eq(file_create(in_dir("plan"), &w, &d), STATUS_OK);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	file_remove_pending();		/* what is whole stays */
	ck_assert_uint_eq(entries(0), 2);
}
END_TEST

START_TEST(a_long_name_needs_no_longer_one)
{
	struct file_writer w;
	char name[251];

	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	ck_assert_int_eq(file_create(in_dir(name), &w, &d), STATUS_OK);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	ck_assert_uint_eq(entries(0), 1);
}
END_TEST

START_TEST(a_pipe_is_written_directly)
{
	char got[16] = "";
	struct file_writer w;
	struct stat st;
	int fd;

	ck_assert_int_eq(mkfifo(in_dir("pipe"), 0600), 0);
	fd = open(in_dir("pipe"), O_RDWR);	/* a writer need not wait */
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(file_create(in_dir("pipe"), &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	ck_assert_int_eq((int)read(fd, got, sizeof got - 1), 5);
	ck_assert_str_eq(got, "2.385");
	close(fd);
	ck_assert_int_eq(lstat(in_dir("pipe"), &st), 0);
	ck_assert(S_ISFIFO(st.st_mode));
	ck_assert_uint_eq(entries(0), 1);
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
	int saved = dup(STDOUT_FILENO), fd;
	struct file_writer w;

	fflush(stdout);
	put("out", "", 0);
	fd = open(in_dir("out"), O_WRONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(dup2(fd, STDOUT_FILENO), 0);
	close(fd);
	ck_assert_int_eq(file_create("-", &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_OK);
	ck_assert_int_eq(file_create("-", &w, &d), STATUS_OK);
	file_abandon(&w);
	ck_assert_int_ge(printf(", 17"), 0);
	ck_assert_int_eq(fflush(stdout), 0);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	check_text("out", "2.385, 17");
}
END_TEST

START_TEST(standard_output_that_is_full_is_a_failure)
{
	int saved = dup(STDOUT_FILENO), fd = open("/dev/full", O_WRONLY);
	struct file_writer w;
	enum status s;

	if (fd < 0) {
		close(saved);
		return;
	}
	fflush(stdout);
	ck_assert_int_ge(dup2(fd, STDOUT_FILENO), 0);
	close(fd);
	ck_assert_int_eq(file_create("-", &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	s = file_commit(&w, &d);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	clearerr(stdout);
	ck_assert_int_eq(s, STATUS_IO);
	ck_assert_str_eq(d.text,
			 "standard output: No space left on device");
}
END_TEST

static void check_not_created(const char *path, const char *message)
{
	struct file_writer w = { .path = dir };

	ck_assert_int_eq(file_create(path, &w, &d), STATUS_IO);
	ck_assert_str_eq(d.text, message);
	ck_assert_ptr_eq(w.path, dir);
	ck_assert_ptr_null(w.stream);
	ck_assert_ptr_null(w.temporary);
}

START_TEST(says_why_a_file_cannot_be_created)
{
	char message[2 * SIZE];

	snprintf(message, sizeof message,
		 "%s/none/plan: No such file or directory", dir);
	check_not_created(in_dir("none/plan"), message);
	snprintf(message, sizeof message, "%s: Is a directory", dir);
	check_not_created(dir, message);
	put("a", "x", 1);
	snprintf(message, sizeof message, "%s/a/plan: Not a directory", dir);
	check_not_created(in_dir("a/plan"), message);
	ck_assert_uint_eq(entries(0), 1);
}
END_TEST

START_TEST(a_folder_without_permission_is_named)
{
	char message[2 * SIZE];

	if (geteuid() == 0)
		return;		/* root may write anywhere */
	put("plan", "old", 3);
	ck_assert_int_eq(chmod(dir, 0500), 0);
	snprintf(message, sizeof message, "%s/plan: Permission denied", dir);
	check_not_created(in_dir("plan"), message);
	ck_assert_int_eq(chmod(dir, 0700), 0);
	check_text("plan", "old");
}
END_TEST

/* The place is taken by a folder between file_create() and file_commit(). */
START_TEST(a_place_that_was_lost_is_a_failure)
{
	char message[2 * SIZE];
	struct file_writer w;

	ck_assert_int_eq(file_create(in_dir("plan"), &w, &d), STATUS_OK);
	fputs("2.385", w.stream);
	ck_assert_int_eq(mkdir(in_dir("plan"), 0700), 0);
	ck_assert_int_eq(file_commit(&w, &d), STATUS_IO);
	snprintf(message, sizeof message, "%s/plan: Is a directory", dir);
	ck_assert_str_eq(d.text, message);
	file_abandon(&w);
	ck_assert_uint_eq(entries(0), 1);	/* the folder alone */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/file");
	TCase *read = tcase_create("read"), *write = tcase_create("write");

	tcase_add_checked_fixture(read, make_dir, remove_dir);
	tcase_set_timeout(read, 60);	/* 256 MiB under valgrind */
	tcase_add_test(read, reads_what_was_written);
	tcase_add_test(read, reads_files_of_any_length);
	tcase_add_test(read, reads_standard_input);
	tcase_add_test(read, names_standard_input_in_a_failure);
	tcase_add_test(read, says_why_a_file_cannot_be_read);
	tcase_add_test(read, refuses_a_file_with_a_nul);
	tcase_add_test(read, refuses_more_than_256_mib);
	tcase_add_test(read, reads_as_much_as_it_is_told);
	suite_add_tcase(s, read);
	tcase_add_checked_fixture(write, make_dir, remove_dir);
	tcase_add_test(write, a_file_appears_when_it_is_committed);
	tcase_add_test(write, a_file_is_replaced_whole);
	tcase_add_test(write, abandon_leaves_no_trace);
	tcase_add_test(write, a_symlink_is_written_through);
	tcase_add_test(write, a_replaced_file_keeps_its_mode);
	tcase_add_test(write, a_signal_handler_can_remove_what_is_pending);
	tcase_add_test(write, a_long_name_needs_no_longer_one);
	tcase_add_test(write, a_pipe_is_written_directly);
	tcase_add_test(write, a_device_survives);
	tcase_add_test(write, a_full_device_is_a_failure);
	tcase_add_test(write, standard_output_is_written_and_stays_open);
	tcase_add_test(write, standard_output_that_is_full_is_a_failure);
	tcase_add_test(write, says_why_a_file_cannot_be_created);
	tcase_add_test(write, a_folder_without_permission_is_named);
	tcase_add_test(write, a_place_that_was_lost_is_a_failure);
	suite_add_tcase(s, write);
	return harness_run(s);
}
