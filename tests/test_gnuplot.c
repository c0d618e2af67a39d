/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/harness.h"
#include "tests/scratch.h"

static struct diag d;

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

static void make(void)
{
	scratch_make();
	d = (struct diag){ "untouched" };
}

/* The first bytes of the file `name` and its length. */
static size_t head_of(const char *name, unsigned char *bytes, size_t n)
{
	FILE *f = fopen(scratch_path(name), "rb");
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

static enum status draw(const char *script, const char *data,
			const char *name, const char *format)
{
	return gnuplot_draw(script, data, scratch_path(name), format, &d);
}

START_TEST(draws_a_png)
{
	/* signature, IHDR's length and name, 3.5 in of 360 dots: RFC 2083 */
	static const unsigned char magic[] = {
		0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
		0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 4, 236
	};
	unsigned char head[sizeof magic];

	check_drawn(
		draw(pictures[_i].script, pictures[_i].data, "a.png", NULL));
	ck_assert_uint_gt(head_of("a.png", head, sizeof head), 5000);
	ck_assert_mem_eq(head, magic, sizeof magic);
	ck_assert_uint_eq(scratch_entries(), 1);
}
END_TEST

START_TEST(draws_a_pdf)
{
	unsigned char head[5];

	check_drawn(
		draw(pictures[_i].script, pictures[_i].data, "a.pdf", NULL));
	ck_assert_uint_gt(head_of("a.pdf", head, sizeof head), 1000);
	ck_assert_mem_eq(head, "%PDF-", 5);
	ck_assert_uint_eq(scratch_entries(), 1);
}
END_TEST

/* SVG is text, so what stands in the picture can be read. */
START_TEST(draws_an_svg_with_its_titles)
{
	char *text;

	check_drawn(draw("split", split_data, "a.svg", NULL));
	ck_assert_int_eq(file_read(scratch_path("a.svg"), &text, &d),
			 STATUS_OK);
	ck_assert_int_eq(strncmp(text, "<?xml ", 6), 0);
	ck_assert_ptr_nonnull(strstr(text, "<svg"));
	ck_assert_ptr_nonnull(strstr(text, "</svg>"));
	/* as they are: no letter is markup to gnuplot */
	ck_assert_ptr_nonnull(strstr(text, "step time of {opt_6.7b}"));
	ck_assert_ptr_nonnull(strstr(text, "b = 64 &amp; s = 128"));
	ck_assert_ptr_nonnull(strstr(text, "load-all, 31.25 ms"));
	ck_assert_ptr_nonnull(strstr(text, "largest split allowed: 128"));
	free(text);
	check_drawn(draw("gantt", gantt_data, "b.svg", NULL));
	ck_assert_int_eq(file_read(scratch_path("b.svg"), &text, &d),
			 STATUS_OK);
	ck_assert_ptr_nonnull(strstr(text, "</svg>"));
	ck_assert_ptr_nonnull(strstr(text, "load_cache (H2D)"));
	ck_assert_ptr_nonnull(strstr(text, "recompute"));
	free(text);
	ck_assert_uint_eq(scratch_entries(), 2);
}
END_TEST

START_TEST(a_format_overrides_the_name)
{
	unsigned char head[5];

	check_drawn(draw("split", split_data, "a.png", "pdf"));
	head_of("a.png", head, sizeof head);
	ck_assert_mem_eq(head, "%PDF-", 5);
	check_drawn(draw("split", split_data, "plain", "svg"));
	head_of("plain", head, sizeof head);
	ck_assert_mem_eq(head, "<?xml", 5);
}
END_TEST

START_TEST(a_picture_replaces_another)
{
	unsigned char head[5];

	scratch_put_text("a.pdf", "the old picture");
	check_drawn(draw("split", split_data, "a.pdf", NULL));
	head_of("a.pdf", head, sizeof head);
	ck_assert_mem_eq(head, "%PDF-", 5);
	ck_assert_uint_eq(scratch_entries(), 1);
}
END_TEST

START_TEST(a_name_may_hold_a_quote)
{
	unsigned char head[5];

	check_drawn(draw("split", split_data, "it's a.pdf", NULL));
	head_of("it's a.pdf", head, sizeof head);
	ck_assert_mem_eq(head, "%PDF-", 5);
}
END_TEST

START_TEST(a_dash_is_standard_output)
{
	int saved = scratch_redirect(STDOUT_FILENO, scratch_path("out"),
				     O_WRONLY);
	unsigned char head[5];
	enum status s;

	s = gnuplot_draw("split", split_data, "-", "pdf", &d);
	scratch_restore(STDOUT_FILENO, saved);
	check_drawn(s);
	head_of("out", head, sizeof head);
	ck_assert_mem_eq(head, "%PDF-", 5);
	ck_assert_uint_eq(scratch_entries(), 1);
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
	char command[SCRATCH_MESSAGE], got[SCRATCH_PATH] = "", *line;
	FILE *f = fopen(scratch_path("script"), "w"), *out;
	int state;

	ck_assert_ptr_nonnull(f);
	gnuplot_assign(f, "TEXT", texts[_i]);
	fputs("set print '-'\nprint TEXT\n", f);
	ck_assert_int_eq(fclose(f), 0);
	snprintf(command, sizeof command, "gnuplot -d '%s' 2>&1",
		 scratch_path("script"));
	out = popen(command, "r");
	ck_assert_ptr_nonnull(out);
	line = fgets(got, sizeof got, out);
	while (fgetc(out) != EOF)
		;
	state = pclose(out);
	remove(scratch_path("script"));
	ck_assert_ptr_nonnull(line);
	got[strcspn(got, "\n")] = '\0';
	ck_assert_str_eq(got, texts[_i]);
	ck_assert_int_eq(state, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plots/gnuplot");
	TCase *draw = tcase_create("draw");
	TCase *assign = tcase_create("assign");

	if (!harness_finds("gnuplot"))
		return HARNESS_SKIPPED;
	tcase_add_checked_fixture(draw, make, scratch_remove);
	tcase_set_timeout(draw, 60);
	tcase_add_loop_test(draw, draws_a_png, 0, PICTURES);
	tcase_add_loop_test(draw, draws_a_pdf, 0, PICTURES);
	tcase_add_test(draw, draws_an_svg_with_its_titles);
	tcase_add_test(draw, a_format_overrides_the_name);
	tcase_add_test(draw, a_picture_replaces_another);
	tcase_add_test(draw, a_name_may_hold_a_quote);
	tcase_add_test(draw, a_dash_is_standard_output);
	suite_add_tcase(s, draw);
	tcase_add_checked_fixture(assign, make, scratch_remove);
	tcase_set_timeout(assign, 60);
	tcase_add_test(assign, an_assignment_is_quoted);
	tcase_add_loop_test(assign, gnuplot_reads_what_was_assigned, 0, TEXTS);
	suite_add_tcase(s, assign);
	return harness_run(s);
}
