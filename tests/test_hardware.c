/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/hardware.h"

#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/toy_hardware.h"

static struct diag d;

static void check_refused(const char *json)
{
	struct hardware before, hw;

	memset(&before, 0x5a, sizeof before);
	memcpy(&hw, &before, sizeof hw);
	ck_assert_int_eq(hardware_parse(json, &hw, &d), STATUS_INVALID);
	ck_assert_mem_eq(&hw, &before, sizeof hw);
}

START_TEST(reads_every_figure)
{
	struct hardware hw;

	ck_assert_int_eq(hardware_parse(toy_hardware, &hw, &d), STATUS_OK);
	ck_assert_str_eq(hw.name, "toy");
	ck_assert_str_eq(hw.title, "A toy");
	ck_assert_double_eq(hw.flop_per_s, 238.5e12);
	ck_assert_double_eq(hw.gemm_derate, 0.75);
	ck_assert_double_eq(hw.hbm_bytes_per_s, 1.555e12);
	ck_assert_double_eq(hw.hbm_derate, 0.875);
	ck_assert_double_eq(hw.memory_bytes, 42949672960.0);
	ck_assert_double_eq_tol(hw.launch_s, 2.385e-6, 1e-20);
	ck_assert_double_eq(hw.copy_hbm_bytes, 1.25);
	ck_assert_double_eq_tol(hardware_hbm_copies_per_s(&hw),
				0.875 * 1.555e12 / 1.25, 1e-3);
	ck_assert_double_eq(hw.h2d.bytes_per_s, 26e9);
	ck_assert_double_eq(hw.h2d.latency_s, 2.66e-6);
	ck_assert_double_eq_tol(hw.h2d.pageable_bytes_per_s, 10.3e9, 1e-5);
	ck_assert_double_eq(hw.d2h.bytes_per_s, 25.7e9);
	ck_assert_double_eq_tol(hw.d2h.latency_s, 1.9e-6, 1e-20);
	ck_assert_double_eq_tol(hw.d2h.pageable_bytes_per_s, 10.8e9, 1e-5);
	ck_assert_double_eq(hw.duplex_bytes_per_s, 37.6e9);
	ck_assert_double_eq(hw.link_crossings, 2.0);
	ck_assert_double_eq(hw.host_memory_bytes, 512e9);
	ck_assert_double_eq(hw.host_gpus_per_switch, 3.0);
	ck_assert_double_eq(hw.host_switch_bytes_per_s, 27.5e9);
	ck_assert_double_eq(hw.host_root_bytes_per_s, 112.5e9);
	ck_assert_double_eq(hw.host_root_h2d_bytes_per_s, 41.5e9);
	ck_assert_double_eq_tol(hw.host_memory_bytes_per_s, 204.8e9, 1e-5);
	ck_assert_double_eq(hw.host_attention_bytes_per_s, 238.5e9);
	ck_assert_double_eq(hw.host_copy_bytes_per_s, 7.75e9);
	ck_assert_double_eq_tol(hw.host_issue_s, 4.5e-6, 1e-18);
}
END_TEST

START_TEST(a_switch_is_two_figures)
{
	static const struct {
		const char *name, *value, *message;
	} cases[] = {
		{ "gpus_per_switch", NULL, "host.gpus_per_switch: missing, "
		  "beside host.switch_bytes_per_s" },
		{ "switch_bytes_per_s", NULL, "host.switch_bytes_per_s: "
		  "missing, beside host.gpus_per_switch" },
		{ "gpus_per_switch", "{\"value\": 2.5, \"source\": \"x\","
		  " \"confidence\": \"guessed\"}",
		  "host.gpus_per_switch.value: found 2.5, expected a whole "
		  "number" },
	};
	struct hardware hw;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *json = toy_hardware_edit("host", cases[i].name,
					       cases[i].value);

		ck_assert_int_eq(hardware_parse(json, &hw, &d),
				 STATUS_INVALID);
		ck_assert_str_eq(d.text, cases[i].message);
		free(json);
	}
	ck_assert_int_eq(hardware_parse(toy_hardware, &hw, &d), STATUS_OK);
	ck_assert_double_eq(hardware_switch_sharers(&hw, 2.0), 2.0);
	ck_assert_double_eq(hardware_switch_sharers(&hw, 8.0), 3.0);
	hw.host_gpus_per_switch = 0.0;
	ck_assert_double_eq(hardware_switch_sharers(&hw, 8.0), 1.0);
}
END_TEST

START_TEST(bytes_cross_memory_whole_times)
{
	struct hardware hw;
	char *json = toy_hardware_edit("link", "host_crossings",
			      "{\"value\": 1.5, \"source\": \"x\","
			      " \"confidence\": \"guessed\"}");

	ck_assert_int_eq(hardware_parse(json, &hw, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "link.host_crossings.value: found 1.5, "
			 "expected a whole number");
	free(json);
}
END_TEST

/* 0.75 for rested products, so 0.0075: then that is the clock of others. */
START_TEST(the_power_limit_has_a_clock)
{
	struct hardware hw;
	char *json = toy_hardware_edit("gpu", "gemm_sustained_derate",
			      "{\"value\": 0.00749, \"source\": \"x\","
			      " \"confidence\": \"guessed\"}");

	ck_assert_int_eq(hardware_parse(json, &hw, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "gpu.gemm_sustained_derate.value: found "
			 "0.00749, expected at least 0.01 of gpu.gemm_derate, "
			 "0.0075");
	free(json);
	ck_assert_int_eq(hardware_parse(toy_hardware, &hw, &d), STATUS_OK);
	hw.gemm_sustained_derate = 0.00751;
	ck_assert_int_eq(hardware_check(&hw, &d), STATUS_OK);
	hw.gemm_sustained_derate = 0.0;
	ck_assert_int_eq(hardware_check(&hw, &d), STATUS_OK);
}
END_TEST

START_TEST(derates_apply_to_peaks)
{
	struct hardware hw;

	ck_assert_int_eq(hardware_parse(toy_hardware, &hw, &d), STATUS_OK);
	/* 238.5 * 3/4 and 1555 * 7/8 */
	ck_assert_double_eq(hardware_gemm_flop_per_s(&hw), 178.875e12);
	ck_assert_double_eq(hardware_hbm_bytes_per_s(&hw), 1360.625e9);
}
END_TEST

START_TEST(optional_figures_may_be_left_out)
{
	static const char *const paths[][2] = {
		{ "link.h2d", "pageable_bytes_per_s" },
		{ "link.d2h", "pageable_bytes_per_s" },
		{ "link", "duplex_bytes_per_s" },
		{ "host", "attention_bytes_per_s" },
		{ "host", "copy_bytes_per_s" },
		{ "host", "issue_s" },
		{ "host", "memory_bytes" },
		{ "", "host" },
	};
	size_t checked = 0;

	for (size_t i = 0; i < 8; i++, checked++) {
		char *json = toy_hardware_edit(paths[i][0], paths[i][1], NULL);
		struct hardware hw;

		ck_assert_int_eq(hardware_parse(json, &hw, &d), STATUS_OK);
		ck_assert_double_eq(i == 0 ? hw.h2d.pageable_bytes_per_s :
				    i == 1 ? hw.d2h.pageable_bytes_per_s :
				    i == 2 ? hw.duplex_bytes_per_s :
				    i == 3 ? hw.host_attention_bytes_per_s :
				    i == 4 ? hw.host_copy_bytes_per_s :
				    i == 5 ? hw.host_issue_s :
				    hw.host_memory_bytes, 0.0);
		ck_assert_double_eq(hw.d2h.bytes_per_s, 25.7e9);
		free(json);
	}
	ck_assert_uint_eq(checked, 8);
}
END_TEST

static const struct {
	const char *path, *key, *value;	/* value NULL: left out */
	const char *message;
} wrong[] = {
	/* the header */
	{ "", "schema", NULL, "schema: missing, expected a text" },
	{ "", "schema", "\"kvplan-hardware-2\"",
	  "schema: found 'kvplan-hardware-2', expected "
	  "'kvplan-hardware-1'" },
	{ "", "name", NULL, "name: missing, expected a text" },
	{ "", "title", "2.385", "title: found a number, expected a text" },
	{ "", "kind", "\"calibration\"",
	  "calibration: missing: kind is 'calibration'" },
	/* what is missing */
	{ "", "gpu", NULL, "gpu: missing, expected an object" },
	{ "", "link", "\"PCIe\"", "link: found 'PCIe', expected an object" },
	{ "", "gpu", "[]", "gpu: found an array, expected an object" },
	{ "link", "h2d", NULL, "link.h2d: missing, expected an object" },
	{ "gpu", "launch_s", NULL,
	  "gpu.launch_s: missing, expected an object" },
	{ "gpu", "launch_s", "3e-6",
	  "gpu.launch_s: found a number, expected an object" },
	{ "gpu", "launch_s", "null",
	  "gpu.launch_s: found null, expected an object" },
	{ "link.d2h.latency_s", "value", NULL,
	  "link.d2h.latency_s.value: missing, expected a number or a text "
	  "such as '3 us'" },
	{ "link.d2h.latency_s", "value", "\"soon\"",
	  "link.d2h.latency_s.value: found 'soon', expected a number such "
	  "as '3 us'" },
	{ "link.d2h.latency_s", "value", "\"3 GB\"",
	  "link.d2h.latency_s.value: found '3 GB', expected a number such "
	  "as '3 us'" },
	/* where it comes from */
	{ "gpu.memory_bytes", "source", NULL,
	  "gpu.memory_bytes.source: missing, expected a text" },
	{ "gpu.memory_bytes", "source", "\"\"",
	  "gpu.memory_bytes.source: found an empty text, expected where the "
	  "figure comes from" },
	{ "gpu.memory_bytes", "confidence", NULL,
	  "gpu.memory_bytes.confidence: missing, expected a text" },
	{ "gpu.memory_bytes", "confidence", "\"sure\"",
	  "gpu.memory_bytes.confidence: found 'sure', expected measured, "
	  "quoted, derived, recalled or guessed" },
	{ "host.memory_bytes", "source", NULL,
	  "host.memory_bytes.source: missing, expected a text" },
	{ "gpu.memory_bytes", "sorce", "\"x\"",
	  "gpu.memory_bytes.sorce: unknown name, the nearest is 'source'" },
	/* out of range: a slipped unit, most often */
	{ "link.h2d.bytes_per_s", "value", "26",
	  "link.h2d.bytes_per_s: found 26 B/s, expected 1 MB/s to "
	  "1000000 TB/s" },
	{ "link.duplex_bytes_per_s", "value", "0",
	  "link.duplex_bytes_per_s: found 0 B/s, expected 1 MB/s to "
	  "1000000 TB/s" },
	{ "gpu.memory_bytes", "value", "\"40 B\"",
	  "gpu.memory_bytes: found 40 B, expected 1 MB to 1000000 TB" },
	{ "gpu.hbm_derate", "value", "17",
	  "gpu.hbm_derate: found 17, expected 0.0001 to 1" },
	{ "gpu.gemm_derate", "value", "0",
	  "gpu.gemm_derate: found 0, expected 0.0001 to 1" },
	{ "gpu.launch_s", "value", "3",
	  "gpu.launch_s: found 3 s, expected 0 ns to 1 s" },
	{ "gpu.launch_s", "value", "-2.385e-6",
	  "gpu.launch_s: found -2.385 us, expected 0 ns to 1 s" },
	{ "gpu.flop_per_s", "value", "238.5",
	  "gpu.flop_per_s: found 238.5 FLOP/s, expected 1 MFLOP/s to "
	  "1000000 PFLOP/s" },
	/* what no figure is called */
	{ "gpu", "lunch_s", "{}",
	  "gpu.lunch_s: unknown figure, the nearest is gpu.launch_s" },
	{ "link.h2d", "latency", "3e-6",
	  "link.h2d.latency: unknown figure, the nearest is "
	  "link.h2d.latency_s" },
	{ "", "colour", "\"green\"", "colour: unknown figure" },
	{ "gpu", "name", "\"A100\"", "gpu.name: unknown figure" },
};

enum { WRONG = sizeof wrong / sizeof wrong[0] };

START_TEST(says_what_is_wrong_with_a_profile)
{
	char *json = toy_hardware_edit(wrong[_i].path, wrong[_i].key,
				       wrong[_i].value);

	check_refused(json);
	ck_assert_str_eq(d.text, wrong[_i].message);
	free(json);
}
END_TEST

/* An array is no folder of figures, whatever it holds. */
START_TEST(an_array_of_something_is_no_folder)
{
	char *json = toy_hardware_edit("", "gpu", "[2.385]");

	check_refused(json);
	ck_assert_str_eq(d.text, "gpu: found an array, expected an object");
	free(json);
}
END_TEST

/* A member called "host.bytes_per_s" is not the member of "host". */
START_TEST(a_key_with_dots_is_not_a_path)
{
	char *json = toy_hardware_edit("", "host.bytes_per_s",
			      "{\"value\": \"204.8 GB/s\", \"source\": \"x\","
			      " \"confidence\": \"quoted\"}");

	check_refused(json);
	ck_assert_int_eq(strncmp(d.text, "host.bytes_per_s: ", 18), 0);
	free(json);
}
END_TEST

START_TEST(a_text_that_is_not_json_is_refused)
{
	check_refused("{\"schema\": ");
	ck_assert_str_eq(d.text,
			 "line 1, column 12: the JSON text ends too early");
	check_refused("[2.385]");
	ck_assert_str_eq(d.text, "found an array, expected a JSON object");
}
END_TEST

START_TEST(limits_are_inclusive)
{
	static const struct {
		const char *path, *value;
	} limits[] = {
		{ "gpu.gemm_derate", "1" }, { "gpu.gemm_derate", "1e-4" },
		{ "gpu.launch_s", "0" }, { "gpu.launch_s", "\"1 s\"" },
		{ "link.h2d.bytes_per_s", "1e6" },
		{ "link.h2d.bytes_per_s", "1e18" },
		{ "gpu.flop_per_s", "1e21" },
	};
	size_t checked = 0;

	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		char *json = toy_hardware_edit(limits[i].path, "value",
				      limits[i].value);
		struct hardware hw;

		ck_assert_msg(hardware_parse(json, &hw, &d) == STATUS_OK,
			      "%s", d.text);
		free(json);
		checked++;
	}
	ck_assert_uint_eq(checked, 7);
}
END_TEST

START_TEST(each_field_has_its_own_member_and_a_range)
{
	size_t n;
	const struct figure *f = hardware_fields(&n);

	ck_assert_uint_eq(n, TOY_HARDWARE_FIGURES);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_le(f[i].offset + sizeof(double),
				  sizeof(struct hardware));
		ck_assert_double_lt(f[i].min, f[i].max);
		ck_assert_uint_gt(strlen(f[i].meaning), 0);
		for (size_t j = 0; j < i; j++) {
			ck_assert_str_ne(f[i].path, f[j].path);
			ck_assert_uint_ne(f[i].offset, f[j].offset);
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/hardware");
	TCase *tc = tcase_create("parse");

	tcase_add_test(tc, reads_every_figure);
	tcase_add_test(tc, a_switch_is_two_figures);
	tcase_add_test(tc, bytes_cross_memory_whole_times);
	tcase_add_test(tc, the_power_limit_has_a_clock);
	tcase_add_test(tc, derates_apply_to_peaks);
	tcase_add_test(tc, optional_figures_may_be_left_out);
	tcase_add_loop_test(tc, says_what_is_wrong_with_a_profile, 0, WRONG);
	tcase_add_test(tc, an_array_of_something_is_no_folder);
	tcase_add_test(tc, a_key_with_dots_is_not_a_path);
	tcase_add_test(tc, a_text_that_is_not_json_is_refused);
	tcase_add_test(tc, limits_are_inclusive);
	tcase_add_test(tc, each_field_has_its_own_member_and_a_range);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
