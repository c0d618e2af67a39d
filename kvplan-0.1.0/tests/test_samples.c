/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/samples.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "tests/harness.h"

static char *written(struct samples *s, const cJSON *head)
{
	char *text;
	size_t size;
	FILE *f = xmemstream(&text, &size);

	samples_write(s, head, f);
	xmemstream_close(f);
	return text;
}

START_TEST(series_read_back_as_they_were_added)
{
	static const char *const keys[] = { "bytes", "sm_mhz" };
	struct samples *s = samples_new();
	cJSON *head = cJSON_CreateObject(), *a = cJSON_CreateObject(), *read;
	const cJSON *series, *rows;
	struct timing t = { .chain = 3, .n = 5 };
	char *text;

	t.min_s = 1.25e-6;
	t.q1_s = 2.5e-6;
	t.median_s = 2.718281828e-6;
	t.q3_s = 3.5e-6;
	t.max_s = 4.75;
	cJSON_AddStringToObject(head, "schema", "one\"of\nmine");
	cJSON_AddStringToObject(a, "direction", "h2d");
	samples_begin(s, "transfer", a, keys, 2);
	samples_add(s, (const double[]){ 1073741824.0, NAN }, &t);
	samples_add(s, (const double[]){ 4096.0, 1980.0 }, &t);
	samples_begin(s, "empty", cJSON_CreateObject(), keys, 1);
	samples_begin(s, "bare", cJSON_CreateObject(), NULL, 0);
	samples_add(s, NULL, &t);
	ck_assert_uint_eq(samples_rows(s), 3);
	text = written(s, head);
	read = cJSON_Parse(text);
	ck_assert_ptr_nonnull(read);
	ck_assert_str_eq(cJSON_GetObjectItem(read, "schema")->valuestring,
			 "one\"of\nmine");
	series = cJSON_GetObjectItem(read, "series");
	ck_assert_int_eq(cJSON_GetArraySize(series), 3);
	ck_assert_str_eq(cJSON_GetObjectItem(series->child,
					     "direction")->valuestring, "h2d");
	ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(
				 series->child, "columns")), 9);
	rows = cJSON_GetObjectItem(series->child, "rows");
	ck_assert_int_eq(cJSON_GetArraySize(rows), 2);
	ck_assert_double_eq(cJSON_GetArrayItem(rows->child, 0)->valuedouble,
			    1073741824.0);
	ck_assert(cJSON_IsNull(cJSON_GetArrayItem(rows->child, 1)));
	ck_assert_double_eq(cJSON_GetArrayItem(rows->child, 6)->valuedouble,
			    2.7183e-6);
	rows = cJSON_GetObjectItem(series->child->next->next, "rows");
	ck_assert_int_eq(cJSON_GetArraySize(rows->child), 7);
	ck_assert_double_eq(cJSON_GetArrayItem(rows->child, 6)->valuedouble,
			    4.75);
	cJSON_Delete(read);
	cJSON_Delete(head);
	samples_free(s);
	free(text);
}
END_TEST

START_TEST(times_are_summarised_and_divided)
{
	double s[] = { 9.0, 1.0, 4.0, 2.0 };
	struct timing t = { .chain = 2 };

	timing_summarise(s, 4, &t);
	ck_assert_uint_eq(t.n, 4);
	ck_assert_double_eq(t.min_s, 1.0);
	ck_assert_double_eq(t.q1_s, 1.75);
	ck_assert_double_eq(t.median_s, 3.0);
	ck_assert_double_eq(t.q3_s, 5.25);
	ck_assert_double_eq(t.max_s, 9.0);
	timing_divide(&t, 4);
	ck_assert_uint_eq(t.chain, 8);
	ck_assert_double_eq(t.median_s, 0.75);
	timing_summarise((double[]){ 2.385 }, 1, &t);
	ck_assert_double_eq(t.q1_s, 2.385);
	ck_assert_double_eq(t.max_s, 2.385);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cuda_validate/samples");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, series_read_back_as_they_were_added);
	tcase_add_test(tc, times_are_summarised_and_divided);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
