/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures that cannot be drawn: the reason, and nothing left behind. */
#include "plots/gnuplot.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/harness.h"
#include "tests/scratch.h"

static struct diag d;

static const char titles[] = "TITLE = 'OPT-6.7B'\nSUBTITLE = '2.385'\n";

/* As plots/split.gp expects. */
static const char whole[] =
	"TITLE = ''\nSUBTITLE = ''\n"
	"$curve << EOD\n0 31.25 30.5\n17 27.5 26.75\nEOD\n"
	"OPT_SPLIT = 17\nOPT_MS = 27.5\nLIMIT = 17\n"
	"array RGB[3] = [1, 2, 3]\narray DASH[3] = [1, 2, 3]\n"
	"array MARK[3] = [5, 5, 5]\n";

static void make(void)
{
	scratch_make();
	d = (struct diag){ "untouched" };
}

static enum status draw(const char *script, const char *data,
			const char *name, const char *format)
{
	return gnuplot_draw(script, data, scratch_path(name), format, &d);
}

static void check_failure(enum status found, enum status expected,
			  const char *message)
{
	ck_assert_int_eq(found, expected);
	ck_assert_str_eq(d.text, message);
	ck_assert_uint_eq(scratch_entries(), 0);
}

START_TEST(an_unknown_format_is_a_usage_error)
{
	char message[SCRATCH_MESSAGE];
	const char *path = scratch_path("a.gif");

	check_failure(gnuplot_draw("split", whole, "a.png", "gif", &d),
		      STATUS_USAGE,
		      "format: found 'gif', expected png, svg or pdf");
	check_failure(gnuplot_draw("split", whole, "a.png", "PNG", &d),
		      STATUS_USAGE,
		      "format: found 'PNG', expected png, svg or pdf");
	snprintf(message, sizeof message, "%s: expected a name that ends in "
		 ".png, .svg or .pdf", path);
	check_failure(gnuplot_draw("split", whole, path, NULL, &d),
		      STATUS_USAGE, message);
	check_failure(gnuplot_draw("split", whole, "-", NULL, &d),
		      STATUS_USAGE, "-: expected a name that ends in .png, "
		      ".svg or .pdf");
	check_failure(gnuplot_draw("split", whole, "a.png/b", NULL,
				   &d), STATUS_USAGE,
		      "a.png/b: expected a name that ends in .png, .svg or "
		      ".pdf");
}
END_TEST

START_TEST(missing_variables_are_named)
{
	const char *path = scratch_path("a.png");
	char data[SCRATCH_PATH];

	check_failure(gnuplot_draw("split", "", path, NULL, &d), STATUS_IO,
		      "gnuplot failed: kvplan plot: FORMAT, TITLE "
		      "and SUBTITLE must be set");
	check_failure(gnuplot_draw("split", titles, path, NULL, &d),
		      STATUS_IO, "gnuplot failed: kvplan plot: OPT_SPLIT, "
		      "OPT_MS and LIMIT must be set");
	check_failure(gnuplot_draw("gantt", titles, path, NULL, &d),
		      STATUS_IO, "gnuplot failed: kvplan plot: NROWS, T0 and "
		      "T1 must be set");
	snprintf(data, sizeof data, "%sNROWS = 2\nT0 = 2.385\nT1 = 2.385\n",
		 titles);
	check_failure(gnuplot_draw("gantt", data, path, NULL, &d),
		      STATUS_IO,
		      "gnuplot failed: kvplan plot: T1 must be later than T0");
}
END_TEST

/* Its message is gnuplot's own, which differs by version. */
START_TEST(broken_data_are_a_failure)
{
	static const char *const broken[] = {
		"this is not gnuplot\n",
		"$curve << EOD\n0 31.25 30.5\n",	/* no end */
		"$curve << EOD\nx y z\nEOD\n",
	};
	size_t provoked = 0;

	for (size_t i = 0; i < 3; i++, provoked++) {
		char data[SCRATCH_MESSAGE];

		snprintf(data, sizeof data,
			 "%sOPT_SPLIT = 17\nOPT_MS = 2.385\nLIMIT = 128\n%s",
			 titles, broken[i]);
		d = (struct diag){ "untouched" };
		ck_assert_int_eq(draw("split", data, "a.svg", NULL),
				 STATUS_IO);
		ck_assert_int_eq(strncmp(d.text, "gnuplot failed: ", 16), 0);
		ck_assert_uint_gt(strlen(d.text), 20);
		ck_assert_uint_eq(scratch_entries(), 0);
	}
	ck_assert_uint_eq(provoked, 3);
}
END_TEST

START_TEST(a_failure_leaves_the_old_picture)
{
	scratch_put_text("a.svg", "the old picture");
	ck_assert_int_eq(draw("split", titles, "a.svg", NULL), STATUS_IO);
	scratch_check("a.svg", "the old picture");
	ck_assert_uint_eq(scratch_entries(), 1);
}
END_TEST

START_TEST(without_gnuplot_it_says_how_to_get_it)
{
	char *path = strdup(getenv("PATH"));
	enum status s;

	ck_assert_int_eq(setenv("PATH", scratch_dir, 1), 0);
	s = draw("split", whole, "a.png", NULL);
	setenv("PATH", path, 1);
	free(path);
	check_failure(s, STATUS_IO,
		      "gnuplot cannot be run (No such file or directory): "
		      "install it (Debian: gnuplot-nox)");
}
END_TEST

/* Draw with the shell commands `commands` in gnuplot's place. */
static enum status draw_with(const char *commands)
{
	char *path = strdup(getenv("PATH")), with_dir[4096];
	char script[SCRATCH_PATH];
	enum status s;

	snprintf(script, sizeof script, "#!/bin/sh\ncat >/dev/null\n%s\n",
		 commands);
	scratch_put_text("gnuplot", script);
	ck_assert_int_eq(chmod(scratch_path("gnuplot"), 0700), 0);
	snprintf(with_dir, sizeof with_dir, "%s:%s", scratch_dir, path);
	ck_assert_int_eq(setenv("PATH", with_dir, 1), 0);
	s = draw("split", whole, "a.png", NULL);
	setenv("PATH", path, 1);
	free(path);
	ck_assert_int_eq(remove(scratch_path("gnuplot")), 0);
	return s;
}

START_TEST(its_first_message_is_told)
{
	check_failure(draw_with("echo 'line 17: no such thing' >&2\n"
				"echo 'and more' >&2\nexit 3"),
		      STATUS_IO, "gnuplot failed: line 17: no such thing");
	/* the locale, and a line with a mark at the column, say nothing */
	check_failure(draw_with("echo 'gnuplot: warning: locale' >&2\n"
				"echo >&2\necho '    ^' >&2\n"
				"echo 'line 17: no such thing' >&2\nexit 1"),
		      STATUS_IO, "gnuplot failed: line 17: no such thing");
	check_failure(draw_with("exit 1"), STATUS_IO,
		      "gnuplot failed: no message");
	check_failure(draw_with("kill -9 $$"), STATUS_IO,
		      "gnuplot failed: no message");
	/* it ends well, and there is no picture */
	check_failure(draw_with("exit 0"), STATUS_IO,
		      "gnuplot failed: no message, and no picture");
}
END_TEST

/* gnuplot itself does not notice: it ends with status 0. */
START_TEST(a_picture_that_cannot_be_written_is_a_failure)
{
	if (access("/dev/full", W_OK) != 0)
		return;		/* of Linux and some others */
	check_failure(gnuplot_draw("split", whole, "/dev/full", "png",
				   &d), STATUS_IO,
		      "/dev/full: No space left on device");
}
END_TEST

START_TEST(an_unknown_script_is_named)
{
	check_failure(draw("nonesuch", whole, "a.png", NULL), STATUS_IO,
		      "plots/nonesuch.gp: not among kvplan's files");
}
END_TEST

START_TEST(a_place_that_is_not_there_is_named)
{
	char message[SCRATCH_MESSAGE];

	snprintf(message, sizeof message,
		 "%s/none/a.png: No such file or directory", scratch_dir);
	check_failure(draw("split", whole, "none/a.png", NULL), STATUS_IO,
		      message);
}
END_TEST

/* One more file may be opened: the picture's, and no temporary one. */
START_TEST(a_temporary_file_that_fails_is_a_failure)
{
	struct rlimit limit, all;
	int next = dup(STDIN_FILENO);
	enum status s;

	ck_assert_int_ge(next, 0);
	close(next);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
	limit = all;
	limit.rlim_cur = (rlim_t)next + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	s = draw("split", whole, "a.png", NULL);
	setrlimit(RLIMIT_NOFILE, &all);
	check_failure(s, STATUS_IO, "temporary file: Too many open files");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plots/gnuplot, failures");
	TCase *tc = tcase_create("fail");

	if (!harness_finds("gnuplot"))
		return HARNESS_SKIPPED;
	tcase_add_checked_fixture(tc, make, scratch_remove);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, an_unknown_format_is_a_usage_error);
	tcase_add_test(tc, missing_variables_are_named);
	tcase_add_test(tc, broken_data_are_a_failure);
	tcase_add_test(tc, a_failure_leaves_the_old_picture);
	tcase_add_test(tc, without_gnuplot_it_says_how_to_get_it);
	tcase_add_test(tc, its_first_message_is_told);
	tcase_add_test(tc, a_picture_that_cannot_be_written_is_a_failure);
	tcase_add_test(tc, an_unknown_script_is_named);
	tcase_add_test(tc, a_place_that_is_not_there_is_named);
	tcase_add_test(tc, a_temporary_file_that_fails_is_a_failure);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
