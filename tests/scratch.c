/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "base/file.h"

char scratch_dir[SCRATCH_PATH / 2];
static char tmp_before[SCRATCH_PATH];	/* $TMPDIR, empty if there is none */

void scratch_make(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(scratch_dir, sizeof scratch_dir, "%s/kvplan-test-XXXXXX",
		 tmp && tmp[0] ? tmp : "/tmp");
	snprintf(tmp_before, sizeof tmp_before, "%s", tmp ? tmp : "");
	ck_assert_ptr_nonnull(mkdtemp(scratch_dir));
	ck_assert_int_eq(setenv("TMPDIR", scratch_dir, 1), 0);
}

static void remove_all(const char *path)
{
	char below[2 * SCRATCH_PATH];
	struct dirent *e;
	DIR *open;

	if (remove(path) == 0)
		return;
	open = opendir(path);	/* a folder that is not empty */
	ck_assert_ptr_nonnull(open);
	while ((e = readdir(open)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof below, "%s/%s", path, e->d_name);
		remove_all(below);
	}
	closedir(open);
	ck_assert_int_eq(rmdir(path), 0);
}

void scratch_remove(void)
{
	if (tmp_before[0] != '\0')
		setenv("TMPDIR", tmp_before, 1);
	else
		unsetenv("TMPDIR");
	remove_all(scratch_dir);
}

const char *scratch_path(const char *name)
{
	static char path[SCRATCH_PATH];

	snprintf(path, sizeof path, "%s/%s", scratch_dir, name);
	return path;
}

size_t scratch_entries(void)
{
	DIR *open = opendir(scratch_dir);
	struct dirent *e;
	size_t n = 0;

	ck_assert_ptr_nonnull(open);
	while ((e = readdir(open)) != NULL)
		n += strcmp(e->d_name, ".") != 0 &&
		     strcmp(e->d_name, "..") != 0;
	closedir(open);
	return n;
}

void scratch_put(const char *name, const char *bytes, size_t n)
{
	FILE *f = fopen(scratch_path(name), "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

void scratch_put_text(const char *name, const char *text)
{
	scratch_put(name, text, strlen(text));
}

void scratch_fill(const char *const *folders, size_t nfolders,
		  const char *const *files, size_t nfiles)
{
	for (size_t i = 0; i < nfolders; i++)
		ck_assert_int_eq(mkdir(scratch_path(folders[i]), 0700), 0);
	for (size_t i = 0; i < nfiles; i++)
		scratch_put_text(files[i], files[i]);
}

void scratch_check(const char *name, const char *expected)
{
	struct diag d = { "" };
	char *text;
	enum status s = file_read(scratch_path(name), &text, &d);

	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	ck_assert_str_eq(text, expected);
	free(text);
}

int scratch_redirect(int to, const char *path, int flags)
{
	int saved = dup(to), fd = open(path, flags | O_CREAT, 0600);

	fflush(NULL);
	ck_assert_int_ge(saved, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(dup2(fd, to), 0);
	close(fd);
	return saved;
}

void scratch_restore(int to, int saved)
{
	dup2(saved, to);
	close(saved);
	clearerr(to == STDIN_FILENO ? stdin : stdout);
}
