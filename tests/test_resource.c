/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/harness.h"
#include "tests/scratch.h"

static struct diag d;

/*
 * What the folders hold: "data" is $KVPLAN_DATADIR, "bin" a place for a copy
 * of this program, "share/kvplan" the data beside it.
 */
static const char *const folders[] = {
	"data", "data/plots", "bin", "bin/plots", "share", "share/kvplan",
	"share/kvplan/plots"
};

static const char *const files[] = {
	"data/plots/split.gp", "data/plots/mine.gp", "data/plots/.gp",
	"data/plots/other.txt", "data/plots/gp", "bin/plots/split.gp",
	"bin/plots/tree.gp", "share/kvplan/plots/split.gp",
	"share/kvplan/plots/tree.gp", "share/kvplan/plots/beside.gp",
	"bin/program"
};

enum {
	FOLDERS = sizeof folders / sizeof folders[0],
	FILES = sizeof files / sizeof files[0]
};

/* Each file holds its own name, so that its origin shows. */
static void make_folders(void)
{
	scratch_make();
	scratch_fill(folders, FOLDERS, files, FILES);
	ck_assert_int_eq(setenv("KVPLAN_DATADIR", scratch_path("data"), 1), 0);
	d = (struct diag){ "untouched" };
}

static void remove_folders(void)
{
	unsetenv("KVPLAN_DATADIR");
	scratch_remove();
}

static void check_read(const char *name, const char *expected)
{
	char *text;

	ck_assert_int_eq(resource_read(name, &text, &d), STATUS_OK);
	ck_assert_str_eq(text, expected);
	free(text);
}

static bool has_name(char **names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The copies inside the program are the last resort: they always work. */
START_TEST(a_copy_inside_the_program_is_found)
{
	char *text;

	ck_assert_int_eq(resource_read("plots/style.gp", &text, &d),
			 STATUS_OK);
	ck_assert_ptr_nonnull(strstr(text, "style.gp - shared look"));
	free(text);
	unsetenv("KVPLAN_DATADIR");
	ck_assert_int_eq(resource_read("plots/split.gp", &text, &d),
			 STATUS_OK);
	ck_assert_ptr_nonnull(strstr(text, "decode step time"));
	free(text);
	ck_assert_str_eq(d.text, "untouched");
}
END_TEST

START_TEST(the_copies_hold_scripts_and_profiles)
{
	size_t scripts = 0, profiles = 0;

	for (const struct resource_copy *c = resource_copies; c->name; c++) {
		ck_assert_ptr_nonnull(c->text);
		ck_assert_uint_gt(strlen(c->text), 100);
		if (strncmp(c->name, "plots/", 6) == 0)
			scripts++;
		else if (strncmp(c->name, "model/profiles/", 15) == 0)
			profiles++;
		for (const struct resource_copy *b = resource_copies; b < c;
		     b++)
			ck_assert_str_ne(b->name, c->name);
	}
	ck_assert_uint_ge(scripts, 3);
	ck_assert_uint_gt(profiles, 30);
}
END_TEST

START_TEST(the_environment_comes_first)
{
	check_read("plots/split.gp", "data/plots/split.gp");
	check_read("plots/mine.gp", "data/plots/mine.gp");
}
END_TEST

START_TEST(an_empty_variable_is_none)
{
	char *text;

	setenv("KVPLAN_DATADIR", "", 1);
	ck_assert_int_eq(resource_read("plots/split.gp", &text, &d),
			 STATUS_OK);
	ck_assert_ptr_nonnull(strstr(text, "decode step time"));
	free(text);
}
END_TEST

START_TEST(what_is_nowhere_is_named)
{
	char before[] = "before", *text = before;

	ck_assert_int_eq(resource_read("plots/none.gp", &text, &d),
			 STATUS_IO);
	ck_assert_str_eq(d.text, "plots/none.gp: not among kvplan's files");
	ck_assert_ptr_eq(text, before);
	unsetenv("KVPLAN_DATADIR");
	ck_assert_int_eq(resource_read("plots/mine.gp", &text, &d),
			 STATUS_IO);
	ck_assert_str_eq(d.text, "plots/mine.gp: not among kvplan's files");
}
END_TEST

/* What is there but unreadable is an error: no other takes its place. */
START_TEST(what_cannot_be_read_is_named)
{
	char before[] = "before", *text = before, message[SCRATCH_MESSAGE];

	snprintf(message, sizeof message, "%s: Is a directory",
		 scratch_path("data/plots"));
	ck_assert_int_eq(resource_read("plots", &text, &d), STATUS_IO);
	ck_assert_str_eq(d.text, message);
	ck_assert_ptr_eq(text, before);
}
END_TEST

START_TEST(names_are_sorted_and_told_once)
{
	size_t n;
	char **names = resource_names("plots", ".gp", &n);

	ck_assert_uint_ge(n, 4);
	for (size_t i = 1; i < n; i++)
		ck_assert_int_lt(strcmp(names[i - 1], names[i]), 0);
	ck_assert(has_name(names, n, "mine"));	/* on disk alone */
	ck_assert(has_name(names, n, "style"));	/* inside alone */
	ck_assert(has_name(names, n, "split"));	/* both */
	ck_assert(!has_name(names, n, ""));
	ck_assert(!has_name(names, n, "other"));
	ck_assert(!has_name(names, n, "other.txt"));
	ck_assert(!has_name(names, n, "gp"));
	resource_names_free(names, n);
}
END_TEST

START_TEST(a_folder_is_not_its_namesake)
{
	size_t n;
	char **names = resource_names("plot", ".gp", &n);

	ck_assert_uint_eq(n, 0);
	resource_names_free(names, n);
	names = resource_names("plots", ".nothing", &n);
	ck_assert_uint_eq(n, 0);
	resource_names_free(names, n);
	resource_names_free(NULL, 0);
}
END_TEST

/* A copy of this program as ROOT/bin/program; it runs main() below. */
static void install_program(void)
{
	static char bytes[1 << 16];
	FILE *from = fopen("/proc/self/exe", "rb"), *to;
	size_t n, total = 0;

	ck_assert_ptr_nonnull(from);
	to = fopen(scratch_path("bin/program"), "wb");
	ck_assert_ptr_nonnull(to);
	while ((n = fread(bytes, 1, sizeof bytes, from)) > 0) {
		ck_assert_uint_eq(fwrite(bytes, 1, n, to), n);
		total += n;
	}
	fclose(from);
	ck_assert_int_eq(fclose(to), 0);
	ck_assert_uint_gt(total, 0);
	ck_assert_int_eq(chmod(scratch_path("bin/program"), 0700), 0);
}

static void check_program_reads(const char *name, const char *expected)
{
	char command[SCRATCH_MESSAGE], got[SCRATCH_PATH] = "";
	FILE *out;

	snprintf(command, sizeof command, "'%s' --read '%s'",
		 scratch_path("bin/program"), name);
	out = popen(command, "r");
	ck_assert_ptr_nonnull(out);
	ck_assert_uint_lt(fread(got, 1, sizeof got - 1, out),
			  sizeof got - 1);
	ck_assert_int_eq(pclose(out), 0);
	ck_assert_str_eq(got, expected);
}

START_TEST(data_is_found_from_where_the_program_stands)
{
	if (access("/proc/self/exe", R_OK) != 0)
		return;		/* of Linux alone */
	install_program();
	check_program_reads("plots/split.gp", "data/plots/split.gp");
	unsetenv("KVPLAN_DATADIR");
	check_program_reads("plots/split.gp", "share/kvplan/plots/split.gp");
	check_program_reads("plots/beside.gp",
			    "share/kvplan/plots/beside.gp");
	check_program_reads("plots/tree.gp", "share/kvplan/plots/tree.gp");
	ck_assert_int_eq(remove(scratch_path("share/kvplan/plots/tree.gp")), 0);
	check_program_reads("plots/tree.gp", "bin/plots/tree.gp");
}
END_TEST

/* As "program --read NAME": prints the resource NAME. */
static int read_resource(const char *name)
{
	char *text;

	if (resource_read(name, &text, &d) != STATUS_OK)
		return EXIT_FAILURE;
	fputs(text, stdout);
	free(text);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	Suite *s;
	TCase *tc;

	if (argc == 3 && strcmp(argv[1], "--read") == 0)
		return read_resource(argv[2]);
	s = suite_create("base/resource");
	tc = tcase_create("all");
	tcase_add_checked_fixture(tc, make_folders, remove_folders);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_copy_inside_the_program_is_found);
	tcase_add_test(tc, the_copies_hold_scripts_and_profiles);
	tcase_add_test(tc, the_environment_comes_first);
	tcase_add_test(tc, an_empty_variable_is_none);
	tcase_add_test(tc, what_is_nowhere_is_named);
	tcase_add_test(tc, what_cannot_be_read_is_named);
	tcase_add_test(tc, names_are_sorted_and_told_once);
	tcase_add_test(tc, a_folder_is_not_its_namesake);
	tcase_add_test(tc, data_is_found_from_where_the_program_stands);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
