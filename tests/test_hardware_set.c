/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures that are set, described and looked up, and the shipped ones. */
#include "model/hardware.h"

#include <stdlib.h>
#include <string.h>

#include "base/resource.h"
#include "model/pageable.h"
#include "tests/harness.h"
#include "tests/json_edit.h"
#include "tests/toy_hardware.h"

static struct diag d;

START_TEST(sets_a_figure_and_says_who_did)
{
	char *json = strdup(toy_hardware);
	struct hardware hw, before;
	cJSON *doc, *figure;

	ck_assert_int_eq(hardware_parse(json, &before, &d), STATUS_OK);
	ck_assert_int_eq(hardware_set(&json, "link.h2d.bytes_per_s",
				      "64 GiB/s", &d), STATUS_OK);
	ck_assert_int_eq(hardware_set(&json, "gpu.gemm_derate", "0.625",
				      &d), STATUS_OK);
	ck_assert_int_eq(hardware_parse(json, &hw, &d), STATUS_OK);
	ck_assert_double_eq(hw.h2d.bytes_per_s, 68719476736.0);
	ck_assert_double_eq(hw.gemm_derate, 0.625);
	/* nothing else changed */
	before.h2d.bytes_per_s = hw.h2d.bytes_per_s;
	before.gemm_derate = hw.gemm_derate;
	ck_assert_mem_eq(&hw, &before, sizeof hw);
	doc = cJSON_Parse(json);
	figure = json_edit_at(doc, "gpu.gemm_derate");
	ck_assert_str_eq(json_edit_at(figure, "source")->valuestring,
			 "set by the user");
	ck_assert_ptr_null(cJSON_GetObjectItem(figure, "note"));
	ck_assert_str_eq(json_edit_at(doc, "note")->valuestring, "made up");
	cJSON_Delete(doc);
	free(json);
}
END_TEST

START_TEST(sets_a_figure_that_was_not_stated)
{
	char *json = toy_hardware_edit("", "host", NULL);
	struct hardware hw;

	ck_assert_int_eq(hardware_set(&json, "host.memory_bytes", "512 GB",
				      &d), STATUS_OK);
	ck_assert_int_eq(hardware_parse(json, &hw, &d), STATUS_OK);
	ck_assert_double_eq(hw.host_memory_bytes, 512e9);
	free(json);
}
END_TEST

/* Every figure: set to just inside its range, read back, and no other. */
START_TEST(any_figure_can_be_set)
{
	size_t n, set = 0;
	const struct figure *f = hardware_fields(&n);

	for (size_t i = 0; i < n; i++, set++) {
		double value = 0.5 * (f[i].min + f[i].max), got;
		char *json = strdup(toy_hardware), text[QUANTITY_SIZE];
		struct hardware hw;

		quantity_format_exact(value, text);
		ck_assert_int_eq(hardware_set(&json, f[i].path, text, &d),
				 STATUS_OK);
		ck_assert_int_eq(hardware_parse(json, &hw, &d), STATUS_OK);
		memcpy(&got, (const char *)&hw + f[i].offset, sizeof got);
		ck_assert_double_eq(got, value);
		free(json);
	}
	ck_assert_uint_eq(set, TOY_HARDWARE_FIGURES);
}
END_TEST

static const struct {
	const char *path, *text;
	enum status status;
	const char *message;
} unset[] = {
	{ "link.h2d.bytes", "64 GB/s", STATUS_UNKNOWN,
	  "link.h2d.bytes: unknown figure, the nearest is "
	  "link.h2d.bytes_per_s" },
	{ "link.h2d", "64 GB/s", STATUS_UNKNOWN,
	  "link.h2d: unknown figure, the nearest is link.h2d.bytes_per_s" },
	{ "", "64 GB/s", STATUS_UNKNOWN, ": unknown figure" },
	{ "gpu.flop_per_s", "fast", STATUS_INVALID,
	  "gpu.flop_per_s: found 'fast', expected a number such as "
	  "'312 TFLOP/s'" },
	{ "gpu.flop_per_s", "312 GB/s", STATUS_INVALID,
	  "gpu.flop_per_s: found '312 GB/s', expected a number such as "
	  "'312 TFLOP/s'" },
	{ "gpu.hbm_derate", "2.385", STATUS_INVALID,
	  "gpu.hbm_derate: found 2.385, expected 0.0001 to 1" },
	{ "link.d2h.bytes_per_s", "26", STATUS_INVALID,
	  "link.d2h.bytes_per_s: found 26 B/s, expected 1 MB/s to "
	  "1000000 TB/s" },
	{ "gpu.memory_bytes", "", STATUS_INVALID,
	  "gpu.memory_bytes: found '', expected a number such as '40 GB'" },
};

enum { UNSET = sizeof unset / sizeof unset[0] };

START_TEST(a_wrong_setting_changes_nothing)
{
	char *json = strdup(toy_hardware), *before = json;

	ck_assert_int_eq(hardware_set(&json, unset[_i].path, unset[_i].text,
				      &d), unset[_i].status);
	ck_assert_str_eq(d.text, unset[_i].message);
	ck_assert_ptr_eq(json, before);
	ck_assert_str_eq(json, toy_hardware);
	free(json);
}
END_TEST

/* pageable */

START_TEST(pageable_rates_become_the_link)
{
	char *json = strdup(toy_hardware);
	struct hardware hw, before;

	ck_assert_int_eq(hardware_parse(json, &before, &d), STATUS_OK);
	ck_assert_int_eq(pageable_use(&json, &d), STATUS_OK);
	ck_assert_int_eq(hardware_parse(json, &hw, &d), STATUS_OK);
	ck_assert_double_eq(hw.h2d.bytes_per_s,
			    before.h2d.pageable_bytes_per_s);
	ck_assert_double_eq(hw.d2h.bytes_per_s,
			    before.d2h.pageable_bytes_per_s);
	before.h2d.bytes_per_s = hw.h2d.bytes_per_s;
	ck_assert_double_eq(before.link_crossings, 2.0);
	ck_assert_double_eq(hw.link_crossings, 3.0);
	before.d2h.bytes_per_s = hw.d2h.bytes_per_s;
	before.link_crossings = hw.link_crossings;
	ck_assert_mem_eq(&hw, &before, sizeof hw);
	free(json);
}
END_TEST

START_TEST(pageable_rates_must_be_stated)
{
	static const char *const sides[] = { "h2d", "d2h" };
	char folder[16], message[256], *json, *before, *copy;

	snprintf(folder, sizeof folder, "link.%s", sides[_i]);
	json = before = toy_hardware_edit(folder, "pageable_bytes_per_s", NULL);
	copy = strdup(json);
	ck_assert_int_eq(pageable_use(&json, &d), STATUS_INVALID);
	snprintf(message, sizeof message,
		 "toy: link.%s.pageable_bytes_per_s is not stated, so "
		 "pageable host memory cannot be modelled", sides[_i]);
	ck_assert_str_eq(d.text, message);
	ck_assert_ptr_eq(json, before);
	ck_assert_str_eq(json, copy);
	free(copy);
	free(json);
}
END_TEST

START_TEST(pageable_of_a_wrong_profile_is_refused)
{
	char *json = toy_hardware_edit("gpu", "launch_s", NULL), *before = json;

	ck_assert_int_eq(pageable_use(&json, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text,
			 "gpu.launch_s: missing, expected an object");
	ck_assert_ptr_eq(json, before);
	free(json);
}
END_TEST

/* describe */

static const struct table_column columns[] = {
	{ "figure", "figure", QUANTITY_NUMBER },
	{ "value", "value", QUANTITY_NUMBER },
	{ "confidence", "confidence", QUANTITY_NUMBER },
	{ "source", "source", QUANTITY_NUMBER },
};

static char *described(const char *json)
{
	struct table *t = table_new(columns, 4);
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	ck_assert_ptr_nonnull(f);
	hardware_describe(json, t);
	ck_assert_uint_eq(table_rows(t), TOY_HARDWARE_FIGURES);
	table_print(t, TABLE_CSV, f);
	ck_assert_int_eq(fclose(f), 0);
	table_free(t);
	return out;
}

START_TEST(describes_every_figure)
{
	char *out = described(toy_hardware), expected[1536];
	char gemm[QUANTITY_SIZE], limit[QUANTITY_SIZE], hbm[QUANTITY_SIZE];
	char clock[QUANTITY_SIZE], byte[QUANTITY_SIZE];

	quantity_format(0.375, QUANTITY_NUMBER, clock);
	quantity_format(96.5, QUANTITY_NUMBER, byte);
	quantity_format(0.75, QUANTITY_NUMBER, gemm);
	quantity_format(0.625, QUANTITY_NUMBER, limit);
	quantity_format(0.875, QUANTITY_NUMBER, hbm);
	snprintf(expected, sizeof expected,
		 "figure,value,confidence,source\n"
		 "gpu.flop_per_s,238.5 TFLOP/s,quoted,sheet 1\n"
		 "gpu.gemm_derate,%s,measured,run 2\n"
		 "gpu.gemm_sustained_derate,%s,derived,run 19\n"
		 "gpu.clock_exponent,%s,measured,run 24\n"
		 "gpu.byte_flop,%s,derived,run 25\n"
		 "gpu.hbm_bytes_per_s,1.555 TB/s,recalled,sheet 3\n"
		 "gpu.hbm_derate,%s,derived,run 4\n"
		 "gpu.memory_bytes,42.95 GB,quoted,sheet 5\n"
		 "gpu.launch_s,2.385 us,guessed,custom 6\n"
		 "gpu.event_s,1.28 us,measured,run 20\n"
		 "gpu.handoff_s,4.73 us,derived,run 21\n"
		 "gpu.copy_hbm_bytes,1.25,derived,run 22\n"
		 "link.h2d.bytes_per_s,26 GB/s,measured,run 7\n"
		 "link.h2d.latency_s,2.66 us,measured,run 8\n"
		 "link.h2d.pageable_bytes_per_s,10.3 GB/s,measured,run 9\n"
		 "link.d2h.bytes_per_s,25.7 GB/s,measured,run 10\n"
		 "link.d2h.latency_s,1.9 us,measured,run 11\n"
		 "link.d2h.pageable_bytes_per_s,10.8 GB/s,measured,run 12\n"
		 "link.duplex_bytes_per_s,37.6 GB/s,measured,run 13\n"
		 "link.host_crossings,2,quoted,sheet 23\n"
		 "host.memory_bytes,512 GB,quoted,sheet 14\n"
		 "host.gpus_per_switch,3,quoted,sheet 20\n"
		 "host.switch_bytes_per_s,27.5 GB/s,measured,run 21\n"
		 "host.root_bytes_per_s,112.5 GB/s,measured,run 17\n"
		 "host.root_h2d_bytes_per_s,41.5 GB/s,measured,run 22\n"
		 "host.memory_bytes_per_s,204.8 GB/s,quoted,sheet 18\n"
		 "host.attention_bytes_per_s,238.5 GB/s,measured,run 15\n"
		 "host.copy_bytes_per_s,7.75 GB/s,measured,run 16\n"
		 "host.issue_s,4.5 us,measured,run 19\n", gemm, limit, clock,
		 byte, hbm);
	ck_assert_str_eq(out, expected);
	free(out);
}
END_TEST

/* hardware_parse() takes a null for a figure that is left out. */
START_TEST(a_null_figure_is_not_stated)
{
	char *json = toy_hardware_edit("link", "duplex_bytes_per_s", "null");
	char *out;
	struct hardware hw;

	ck_assert_int_eq(hardware_parse(json, &hw, &d), STATUS_OK);
	ck_assert_double_eq(hw.duplex_bytes_per_s, 0.0);
	out = described(json);
	ck_assert_ptr_nonnull(strstr(
		out, "\nlink.duplex_bytes_per_s,,,not stated\n"));
	free(out);
	free(json);
}
END_TEST

START_TEST(names_the_figures_that_are_unsure)
{
	char *json = toy_hardware_edit("gpu.launch_s", "confidence",
				       "\"derived\"");
	const char *paths[TOY_HARDWARE_FIGURES];

	ck_assert_uint_eq(hardware_unsure(toy_hardware, paths), 2);
	ck_assert_str_eq(paths[0], "gpu.hbm_bytes_per_s");
	ck_assert_str_eq(paths[1], "gpu.launch_s");
	ck_assert_uint_eq(hardware_unsure(json, paths), 1);
	ck_assert_str_eq(paths[0], "gpu.hbm_bytes_per_s");
	free(json);
}
END_TEST

/* the profiles that come with kvplan */

START_TEST(every_shipped_profile_loads)
{
	size_t n, loaded = 0;
	char **names = profile_names(PROFILE_HARDWARE, &n);

	for (size_t i = 0; i < n; i++, loaded++) {
		struct hardware hw = harness_hardware(names[i]);
		const char *unsure[TOY_HARDWARE_FIGURES];
		char *text, *out;

		ck_assert_str_eq(hw.name, names[i]);
		ck_assert_int_eq(profile_read(PROFILE_HARDWARE, names[i],
					      &text, &d), STATUS_OK);
		ck_assert_uint_le(hardware_unsure(text, unsure),
				  TOY_HARDWARE_FIGURES);
		out = described(text);
		ck_assert_uint_gt(strlen(out), 1000);
		free(out);
		free(text);
	}
	ck_assert_uint_ge(loaded, 10);
	resource_names_free(names, n);
}
END_TEST

/* Of data sheets: a slipped digit in a profile shows here. */
START_TEST(well_known_machines_are_as_published)
{
	struct hardware a100 = harness_hardware("a100-40gb-pcie4");
	struct hardware paper = harness_hardware("a100-40gb-paper");
	struct hardware h200 = harness_hardware("h200");

	ck_assert_double_eq(a100.flop_per_s, 312e12);
	ck_assert_double_eq(a100.hbm_bytes_per_s, 1555e9);
	ck_assert_double_eq(a100.memory_bytes, 40e9);
	/* a real PCIe 4.0 x16 link moves 25 to 27 GB/s, not 32 */
	ck_assert_double_gt(a100.h2d.bytes_per_s, 25e9);
	ck_assert_double_lt(a100.h2d.bytes_per_s, 27e9);
	ck_assert_double_eq(paper.h2d.bytes_per_s, 34359738368.0);
	ck_assert_double_eq(paper.h2d.latency_s, 0.0);
	ck_assert_double_eq(h200.hbm_bytes_per_s, 4.8e12);
	ck_assert_double_eq(h200.memory_bytes, 143771.0 * 0x1p20);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/hardware, use");
	TCase *tc = tcase_create("use");

	tcase_add_test(tc, sets_a_figure_and_says_who_did);
	tcase_add_test(tc, sets_a_figure_that_was_not_stated);
	tcase_add_test(tc, any_figure_can_be_set);
	tcase_add_loop_test(tc, a_wrong_setting_changes_nothing, 0, UNSET);
	tcase_add_test(tc, pageable_rates_become_the_link);
	tcase_add_loop_test(tc, pageable_rates_must_be_stated, 0, 2);
	tcase_add_test(tc, pageable_of_a_wrong_profile_is_refused);
	tcase_add_test(tc, describes_every_figure);
	tcase_add_test(tc, a_null_figure_is_not_stated);
	tcase_add_test(tc, names_the_figures_that_are_unsure);
	tcase_add_test(tc, every_shipped_profile_loads);
	tcase_add_test(tc, well_known_machines_are_as_published);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
