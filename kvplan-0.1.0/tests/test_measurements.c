/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measurements.h"

#include <math.h>

#include "model/nvbandwidth.h"
#include "tests/harness.h"

#define HEAD "\"schema\":\"kvplan-samples-1\"," \
	"\"made_by\":{\"date\":\"2031-07-08T09:10:11Z\"}," \
	"\"machine\":{\"gpu\":{\"name\":\"Toy 1\",\"memory_bytes\":2385}," \
	"\"host\":{\"memory_bytes\":7}},"
#define COLUMNS "\"columns\":[\"bytes\",\"q1_s\",\"median_s\",\"q3_s\"]"

START_TEST(reads_series)
{
	const struct measurements_series *s;
	struct measurements *m;
	struct diag d = { "" };

	ck_assert_msg(measurements_parse(
		"{" HEAD "\"series\":["
		"{\"series\":\"a\",\"way\":\"read\",\"n\":17," COLUMNS
		",\"rows\":[[8,1e-6,2e-6,3e-6],[null,1e-6,4e-6,1e-6]]},"
		"{\"series\":\"b\"," COLUMNS ",\"rows\":[]},"
		"{\"series\":\"a\",\"against\":[\"d2h\"]," COLUMNS
		",\"rows\":[[9,1,2,3]]}]}", &m, &d) == STATUS_OK, "%s",
		d.text);
	ck_assert_str_eq(measurements_gpu(m), "Toy 1");
	ck_assert_str_eq(measurements_date(m), "2031-07-08");
	ck_assert_double_eq(measurements_gpu_bytes(m), 2385.0);
	ck_assert_double_eq(measurements_host_bytes(m), 7.0);
	s = measurements_next(m, "a", NULL);
	ck_assert_uint_eq(s->nrows, 2);
	ck_assert(measurements_is(s, "way", "read"));
	ck_assert(!measurements_is(s, "way", "reads"));
	ck_assert(!measurements_is(s, "ways", "read"));
	ck_assert_double_eq(measurements_number(s, "n"), 17.0);
	ck_assert(isnan(measurements_number(s, "way")));
	ck_assert_double_eq(measurements_value(s, 0, "bytes"), 8.0);
	ck_assert(isnan(measurements_value(s, 1, "bytes")));
	ck_assert(isnan(measurements_value(s, 1, "rows")));
	ck_assert_double_eq(measurements_time(s, 1), 4e-6);
	ck_assert_double_eq_tol(measurements_noise(s, 0), 1.0 / 1.349, 1e-12);
	ck_assert_double_eq(measurements_noise(s, 1), 0.0);
	s = measurements_next(m, "a", s);
	ck_assert(measurements_is(s, "against", "d2h"));
	ck_assert(measurements_lists(s, "against", "d2h"));
	ck_assert(!measurements_lists(s, "against", "h2d"));
	ck_assert(!measurements_lists(s, "series", "a"));
	ck_assert_ptr_null(measurements_next(m, "a", s));
	ck_assert_ptr_null(measurements_next(m, "c", NULL));
	measurements_free(m);
	measurements_free(NULL);
}
END_TEST

static const struct {
	const char *text, *message;
} wrong[] = {
	{ "{\"schema\":\"kvplan-samples-2\"}",
	  "schema: found 'kvplan-samples-2', expected 'kvplan-samples-1'" },
	{ "{\"schema\":\"kvplan-samples-1\"}",
	  "made_by: missing, expected an object" },
	{ "{" HEAD "\"series\":3}",
	  "series: found a number, expected an array" },
	{ "{" HEAD "\"series\":[3]}", "series[0]: expected an object" },
	{ "{" HEAD "\"series\":[{\"series\":\"a\",\"columns\":[\"q1_s\"]}]}",
	  "series[0].columns: found no 'median_s'" },
	{ "{" HEAD "\"series\":[{\"series\":\"a\",\"columns\":[3]}]}",
	  "series[0].columns: expected texts" },
	{ "{" HEAD "\"series\":[{\"series\":\"a\"," COLUMNS
	  ",\"rows\":[[1,2,3]]}]}",
	  "series[0].rows: row 0: expected 4 values, one for each column" },
	{ "{" HEAD "\"series\":[{\"series\":\"a\"," COLUMNS
	  ",\"rows\":[[1,2,\"x\",4]]}]}",
	  "series[0].rows: row 0: expected numbers" },
	{ "{" HEAD "\"series\":[{\"series\":\"a\"," COLUMNS
	  ",\"rows\":[[1,2,3,4],[1,0,0,0]]}]}",
	  "series[0].rows: row 1: expected a median_s from 1e-12 to 1e+06" },
};

START_TEST(says_what_is_wrong)
{
	struct measurements *m = NULL;
	struct diag d = { "" };

	ck_assert_int_eq(measurements_parse(wrong[_i].text, &m, &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, wrong[_i].message);
	ck_assert_ptr_null(m);
}
END_TEST

#define TEST(name, value) "{\"name\":\"" name "\",\"status\":\"Passed\"," \
	"\"bandwidth_matrix\":[[\"" value "\",\"9.9\"],[\"1\",\"2\"]]}"

START_TEST(reads_nvbandwidth)
{
	const char *text = "{\"nvbandwidth\":{\"version\":\"v0.8\","
		"\"testcases\":["
		TEST("host_to_device_memcpy_ce", "55.25") ","
		TEST("device_to_host_memcpy_ce", "54.5") ","
		TEST("host_to_device_bidirectional_memcpy_ce", "44.5") ","
		"{\"name\":\"device_to_host_bidirectional_memcpy_ce\","
		"\"status\":\"Waived\"},"
		TEST("all_to_host_memcpy_ce", "N/A") "]}}";
	struct nvbandwidth n;
	struct diag d = { "" };

	ck_assert(nvbandwidth_is(text));
	ck_assert(!nvbandwidth_is("{\"schema\":3}"));
	ck_assert(!nvbandwidth_is("{"));
	ck_assert_msg(nvbandwidth_parse(text, &n, &d) == STATUS_OK, "%s",
		      d.text);
	ck_assert_double_eq_tol(n.h2d, 55.25e9, 1.0);
	ck_assert_double_eq_tol(n.d2h, 54.5e9, 1.0);
	ck_assert_double_eq_tol(n.h2d_both, 44.5e9, 1.0);
	ck_assert_double_eq(n.d2h_both, 0.0);
	ck_assert_str_eq(n.version, "v0.8");
}
END_TEST

static const struct {
	const char *text, *message;
} wrong_nvbandwidth[] = {
	{ "{\"nvbandwidth\":{}}",
	  "nvbandwidth.testcases: missing, expected an array" },
	{ "{\"nvbandwidth\":{\"testcases\":[]}}",
	  "nvbandwidth.testcases: found no host_to_device_memcpy_ce and no "
	  "device_to_host_memcpy_ce that passed" },
	{ "{\"nvbandwidth\":{\"testcases\":[3]}}",
	  "nvbandwidth.testcases[0]: expected an object" },
	{ "{\"nvbandwidth\":{\"testcases\":["
	  TEST("host_to_device_memcpy_ce", "N/A") "]}}",
	  "nvbandwidth.testcases[0].bandwidth_matrix: expected a rate in "
	  "GB/s, first row, first column" },
};

START_TEST(says_what_is_wrong_with_nvbandwidth)
{
	struct nvbandwidth n;
	struct diag d = { "" };

	ck_assert_int_eq(nvbandwidth_parse(wrong_nvbandwidth[_i].text, &n,
					   &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, wrong_nvbandwidth[_i].message);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/measurements");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, reads_series);
	tcase_add_loop_test(tc, says_what_is_wrong, 0,
			    sizeof wrong / sizeof wrong[0]);
	tcase_add_test(tc, reads_nvbandwidth);
	tcase_add_loop_test(tc, says_what_is_wrong_with_nvbandwidth, 0,
			    sizeof wrong_nvbandwidth /
				    sizeof wrong_nvbandwidth[0]);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
