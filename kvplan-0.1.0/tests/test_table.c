/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

static const struct table_column columns[] = {
	{ "policy", "policy", QUANTITY_NUMBER },
	{ "step_s", "per token", QUANTITY_SECONDS },
	{ "moved_bytes", "moved", QUANTITY_BYTES },
	{ "note", "note", QUANTITY_NUMBER },
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

static struct table *sample(void)
{
	struct table *t = table_new(columns, COLUMNS);

	table_text(t, "kvpr-row");
	table_number(t, 27.344e-3);
	table_number(t, 939524096.0);
	table_text(t, "best");
	table_text(t, "load-all");
	table_number(t, 2.385);
	table_empty(t);
	table_text(t, "");
	return t;
}

static char *printed(const struct table *t, enum table_format format)
{
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	ck_assert_ptr_nonnull(f);
	table_print(t, format, f);
	ck_assert_int_eq(fclose(f), 0);
	return out;
}

static void check_print(struct table *t, enum table_format format,
			const char *expected)
{
	char *out = printed(t, format);

	ck_assert_str_eq(out, expected);
	free(out);
	table_free(t);
}

START_TEST(text_is_aligned_and_has_units)
{
	check_print(sample(), TABLE_TEXT,
		    "policy    per token     moved  note\n"
		    "kvpr-row   27.34 ms  939.5 MB  best\n"
		    "load-all    2.385 s         -\n");
}
END_TEST

/* Numbers stand to the right; one text in a column sends it to the left. */
START_TEST(a_column_of_mixed_cells_is_one_of_texts)
{
	static const struct table_column two[] = {
		{ "a", "a", QUANTITY_NUMBER },
		{ "b", "speed", QUANTITY_BYTES_PER_S },
	};
	struct table *t = table_new(two, 2);

	table_number(t, 2.385);
	table_number(t, 26e9);
	table_text(t, "x");
	table_number(t, 34359738368.0);
	check_print(t, TABLE_TEXT,
		    "a           speed\n"
		    "2.385     26 GB/s\n"
		    "x      34.36 GB/s\n");
}
END_TEST

START_TEST(no_line_ends_in_a_space)
{
	static const struct table_column two[] = {
		{ "a", "a", QUANTITY_NUMBER },
		{ "b", "remark", QUANTITY_NUMBER },
	};
	struct table *t = table_new(two, 2);

	table_text(t, "short");
	table_text(t, "");
	table_text(t, "");
	table_text(t, "x");
	check_print(t, TABLE_TEXT, "a      remark\nshort\n       x\n");
}
END_TEST

START_TEST(csv_has_keys_and_bare_si_numbers)
{
	check_print(sample(), TABLE_CSV,
		    "policy,step_s,moved_bytes,note\n"
		    "kvpr-row,0.027344,939524096,best\n"
		    "load-all,2.385,,\n");
}
END_TEST

/* RFC 4180, section 2, rules 5 to 7. */
START_TEST(csv_quotes_what_needs_it)
{
	struct table *t = table_new(columns, 1);

	table_text(t, "plain text");
	table_text(t, "a,b");
	table_text(t, "26 \"GB/s\"");
	table_text(t, "two\nlines");
	table_text(t, "cr\rlf");
	table_text(t, "\"");
	table_text(t, "");
	table_number(t, 1.0 / 3.0);
	check_print(t, TABLE_CSV,
		    "policy\n"
		    "plain text\n"
		    "\"a,b\"\n"
		    "\"26 \"\"GB/s\"\"\"\n"
		    "\"two\nlines\"\n"
		    "\"cr\rlf\"\n"
		    "\"\"\"\"\n"
		    "\n"
		    "0.33333333333333331\n");
}
END_TEST

static void check_rows(const cJSON *rows)
{
	const cJSON *row = cJSON_GetArrayItem(rows, 0);

	ck_assert_int_eq(cJSON_GetArraySize(rows), 2);
	ck_assert_int_eq(cJSON_GetArraySize(row), COLUMNS);
	ck_assert_str_eq(cJSON_GetObjectItem(row, "policy")->valuestring,
			 "kvpr-row");
	ck_assert_double_eq(cJSON_GetObjectItem(row, "step_s")->valuedouble,
			    27.344e-3);
	ck_assert_double_eq(cJSON_GetObjectItem(row, "moved_bytes")
				    ->valuedouble, 939524096.0);
	ck_assert_str_eq(cJSON_GetObjectItem(row, "note")->valuestring,
			 "best");
	row = cJSON_GetArrayItem(rows, 1);
	ck_assert_int_eq(cJSON_GetArraySize(row), COLUMNS);
	ck_assert_double_eq(cJSON_GetObjectItem(row, "step_s")->valuedouble,
			    2.385);
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(row, "moved_bytes")));
	ck_assert_str_eq(cJSON_GetObjectItem(row, "note")->valuestring, "");
}

START_TEST(json_is_an_array_of_objects)
{
	struct table *t = sample();
	cJSON *rows = table_json(t);

	check_rows(rows);
	cJSON_Delete(rows);
	table_free(t);
}
END_TEST

START_TEST(printed_json_is_the_same)
{
	struct table *t = sample();
	char *out = printed(t, TABLE_JSON);
	cJSON *rows = cJSON_ParseWithOpts(out, NULL, 1);

	ck_assert(cJSON_IsArray(rows));
	check_rows(rows);
	ck_assert_int_eq(out[strlen(out) - 1], '\n');
	cJSON_Delete(rows);
	free(out);
	table_free(t);
}
END_TEST

START_TEST(a_table_without_rows_has_a_heading)
{
	check_print(table_new(columns, COLUMNS), TABLE_TEXT,
		    "policy  per token  moved  note\n");
	check_print(table_new(columns, COLUMNS), TABLE_CSV,
		    "policy,step_s,moved_bytes,note\n");
	check_print(table_new(columns, COLUMNS), TABLE_JSON, "[]\n");
}
END_TEST

START_TEST(counts_the_rows_that_are_complete)
{
	struct table *t = table_new(columns, COLUMNS);

	ck_assert_uint_eq(table_rows(t), 0);
	for (size_t i = 0; i < 17; i++) {
		table_text(t, "x");
		table_number(t, 2.385);
		table_empty(t);
		ck_assert_uint_eq(table_rows(t), i);
		table_text(t, "y");
		ck_assert_uint_eq(table_rows(t), i + 1);
	}
	table_free(t);
}
END_TEST

START_TEST(grows_and_copies_its_texts)
{
	struct table *t = table_new(columns, 2);
	char text[16];
	cJSON *rows;

	for (size_t i = 0; i < 1000; i++) {
		snprintf(text, sizeof text, "row %zu", i);
		table_text(t, text);
		table_number(t, 2.385 * (double)i);
	}
	ck_assert_uint_eq(table_rows(t), 1000);
	rows = table_json(t);
	for (int i = 0; i < 1000; i += 333) {
		const cJSON *row = cJSON_GetArrayItem(rows, i);

		snprintf(text, sizeof text, "row %d", i);
		ck_assert_str_eq(row->child->valuestring, text);
		ck_assert_double_eq(row->child->next->valuedouble, 2.385 * i);
	}
	cJSON_Delete(rows);
	table_free(t);
	table_free(NULL);
}
END_TEST

/* A failure to write is the owner's to see, and not lost on the way. */
START_TEST(an_error_stays_in_the_stream)
{
	FILE *full = fopen("/dev/full", "w");
	struct table *t = sample();

	if (full != NULL) {	/* of Linux and some others */
		table_print(t, TABLE_CSV, full);
		ck_assert(fflush(full) != 0 && ferror(full));
		fclose(full);
	}
	table_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/table");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, text_is_aligned_and_has_units);
	tcase_add_test(tc, a_column_of_mixed_cells_is_one_of_texts);
	tcase_add_test(tc, no_line_ends_in_a_space);
	tcase_add_test(tc, csv_has_keys_and_bare_si_numbers);
	tcase_add_test(tc, csv_quotes_what_needs_it);
	tcase_add_test(tc, json_is_an_array_of_objects);
	tcase_add_test(tc, printed_json_is_the_same);
	tcase_add_test(tc, a_table_without_rows_has_a_heading);
	tcase_add_test(tc, counts_the_rows_that_are_complete);
	tcase_add_test(tc, grows_and_copies_its_texts);
	tcase_add_test(tc, an_error_stays_in_the_stream);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
