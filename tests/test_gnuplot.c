/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/harness.h"

enum { SIZE = 512, EXIT_SKIPPED = 77 };

static char dir[SIZE / 2];	/* a fresh folder for each test */
static char tmp_before[SIZE];	/* $TMPDIR, empty if there is none */
static struct diag d;

static const char titles[] = "TITLE = 'OPT-6.7B'\nSUBTITLE = '2.385'\n";

/* What plots/split.gp expects, and then plots/gantt.gp. */
static const char split_data[] =
	"TITLE = 'step time of {opt_6.7b}'\nSUBTITLE = 'b = 64 & s = 128'\n"
	"$curve << EOD\n0 31.25 30.5\n17 27.5 26.75\n102 23.85 23.5\n"
	"128 25.0 24.75\nEOD\n"
	"OPT_SPLIT = 102\nOPT_MS = 23.85\nPAPER_SPLIT = 110\n"
	"PAPER_MS = 24.125\nLOAD_MS = 31.25\nLIMIT = 128\n"
	"array RGB[3] = [0x0044AA, 0x3A3A3A, 0x4DC4FE]\n"
	"array DASH[3] = [1, 2, 4]\narray MARK[3] = [5, 1, 8]\n"
	"$key << EOD\nplain 17578 3 1 5 \"simulated\"\n"
	"paper 0 3 1 5 \"paper's\"\nplain 5096702 3 4 8 "
	"\"load-all, 31.25 ms\"\nEOD\n";

static const char gantt_data[] =
	"TITLE = 'one layer'\nSUBTITLE = ''\n"
	"$slices << EOD\n2 0.0 1.75 17578 \"KV\"\n1 0.25 0.75 16091666 \"\"\n"
	"1 1.75 2.385 2587227 \"attend\"\nEOD\n"
	"$rows << EOD\n1 \"compute\"\n2 \"load_cache (H2D)\"\nEOD\n"
	"$key << EOD\nbox 16091666 3 1 1 \"recompute\"\n"
	"box 2587227 4 1 1 \"attend\"\n"
	"EOD\nNROWS = 2\nT0 = 0.0\nT1 = 2.385\n";

static const struct {
	const char *script, *data;
} pictures[] = {
	{ "split", split_data },
	{ "gantt", gantt_data },
};

enum { PICTURES = sizeof pictures / sizeof pictures[0] };

static const char *in_dir(const char *name)
{
	static char path[SIZE];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

/* What is left behind in $TMPDIR shows in the folder as well. */
static void make_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(tmp_before, sizeof tmp_before, "%s", tmp ? tmp : "");
	snprintf(dir, sizeof dir, "%s/kvplan-plot-XXXXXX",
		 tmp && tmp[0] ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(setenv("TMPDIR", dir, 1), 0);
	d = (struct diag){ "untouched" };
}

/* Files in the folder; also unlinked on demand. */
static size_t entries(bool also_unlink)
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
	if (tmp_before[0] != '\0')
		setenv("TMPDIR", tmp_before, 1);
	else
		unsetenv("TMPDIR");
	entries(true);
	ck_assert_int_eq(rmdir(dir), 0);
}

/* The first bytes of the file `name` and its length. */
static size_t head_of(const char *name, unsigned char *bytes, size_t n)
{
	FILE *f = fopen(in_dir(name), "rb");
	long length;

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fread(bytes, 1, n, f), n);
	ck_assert_int_eq(fseek(f, 0, SEEK_END), 0);
	length = ftell(f);
	fclose(f);
	ck_assert_int_gt(length, 0);
	return (size_t)length;
}

static void check_drawn(enum status s)
{
	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	ck_assert_str_eq(d.text, "untouched");
}

/* drawings */

START_TEST(draws_a_png)
{
	/* signature, IHDR's length and name, 3.5 in of 360 dots: RFC 2083 */
	static const unsigned char magic[] = {
		0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
		0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 4, 236
	};
	unsigned char head[sizeof magic];

	check_drawn(gnuplot_draw(pictures[_i].script, pictures[_i].data,
				 in_dir("a.png"), NULL, &d));
	ck_assert_uint_gt(head_of("a.png", head, sizeof head), 5000);
	ck_assert_mem_eq(head, magic, sizeof magic);
	ck_assert_uint_eq(entries(false), 1);
}
END_TEST

START_TEST(draws_a_pdf)
{
	unsigned char head[5];

	check_drawn(gnuplot_draw(pictures[_i].script, pictures[_i].data,
				 in_dir("a.pdf"), NULL, &d));
	ck_assert_uint_gt(head_of("a.pdf", head, sizeof head), 1000);
	ck_assert_mem_eq(head, "%PDF-", 5);
	ck_assert_uint_eq(entries(false), 1);
}
END_TEST

/* SVG is text, so what stands in the picture can be read. */
START_TEST(draws_an_svg_with_its_titles)
{
	char *text;

	check_drawn(gnuplot_draw("split", split_data, in_dir("a.svg"), NULL,
				 &d));
	ck_assert_int_eq(file_read(in_dir("a.svg"), &text, &d), STATUS_OK);
	ck_assert_int_eq(strncmp(text, "<?xml ", 6), 0);
	ck_assert_ptr_nonnull(strstr(text, "<svg"));
	ck_assert_ptr_nonnull(strstr(text, "</svg>"));
	/* as they are: no letter is markup to gnuplot */
	ck_assert_ptr_nonnull(strstr(text, "step time of {opt_6.7b}"));
	ck_assert_ptr_nonnull(strstr(text, "b = 64 &amp; s = 128"));
	ck_assert_ptr_nonnull(strstr(text, "load-all, 31.25 ms"));
	ck_assert_ptr_nonnull(strstr(text, "largest split allowed: 128"));
	free(text);
	check_drawn(gnuplot_draw("gantt", gantt_data, in_dir("b.svg"), NULL,
				 &d));
	ck_assert_int_eq(file_read(in_dir("b.svg"), &text, &d), STATUS_OK);
	ck_assert_ptr_nonnull(strstr(text, "</svg>"));
	ck_assert_ptr_nonnull(strstr(text, "load_cache (H2D)"));
	ck_assert_ptr_nonnull(strstr(text, "recompute"));
	free(text);
	ck_assert_uint_eq(entries(false), 2);
}
END_TEST

START_TEST(a_format_overrides_the_name)
{
	unsigned char head[5];

	check_drawn(gnuplot_draw("split", split_data, in_dir("a.png"), "pdf",
				 &d));
	head_of("a.png", head, sizeof head);
	ck_assert_mem_eq(head, "%PDF-", 5);
	check_drawn(gnuplot_draw("split", split_data, in_dir("plain"), "svg",
				 &d));
	head_of("plain", head, sizeof head);
	ck_assert_mem_eq(head, "<?xml", 5);
}
END_TEST

START_TEST(a_picture_replaces_another)
{
	unsigned char head[5];
	FILE *f = fopen(in_dir("a.pdf"), "w");

	ck_assert_ptr_nonnull(f);
	fputs("the old picture", f);
	ck_assert_int_eq(fclose(f), 0);
	check_drawn(gnuplot_draw("split", split_data, in_dir("a.pdf"), NULL,
				 &d));
	head_of("a.pdf", head, sizeof head);
	ck_assert_mem_eq(head, "%PDF-", 5);
	ck_assert_uint_eq(entries(false), 1);
}
END_TEST

START_TEST(a_name_may_hold_a_quote)
{
	unsigned char head[5];

	check_drawn(gnuplot_draw("split", split_data, in_dir("it's a.pdf"),
				 NULL, &d));
	head_of("it's a.pdf", head, sizeof head);
	ck_assert_mem_eq(head, "%PDF-", 5);
}
END_TEST

START_TEST(a_dash_is_standard_output)
{
	int saved = dup(STDOUT_FILENO), fd;
	unsigned char head[5];
	enum status s;

	fflush(stdout);
	fd = open(in_dir("out"), O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(dup2(fd, STDOUT_FILENO), 0);
	close(fd);
	s = gnuplot_draw("split", split_data, "-", "pdf", &d);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	check_drawn(s);
	head_of("out", head, sizeof head);
	ck_assert_mem_eq(head, "%PDF-", 5);
	ck_assert_uint_eq(entries(false), 1);
}
END_TEST

/* failures: nothing is left behind */

static void check_failure(enum status found, enum status expected,
			  const char *message)
{
	ck_assert_int_eq(found, expected);
	ck_assert_str_eq(d.text, message);
	ck_assert_uint_eq(entries(false), 0);
}

START_TEST(an_unknown_format_is_a_usage_error)
{
	char message[2 * SIZE];
	const char *path = in_dir("a.gif");

	check_failure(gnuplot_draw("split", split_data, "a.png", "gif", &d),
		      STATUS_USAGE,
		      "format: found 'gif', expected png, svg or pdf");
	check_failure(gnuplot_draw("split", split_data, "a.png", "PNG", &d),
		      STATUS_USAGE,
		      "format: found 'PNG', expected png, svg or pdf");
	snprintf(message, sizeof message, "%s: expected a name that ends in "
		 ".png, .svg or .pdf", path);
	check_failure(gnuplot_draw("split", split_data, path, NULL, &d),
		      STATUS_USAGE, message);
	check_failure(gnuplot_draw("split", split_data, "-", NULL, &d),
		      STATUS_USAGE, "-: expected a name that ends in .png, "
		      ".svg or .pdf");
	check_failure(gnuplot_draw("split", split_data, "a.png/b", NULL,
				   &d), STATUS_USAGE,
		      "a.png/b: expected a name that ends in .png, .svg or "
		      ".pdf");
}
END_TEST

START_TEST(missing_variables_are_named)
{
	const char *path = in_dir("a.png");
	char data[SIZE];

	check_failure(gnuplot_draw("split", "", path, NULL, &d), STATUS_IO,
		      "gnuplot failed: kvplan plot: FORMAT, OUTPUT, TITLE "
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
		char data[2 * SIZE];

		snprintf(data, sizeof data,
			 "%sOPT_SPLIT = 17\nOPT_MS = 2.385\nLIMIT = 128\n%s",
			 titles, broken[i]);
		d = (struct diag){ "untouched" };
		ck_assert_int_eq(gnuplot_draw("split", data,
					      in_dir("a.svg"), NULL, &d),
				 STATUS_IO);
		ck_assert_int_eq(strncmp(d.text, "gnuplot failed: ", 16), 0);
		ck_assert_uint_gt(strlen(d.text), 20);
		ck_assert_uint_eq(entries(false), 0);
	}
	ck_assert_uint_eq(provoked, 3);
}
END_TEST

START_TEST(a_failure_leaves_the_old_picture)
{
	FILE *f = fopen(in_dir("a.svg"), "w");
	char *text;

	ck_assert_ptr_nonnull(f);
	fputs("the old picture", f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(gnuplot_draw("split", titles, in_dir("a.svg"), NULL,
				      &d), STATUS_IO);
	ck_assert_int_eq(file_read(in_dir("a.svg"), &text, &d), STATUS_OK);
	ck_assert_str_eq(text, "the old picture");
	free(text);
	ck_assert_uint_eq(entries(false), 1);
}
END_TEST

START_TEST(without_gnuplot_it_says_how_to_get_it)
{
	char *path = strdup(getenv("PATH"));
	enum status s;

	ck_assert_int_eq(setenv("PATH", dir, 1), 0);
	s = gnuplot_draw("split", split_data, in_dir("a.png"), NULL, &d);
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
	FILE *f = fopen(in_dir("gnuplot"), "w");
	enum status s;

	ck_assert_ptr_nonnull(f);
	fprintf(f, "#!/bin/sh\ncat >/dev/null\n%s\n", commands);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(in_dir("gnuplot"), 0700), 0);
	snprintf(with_dir, sizeof with_dir, "%s:%s", dir, path);
	ck_assert_int_eq(setenv("PATH", with_dir, 1), 0);
	s = gnuplot_draw("split", split_data, in_dir("a.png"), NULL, &d);
	setenv("PATH", path, 1);
	free(path);
	ck_assert_int_eq(remove(in_dir("gnuplot")), 0);
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
	check_failure(gnuplot_draw("split", split_data, "/dev/full", "png",
				   &d), STATUS_IO,
		      "/dev/full: No space left on device");
}
END_TEST

START_TEST(a_temporary_folder_must_be_there)
{
	static const char end[] = ": No such file or directory";
	enum status s;

	ck_assert_int_eq(setenv("TMPDIR", in_dir("none"), 1), 0);
	s = gnuplot_draw("split", split_data, in_dir("a.png"), NULL, &d);
	ck_assert_int_eq(s, STATUS_IO);
	ck_assert_int_eq(strncmp(d.text, "temporary file ", 15), 0);
	ck_assert_ptr_nonnull(strstr(d.text, "/none/"));
	ck_assert_uint_gt(strlen(d.text), strlen(end));
	ck_assert_str_eq(d.text + strlen(d.text) - strlen(end), end);
	ck_assert_uint_eq(entries(false), 0);
}
END_TEST

START_TEST(an_unknown_script_is_named)
{
	check_failure(gnuplot_draw("nonesuch", split_data, in_dir("a.png"),
				   NULL, &d), STATUS_IO,
		      "plots/nonesuch.gp: not among kvplan's files");
}
END_TEST

START_TEST(a_place_that_is_not_there_is_named)
{
	char message[2 * SIZE];

	snprintf(message, sizeof message,
		 "%s/none/a.png: No such file or directory", dir);
	check_failure(gnuplot_draw("split", split_data, in_dir("none/a.png"),
				   NULL, &d), STATUS_IO, message);
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
	s = gnuplot_draw("split", split_data, in_dir("a.png"), NULL, &d);
	setrlimit(RLIMIT_NOFILE, &all);
	check_failure(s, STATUS_IO, "temporary file: Too many open files");
}
END_TEST

/* assignments */

static void check_assign(const char *text, const char *expected)
{
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	ck_assert_ptr_nonnull(f);
	gnuplot_assign(f, "TITLE", text);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_str_eq(out, expected);
	free(out);
}

START_TEST(an_assignment_is_quoted)
{
	check_assign("OPT-6.7B", "TITLE = 'OPT-6.7B'\n");
	check_assign("", "TITLE = ''\n");
	check_assign("a\\nb \"c\" $d `e` 2.385 %", "TITLE = 'a\\nb \"c\" $d "
		     "`e` 2.385 %'\n");
	check_assign("two\nlines", "TITLE = 'two lines'\n");
}
END_TEST

/* What gnuplot itself reads, of texts that it might take for commands. */
static const char *const texts[] = {
	"it's", "x 'y' z", "end'", "'", "'quoted'", "two '' quotes",
	"C:\\new\\table", "\\", "`exit`", "$curve @MACRO \"x\"",
	"'; exit status 1; '", "a'; exit status 1; 'b", "# no comment",
	"2.385 \xc2\xb5s",
};

enum { TEXTS = sizeof texts / sizeof texts[0] };

START_TEST(gnuplot_reads_what_was_assigned)
{
	char command[2 * SIZE], got[SIZE] = "", *line;
	FILE *f = fopen(in_dir("script"), "w"), *out;
	int state;

	ck_assert_ptr_nonnull(f);
	gnuplot_assign(f, "TEXT", texts[_i]);
	fputs("set print '-'\nprint TEXT\n", f);
	ck_assert_int_eq(fclose(f), 0);
	snprintf(command, sizeof command, "gnuplot -d '%s' 2>&1",
		 in_dir("script"));
	out = popen(command, "r");
	ck_assert_ptr_nonnull(out);
	line = fgets(got, sizeof got, out);
	while (fgetc(out) != EOF)
		;
	state = pclose(out);
	remove(in_dir("script"));
	ck_assert_ptr_nonnull(line);
	got[strcspn(got, "\n")] = '\0';
	ck_assert_str_eq(got, texts[_i]);
	ck_assert_int_eq(state, 0);
}
END_TEST

/* Whether the folders of $PATH hold a program called gnuplot. */
static bool have_gnuplot(void)
{
	const char *path = getenv("PATH");
	char file[4096];

	while (path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");

		snprintf(file, sizeof file, "%.*s/gnuplot", (int)len, path);
		if (access(file, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

int main(void)
{
	Suite *s = suite_create("plots/gnuplot");
	TCase *draw = tcase_create("draw"), *fail = tcase_create("fail");
	TCase *assign = tcase_create("assign");

	if (!have_gnuplot())
		return EXIT_SKIPPED;
	tcase_add_checked_fixture(draw, make_dir, remove_dir);
	tcase_set_timeout(draw, 60);
	tcase_add_loop_test(draw, draws_a_png, 0, PICTURES);
	tcase_add_loop_test(draw, draws_a_pdf, 0, PICTURES);
	tcase_add_test(draw, draws_an_svg_with_its_titles);
	tcase_add_test(draw, a_format_overrides_the_name);
	tcase_add_test(draw, a_picture_replaces_another);
	tcase_add_test(draw, a_name_may_hold_a_quote);
	tcase_add_test(draw, a_dash_is_standard_output);
	suite_add_tcase(s, draw);
	tcase_add_checked_fixture(fail, make_dir, remove_dir);
	tcase_set_timeout(fail, 60);
	tcase_add_test(fail, an_unknown_format_is_a_usage_error);
	tcase_add_test(fail, missing_variables_are_named);
	tcase_add_test(fail, broken_data_are_a_failure);
	tcase_add_test(fail, a_failure_leaves_the_old_picture);
	tcase_add_test(fail, without_gnuplot_it_says_how_to_get_it);
	tcase_add_test(fail, its_first_message_is_told);
	tcase_add_test(fail, a_picture_that_cannot_be_written_is_a_failure);
	tcase_add_test(fail, a_temporary_folder_must_be_there);
	tcase_add_test(fail, an_unknown_script_is_named);
	tcase_add_test(fail, a_place_that_is_not_there_is_named);
	tcase_add_test(fail, a_temporary_file_that_fails_is_a_failure);
	suite_add_tcase(s, fail);
	tcase_add_checked_fixture(assign, make_dir, remove_dir);
	tcase_set_timeout(assign, 60);
	tcase_add_test(assign, an_assignment_is_quoted);
	tcase_add_loop_test(assign, gnuplot_reads_what_was_assigned, 0,
			    TEXTS);
	suite_add_tcase(s, assign);
	return harness_run(s);
}
