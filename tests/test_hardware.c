/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/hardware.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/resource.h"
#include "tests/harness.h"

static const char sample[] =
	"{\"schema\": \"kvplan-hardware-1\", \"name\": \"toy\","
	" \"title\": \"A toy\", \"kind\": \"data_sheet\","
	" \"note\": \"made up\","
	" \"gpu\": {"
	"  \"flop_per_s\": {\"value\": \"238.5 TFLOP/s\","
	"   \"source\": \"sheet 1\", \"confidence\": \"quoted\"},"
	"  \"gemm_derate\": {\"value\": 0.75, \"source\": \"run 2\","
	"   \"confidence\": \"measured\", \"note\": \"warm\"},"
	"  \"hbm_bytes_per_s\": {\"value\": \"1.555 TB/s\","
	"   \"source\": \"sheet 3\", \"confidence\": \"recalled\"},"
	"  \"hbm_derate\": {\"value\": 0.875, \"source\": \"run 4\","
	"   \"confidence\": \"derived\"},"
	"  \"memory_bytes\": {\"value\": \"40 GiB\","
	"   \"source\": \"sheet 5\", \"confidence\": \"quoted\"},"
	"  \"launch_s\": {\"value\": \"2.385 us\","
	"   \"source\": \"custom 6\", \"confidence\": \"guessed\"},"
	"  \"gemm_sustained_derate\": {\"value\": 0.625,"
	"   \"source\": \"run 19\", \"confidence\": \"derived\"},"
	"  \"clock_exponent\": {\"value\": 0.375,"
	"   \"source\": \"run 24\", \"confidence\": \"measured\"},"
	"  \"event_s\": {\"value\": \"1.28 us\", \"source\": \"run 20\","
	"   \"confidence\": \"measured\"},"
	"  \"handoff_s\": {\"value\": \"4.73 us\", \"source\": \"run 21\","
	"   \"confidence\": \"derived\"},"
	"  \"copy_hbm_bytes\": {\"value\": 1.25, \"source\": \"run 22\","
	"   \"confidence\": \"derived\"}},"
	" \"link\": {"
	"  \"h2d\": {"
	"   \"bytes_per_s\": {\"value\": \"26 GB/s\","
	"    \"source\": \"run 7\", \"confidence\": \"measured\"},"
	"   \"latency_s\": {\"value\": 2.66e-6, \"source\": \"run 8\","
	"    \"confidence\": \"measured\"},"
	"   \"pageable_bytes_per_s\": {\"value\": \"10.3 GB/s\","
	"    \"source\": \"run 9\", \"confidence\": \"measured\"}},"
	"  \"d2h\": {"
	"   \"bytes_per_s\": {\"value\": \"25.7 GB/s\","
	"    \"source\": \"run 10\", \"confidence\": \"measured\"},"
	"   \"latency_s\": {\"value\": \"1.9 us\", \"source\": \"run 11\","
	"    \"confidence\": \"measured\"},"
	"   \"pageable_bytes_per_s\": {\"value\": \"10.8 GB/s\","
	"    \"source\": \"run 12\", \"confidence\": \"measured\"}},"
	"  \"duplex_bytes_per_s\": {\"value\": \"37.6 GB/s\","
	"   \"source\": \"run 13\", \"confidence\": \"measured\"},"
	"  \"host_crossings\": {\"value\": 2,"
	"   \"source\": \"sheet 23\", \"confidence\": \"quoted\"}},"
	" \"host\": {"
	"  \"memory_bytes\": {\"value\": \"512 GB\","
	"   \"source\": \"sheet 14\", \"confidence\": \"quoted\"},"
	"  \"gpus_per_switch\": {\"value\": 3,"
	"   \"source\": \"sheet 20\", \"confidence\": \"quoted\"},"
	"  \"switch_bytes_per_s\": {\"value\": \"27.5 GB/s\","
	"   \"source\": \"run 21\", \"confidence\": \"measured\"},"
	"  \"root_bytes_per_s\": {\"value\": \"112.5 GB/s\","
	"   \"source\": \"run 17\", \"confidence\": \"measured\"},"
	"  \"memory_bytes_per_s\": {\"value\": \"204.8 GB/s\","
	"   \"source\": \"sheet 18\", \"confidence\": \"quoted\"},"
	"  \"attention_bytes_per_s\": {\"value\": \"238.5 GB/s\","
	"   \"source\": \"run 15\", \"confidence\": \"measured\"},"
	"  \"copy_bytes_per_s\": {\"value\": \"7.75 GB/s\","
	"   \"source\": \"run 16\", \"confidence\": \"measured\"},"
	"  \"issue_s\": {\"value\": \"4.5 us\","
	"   \"source\": \"run 19\", \"confidence\": \"measured\"}}}";

enum { FIELDS = 27 };

static struct diag d;

/* The figure or folder at `path` of `doc`, which must be there. */
static cJSON *at(cJSON *doc, const char *path)
{
	while (*path != '\0') {
		size_t len = strcspn(path, ".");
		char key[64];

		snprintf(key, sizeof key, "%.*s", (int)len, path);
		doc = cJSON_GetObjectItemCaseSensitive(doc, key);
		ck_assert_ptr_nonnull(doc);
		path += len + (path[len] == '.');
	}
	return doc;
}

/*
 * The sample with `key` of the object at `path` replaced by the JSON text
 * `value`, or without it if that is NULL.  The caller frees.
 */
static char *edited(const char *path, const char *key, const char *value)
{
	cJSON *doc = cJSON_Parse(sample), *obj = at(doc, path);
	char *printed, *text;

	cJSON_DeleteItemFromObjectCaseSensitive(obj, key);
	if (value != NULL) {
		cJSON *made = cJSON_Parse(value);

		ck_assert_ptr_nonnull(made);
		cJSON_AddItemToObject(obj, key, made);
	}
	printed = cJSON_PrintUnformatted(doc);
	text = strdup(printed);
	cJSON_free(printed);
	cJSON_Delete(doc);
	return text;
}

static void check_refused(const char *json)
{
	struct hardware before, hw;

	memset(&before, 0x5a, sizeof before);
	memcpy(&hw, &before, sizeof hw);
	ck_assert_int_eq(hardware_parse(json, &hw, &d), STATUS_INVALID);
	ck_assert_mem_eq(&hw, &before, sizeof hw);
}

/* parse */

START_TEST(reads_every_figure)
{
	struct hardware hw;

	ck_assert_int_eq(hardware_parse(sample, &hw, &d), STATUS_OK);
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
		char *json = edited("host", cases[i].name, cases[i].value);

		ck_assert_int_eq(hardware_parse(json, &hw, &d),
				 STATUS_INVALID);
		ck_assert_str_eq(d.text, cases[i].message);
		free(json);
	}
	ck_assert_int_eq(hardware_parse(sample, &hw, &d), STATUS_OK);
	ck_assert_double_eq(hardware_switch_sharers(&hw, 2.0), 2.0);
	ck_assert_double_eq(hardware_switch_sharers(&hw, 8.0), 3.0);
	hw.host_gpus_per_switch = 0.0;
	ck_assert_double_eq(hardware_switch_sharers(&hw, 8.0), 1.0);
}
END_TEST

START_TEST(bytes_cross_memory_whole_times)
{
	struct hardware hw;
	char *json = edited("link", "host_crossings",
			    "{\"value\": 1.5, \"source\": \"x\","
			    " \"confidence\": \"guessed\"}");

	ck_assert_int_eq(hardware_parse(json, &hw, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "link.host_crossings.value: found 1.5, "
			 "expected a whole number");
	free(json);
}
END_TEST

START_TEST(derates_apply_to_peaks)
{
	struct hardware hw;

	ck_assert_int_eq(hardware_parse(sample, &hw, &d), STATUS_OK);
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
		char *json = edited(paths[i][0], paths[i][1], NULL);
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
	char *json = edited(wrong[_i].path, wrong[_i].key, wrong[_i].value);

	check_refused(json);
	ck_assert_str_eq(d.text, wrong[_i].message);
	free(json);
}
END_TEST

/* An array is no folder of figures, whatever it holds. */
START_TEST(an_array_of_something_is_no_folder)
{
	char *json = edited("", "gpu", "[2.385]");

	check_refused(json);
	ck_assert_str_eq(d.text, "gpu: found an array, expected an object");
	free(json);
}
END_TEST

/* A member called "host.bytes_per_s" is not the member of "host". */
START_TEST(a_key_with_dots_is_not_a_path)
{
	char *json = edited("", "host.bytes_per_s",
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
		char *json = edited(limits[i].path, "value",
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

/* the table of figures */

START_TEST(each_field_has_its_own_member_and_a_range)
{
	size_t n;
	const struct hardware_field *f = hardware_fields(&n);

	ck_assert_uint_eq(n, FIELDS);
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

/* set */

START_TEST(sets_a_figure_and_says_who_did)
{
	char *json = strdup(sample);
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
	figure = at(doc, "gpu.gemm_derate");
	ck_assert_str_eq(at(figure, "source")->valuestring,
			 "set by the user");
	ck_assert_ptr_null(cJSON_GetObjectItem(figure, "note"));
	ck_assert_str_eq(at(doc, "note")->valuestring, "made up");
	cJSON_Delete(doc);
	free(json);
}
END_TEST

START_TEST(sets_a_figure_that_was_not_stated)
{
	char *json = edited("", "host", NULL);
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
	const struct hardware_field *f = hardware_fields(&n);

	for (size_t i = 0; i < n; i++, set++) {
		double value = 0.5 * (f[i].min + f[i].max), got;
		char *json = strdup(sample), text[QUANTITY_SIZE];
		struct hardware hw;

		quantity_format_exact(value, text);
		ck_assert_int_eq(hardware_set(&json, f[i].path, text, &d),
				 STATUS_OK);
		ck_assert_int_eq(hardware_parse(json, &hw, &d), STATUS_OK);
		memcpy(&got, (const char *)&hw + f[i].offset, sizeof got);
		ck_assert_double_eq(got, value);
		free(json);
	}
	ck_assert_uint_eq(set, FIELDS);
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
	char *json = strdup(sample), *before = json;

	ck_assert_int_eq(hardware_set(&json, unset[_i].path, unset[_i].text,
				      &d), unset[_i].status);
	ck_assert_str_eq(d.text, unset[_i].message);
	ck_assert_ptr_eq(json, before);
	ck_assert_str_eq(json, sample);
	free(json);
}
END_TEST

/* pageable */

START_TEST(pageable_rates_become_the_link)
{
	char *json = strdup(sample);
	struct hardware hw, before;

	ck_assert_int_eq(hardware_parse(json, &before, &d), STATUS_OK);
	ck_assert_int_eq(hardware_use_pageable(&json, &d), STATUS_OK);
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
	json = before = edited(folder, "pageable_bytes_per_s", NULL);
	copy = strdup(json);
	ck_assert_int_eq(hardware_use_pageable(&json, &d), STATUS_INVALID);
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
	char *json = edited("gpu", "launch_s", NULL), *before = json;

	ck_assert_int_eq(hardware_use_pageable(&json, &d), STATUS_INVALID);
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
	ck_assert_uint_eq(table_rows(t), FIELDS);
	table_print(t, TABLE_CSV, f);
	ck_assert_int_eq(fclose(f), 0);
	table_free(t);
	return out;
}

START_TEST(describes_every_figure)
{
	char *out = described(sample), expected[1536];
	char gemm[QUANTITY_SIZE], limit[QUANTITY_SIZE], hbm[QUANTITY_SIZE];
	char clock[QUANTITY_SIZE];

	quantity_format(0.375, QUANTITY_NUMBER, clock);
	quantity_format(0.75, QUANTITY_NUMBER, gemm);
	quantity_format(0.625, QUANTITY_NUMBER, limit);
	quantity_format(0.875, QUANTITY_NUMBER, hbm);
	snprintf(expected, sizeof expected,
		 "figure,value,confidence,source\n"
		 "gpu.flop_per_s,238.5 TFLOP/s,quoted,sheet 1\n"
		 "gpu.gemm_derate,%s,measured,run 2\n"
		 "gpu.gemm_sustained_derate,%s,derived,run 19\n"
		 "gpu.clock_exponent,%s,measured,run 24\n"
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
		 "host.memory_bytes_per_s,204.8 GB/s,quoted,sheet 18\n"
		 "host.attention_bytes_per_s,238.5 GB/s,measured,run 15\n"
		 "host.copy_bytes_per_s,7.75 GB/s,measured,run 16\n"
		 "host.issue_s,4.5 us,measured,run 19\n", gemm, limit, clock,
		 hbm);
	ck_assert_str_eq(out, expected);
	free(out);
}
END_TEST

/* hardware_parse() takes a null for a figure that is left out. */
START_TEST(a_null_figure_is_not_stated)
{
	char *json = edited("link", "duplex_bytes_per_s", "null"), *out;
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
	char *json = edited("gpu.launch_s", "confidence", "\"derived\"");
	const char *paths[FIELDS];

	ck_assert_uint_eq(hardware_unsure(sample, paths), 2);
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
		const char *unsure[FIELDS];
		char *text, *out;

		ck_assert_str_eq(hw.name, names[i]);
		ck_assert_int_eq(profile_read(PROFILE_HARDWARE, names[i],
					      &text, &d), STATUS_OK);
		ck_assert_uint_le(hardware_unsure(text, unsure), FIELDS);
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
	Suite *s = suite_create("model/hardware");
	TCase *parse = tcase_create("parse"), *use = tcase_create("use");

	tcase_add_test(parse, reads_every_figure);
	tcase_add_test(parse, a_switch_is_two_figures);
	tcase_add_test(parse, bytes_cross_memory_whole_times);
	tcase_add_test(parse, derates_apply_to_peaks);
	tcase_add_test(parse, optional_figures_may_be_left_out);
	tcase_add_loop_test(parse, says_what_is_wrong_with_a_profile, 0,
			    WRONG);
	tcase_add_test(parse, an_array_of_something_is_no_folder);
	tcase_add_test(parse, a_key_with_dots_is_not_a_path);
	tcase_add_test(parse, a_text_that_is_not_json_is_refused);
	tcase_add_test(parse, limits_are_inclusive);
	tcase_add_test(parse, each_field_has_its_own_member_and_a_range);
	suite_add_tcase(s, parse);
	tcase_add_test(use, sets_a_figure_and_says_who_did);
	tcase_add_test(use, sets_a_figure_that_was_not_stated);
	tcase_add_test(use, any_figure_can_be_set);
	tcase_add_loop_test(use, a_wrong_setting_changes_nothing, 0, UNSET);
	tcase_add_test(use, pageable_rates_become_the_link);
	tcase_add_loop_test(use, pageable_rates_must_be_stated, 0, 2);
	tcase_add_test(use, pageable_of_a_wrong_profile_is_refused);
	tcase_add_test(use, describes_every_figure);
	tcase_add_test(use, a_null_figure_is_not_stated);
	tcase_add_test(use, names_the_figures_that_are_unsure);
	tcase_add_test(use, every_shipped_profile_loads);
	tcase_add_test(use, well_known_machines_are_as_published);
	suite_add_tcase(s, use);
	return harness_run(s);
}
