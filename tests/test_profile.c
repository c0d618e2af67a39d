/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/profile.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/resource.h"
#include "tests/harness.h"
#include "tests/scratch.h"

static struct diag d;

/* The folder is $KVPLAN_DATADIR, with a model of our own in it. */
static const char *const folders[] = {
	"model", "model/profiles", "model/profiles/models"
};

static const char *const files[] = {
	"model/profiles/models/toy.json", "plain", "here.json"
};

/* Each file holds its own name, so that its origin shows. */
static void make_folders(void)
{
	scratch_make();
	scratch_fill(folders, 3, files, 3);
	ck_assert_int_eq(setenv("KVPLAN_DATADIR", scratch_dir, 1), 0);
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
	enum status s = profile_read(PROFILE_MODEL, name, &text, &d);

	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	ck_assert_str_eq(text, expected);
	free(text);
}

static void check_not_read(enum profile_kind kind, const char *name,
			   enum status status, const char *message)
{
	char before[] = "before", *text = before;

	ck_assert_int_eq(profile_read(kind, name, &text, &d), status);
	ck_assert_str_eq(d.text, message);
	ck_assert_ptr_eq(text, before);
}

START_TEST(a_name_is_a_profile_that_comes_with_kvplan)
{
	char *text;

	check_read("toy", "model/profiles/models/toy.json");
	ck_assert_int_eq(profile_read(PROFILE_MODEL, "opt-6.7b", &text, &d),
			 STATUS_OK);
	ck_assert_ptr_nonnull(strstr(text, "\"ffn_dim\": 16384"));
	free(text);
	ck_assert_int_eq(profile_read(PROFILE_HARDWARE, "h200", &text, &d),
			 STATUS_OK);
	ck_assert_ptr_nonnull(strstr(text, "kvplan-hardware-1"));
	free(text);
	ck_assert_str_eq(d.text, "untouched");
}
END_TEST

START_TEST(a_path_is_a_file)
{
	char here[SCRATCH_PATH];

	check_read(scratch_path("plain"), "plain");
	check_read(scratch_path("here.json"), "here.json");
	/* ending in ".json" is enough, without a '/' */
	ck_assert_ptr_nonnull(getcwd(here, sizeof here));
	ck_assert_int_eq(chdir(scratch_dir), 0);
	check_read("here.json", "here.json");
	check_not_read(PROFILE_MODEL, "toy.json", STATUS_IO,
		       "toy.json: No such file or directory");
	ck_assert_int_eq(chdir(here), 0);
}
END_TEST

START_TEST(a_path_that_is_not_there_is_named)
{
	char message[SCRATCH_MESSAGE];

	snprintf(message, sizeof message, "%s: No such file or directory",
		 scratch_path("none.json"));
	check_not_read(PROFILE_HARDWARE, scratch_path("none.json"), STATUS_IO,
		       message);
	snprintf(message, sizeof message, "%s: Is a directory", scratch_dir);
	check_not_read(PROFILE_HARDWARE, scratch_dir, STATUS_IO, message);
}
END_TEST

START_TEST(a_dash_is_standard_input)
{
	int saved = dup(STDIN_FILENO),
	    fd = open(scratch_path("plain"), O_RDONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(dup2(fd, STDIN_FILENO), 0);
	close(fd);
	check_read("-", "plain");
	dup2(saved, STDIN_FILENO);
	close(saved);
	clearerr(stdin);
}
END_TEST

START_TEST(an_unknown_name_has_a_nearest)
{
	check_not_read(PROFILE_MODEL, "llama-2-70", STATUS_UNKNOWN,
		       "unknown model 'llama-2-70', the nearest is "
		       "'llama-2-70b' ('kvplan list models' names all)");
	check_not_read(PROFILE_HARDWARE, "H100-SMX", STATUS_UNKNOWN,
		       "unknown hardware 'H100-SMX', the nearest is "
		       "'h100-sxm' ('kvplan list hardware' names all)");
	/* a model is no hardware, and the other way round */
	check_not_read(PROFILE_HARDWARE, "toy", STATUS_UNKNOWN,
		       "unknown hardware 'toy', which is in 'kvplan list "
		       "models': expected a file or a name that 'kvplan list "
		       "hardware' prints");
	check_not_read(PROFILE_MODEL, "no-such-model-at-all",
		       STATUS_UNKNOWN,
		       "unknown model 'no-such-model-at-all': expected a "
		       "file or a name that 'kvplan list models' prints");
	check_not_read(PROFILE_MODEL, "", STATUS_UNKNOWN,
		       "unknown model '': expected a file or a name that "
		       "'kvplan list models' prints");
}
END_TEST

START_TEST(lists_all_names)
{
	size_t n, hardware;
	char **names = profile_names(PROFILE_MODEL, &n);
	bool toy = false, opt = false;

	ck_assert_uint_gt(n, 20);
	for (size_t i = 0; i < n; i++) {
		toy = toy || strcmp(names[i], "toy") == 0;
		opt = opt || strcmp(names[i], "opt-6.7b") == 0;
		ck_assert_ptr_null(strstr(names[i], ".json"));
		ck_assert_uint_lt(strlen(names[i]), PROFILE_NAME_SIZE);
	}
	ck_assert(toy && opt);
	resource_names_free(names, n);
	names = profile_names(PROFILE_HARDWARE, &hardware);
	ck_assert_uint_ge(hardware, 10);
	resource_names_free(names, hardware);
}
END_TEST

static const struct {
	const char *name, *bare;
} bare[] = {
	{ "opt-6.7b", "opt-6.7b" },
	{ "opt-6.7b.json", "opt-6.7b" },
	{ "/a/b.c/opt-6.7b.json", "opt-6.7b" },
	{ "./opt-6.7b", "opt-6.7b" },
	{ "a.json/config", "config" },
	{ "config.json.json", "config.json" },
	{ "config.jsonl", "config.jsonl" },
	{ "-", "-" },
};

enum { BARE = sizeof bare / sizeof bare[0] };

START_TEST(a_bare_name_has_no_folder_and_no_suffix)
{
	char out[PROFILE_NAME_SIZE];

	profile_bare_name(bare[_i].name, out);
	ck_assert_str_eq(out, bare[_i].bare);
}
END_TEST

/* A name of `n` letters, then ".json". */
static void long_name(size_t n, char *out)
{
	memset(out, 'x', n);
	memcpy(out + n, ".json", sizeof ".json");
}

START_TEST(a_name_that_is_too_long_is_cut)
{
	char name[256], out[PROFILE_NAME_SIZE];

	long_name(200, name);
	profile_bare_name(name, out);
	ck_assert_uint_eq(strlen(out), PROFILE_NAME_SIZE - 1);
	ck_assert_uint_eq(strspn(out, "x"), PROFILE_NAME_SIZE - 1);
}
END_TEST

/* It is the bare name that has to fit, not the name with its suffix. */
START_TEST(a_name_that_just_fits_is_kept)
{
	char name[256], out[PROFILE_NAME_SIZE];
	size_t checked = 0;

	for (size_t n = 50; n < PROFILE_NAME_SIZE; n++, checked++) {
		long_name(n, name);
		profile_bare_name(name, out);
		ck_assert_uint_eq(strspn(out, "x"), n);
		ck_assert_uint_eq(strlen(out), n);
	}
	ck_assert_uint_eq(checked, 14);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/profile");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, make_folders, remove_folders);
	tcase_add_test(tc, a_name_is_a_profile_that_comes_with_kvplan);
	tcase_add_test(tc, a_path_is_a_file);
	tcase_add_test(tc, a_path_that_is_not_there_is_named);
	tcase_add_test(tc, a_dash_is_standard_input);
	tcase_add_test(tc, an_unknown_name_has_a_nearest);
	tcase_add_test(tc, lists_all_names);
	tcase_add_loop_test(tc, a_bare_name_has_no_folder_and_no_suffix, 0,
			    BARE);
	tcase_add_test(tc, a_name_that_is_too_long_is_cut);
	tcase_add_test(tc, a_name_that_just_fits_is_kept);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
