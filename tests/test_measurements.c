/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measurements.h"

#include <math.h>

#include "model/nvbandwidth.h"
#include "tests/harness.h"

#define HEAD "\"schema\":\"kvplan-samples-1\"," \
	"\"made_by\":{\"date\":\"2031-07-08T09:10:11Z\"}," \
	"\"machine\":{\"gpu\":{\"name\":\"Toy 1\",\"memory_bytes\":2385}," \
	"\"host\":{\"memory_bytes\":7}},"
#define POWER(attributes, rows) "{" HEAD "\"series\":[{\"series\":\"power\"," \
	"\"n\":8,\"k\":4,\"m\":16," attributes ",\"columns\":[\"share\"," \
	"\"sm_mhz\",\"chain\",\"q1_s\",\"median_s\",\"q3_s\"]," \
	"\"rows\":[" rows "]}]}"
#define ASKED "\"duty\":0.7,\"burst_s\":0.005,\"rested_s\":1e-3"
#define FP16 "\"element\":\"fp16\""
#define GOOD_ROW "[0.7,null,4,1e-3,1.1e-3,1.2e-3]"
#define SERIES(name, attributes, columns, row) "{" HEAD \
	"\"series\":[{\"series\":\"" name "\"," attributes "," \
	"\"columns\":[" columns ",\"q1_s\",\"median_s\",\"q3_s\"]," \
	"\"rows\":[[" row ",1,2,3]]}]}"
#define BYTES "\"bytes\""
#define ATTEND "\"threads\",\"bytes\",\"idle_s\""
#define LINK "\"direction\":\"h2d\",\"busy\":\"both\""
#define AGAINST(list) "\"against\":" list
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
	{ "{" HEAD "\"series\":[{\"series\":\"a\"," COLUMNS
	  ",\"rows\":[[1,2,3,4],[1,-1,2,3]]}]}",
	  "series[0].q1_s: found -1 in row 1, expected a number from 0 to "
	  "1000000" },
	{ "{" HEAD "\"series\":[{\"series\":\"a\"," COLUMNS
	  ",\"rows\":[[1,2,3,null]]}]}",
	  "series[0].q3_s: found null in row 0, expected a number from 0 to "
	  "1000000" },
	{ SERIES("a", "\"n\":1", "\"min_s\",\"max_s\"", "1.5,2.385"),
	  "series[0].q1_s: found 1 in row 0, expected a number from 1.5 to "
	  "2.385" },
	{ SERIES("a", "\"n\":1", "\"min_s\",\"max_s\"", "0.5,2.385"),
	  "series[0].q3_s: found 3 in row 0, expected a number from 0.5 to "
	  "2.385" },
	{ POWER(ASKED "," FP16, GOOD_ROW "," GOOD_ROW "," GOOD_ROW),
	  "series[0].rows: found 3, expected 4 or more" },
	{ POWER(ASKED, ""),
	  "series[0].element: found nothing, expected fp16, int8 or int4" },
	{ POWER(ASKED ",\"element\":\"fp17\"", ""),
	  "series[0].element: found 'fp17', expected fp16, int8 or int4" },
	{ POWER("\"duty\":1.01," FP16, ""),
	  "series[0].duty: found 1.01, expected a number above 0, up to 1" },
	{ POWER("\"duty\":1," FP16, ""),
	  "series[0].burst_s: found nothing, expected a number from 1e-12 to "
	  "1000000" },
	{ POWER("\"duty\":1,\"burst_s\":2.385,\"rested_s\":\"x\"," FP16, ""),
	  "series[0].rested_s: found 'x', expected a number from 1e-12 to "
	  "1000000" },
	{ POWER(ASKED ",\"rested_mhz\":-3," FP16, ""),
	  "series[0].rested_mhz: found -3, expected a number above 0, up to "
	  "1e+18, or null" },
	{ POWER(ASKED "," FP16, GOOD_ROW ",[1.06,null,4,1,2,3]"),
	  "series[0].share: found 1.06 in row 1, expected a number above 0, up "
	  "to 1.05" },
	{ POWER(ASKED "," FP16, GOOD_ROW ",[null,null,4,1,2,3]"),
	  "series[0].share: found null in row 1, expected a number above 0, up "
	  "to 1.05" },
	{ POWER(ASKED "," FP16, "[0.7,0,4,1,2,3]"),
	  "series[0].sm_mhz: found 0 in row 0, expected a number above 0, up "
	  "to 1e+18, or null" },
	{ POWER(ASKED "," FP16, "[0.7,1980,1e999,1,2,3]"),
	  "series[0].chain: found inf in row 0, expected a number above 0, up "
	  "to 1e+18" },
	{ SERIES("power", "\"n\":0", BYTES, "7"),
	  "series[0].n: found 0, expected a number above 0, up to 1e+18" },
	{ SERIES("gemm", "\"n\":8,\"k\":[]", BYTES, "7"),
	  "series[0].k: found an array, expected a number above 0, up to "
	  "1e+18" },
	{ SERIES("gemm", "\"n\":8,\"k\":4", BYTES, "7"),
	  "series[0].columns: found no 'm', expected it in a series gemm" },
	{ SERIES("host_attend", AGAINST("\"h2d\""), ATTEND, "8,7,0"),
	  "series[0].against: found 'h2d', expected a list of words" },
	{ SERIES("host_attend", AGAINST("[\"h2d\",true,{}]"), ATTEND,
		 "8,7,0"),
	  "series[0].against: found a boolean, expected a list of words" },
	{ SERIES("host_attend", AGAINST("[]"), ATTEND, "1.5,7,0"),
	  "series[0].threads: found 1.5 in row 0, expected a whole number from "
	  "1 to 1e+18" },
	{ SERIES("host_attend", AGAINST("[]"), ATTEND, "8,7,-1"),
	  "series[0].idle_s: found -1 in row 0, expected a number from 0 to "
	  "1000000" },
	{ SERIES("host_stage", AGAINST("[\"h2d\"]"), BYTES, "0"),
	  "series[0].bytes: found 0 in row 0, expected a number above 0, up "
	  "to 1e+18" },
	{ SERIES("links", "\"direction\":\"h3d\"", BYTES, "7"),
	  "series[0].direction: found 'h3d', expected h2d or d2h" },
	{ SERIES("links", LINK ",\"gpus\":0", BYTES, "7"),
	  "series[0].gpus: found 0, expected a whole number from 1 to 65536" },
	{ SERIES("links", LINK ",\"gpus\":2", "\"gpu\",\"bytes\"", "-1,7"),
	  "series[0].gpu: found -1 in row 0, expected a whole number from 0 to "
	  "65536" },
};

static const char *const good[] = {
	POWER(ASKED "," FP16, GOOD_ROW "," GOOD_ROW "," GOOD_ROW ","
	      "[1.05,1980,1,0,1.1e-3,1e6]"),
	POWER(ASKED ",\"rested_mhz\":null," FP16, GOOD_ROW "," GOOD_ROW ","
	      GOOD_ROW "," GOOD_ROW),
	SERIES("host_attend", AGAINST("[]"), ATTEND, "8,7,0"),
	SERIES("host_stage", AGAINST("[\"h2d\"]"), BYTES, "7"),
	SERIES("links", LINK ",\"gpus\":65536", "\"gpu\",\"bytes\"", "0,7"),
	SERIES("a", "\"n\":0", "\"min_s\",\"max_s\"", "1,3"),
};

START_TEST(takes_what_is_in_range)
{
	struct measurements *m;
	struct diag d = { "" };

	ck_assert_msg(measurements_parse(good[_i], &m, &d) == STATUS_OK, "%s",
		      d.text);
	measurements_free(m);
}
END_TEST

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
	tcase_add_loop_test(tc, takes_what_is_in_range, 0,
			    sizeof good / sizeof good[0]);
	tcase_add_loop_test(tc, says_what_is_wrong, 0,
			    sizeof wrong / sizeof wrong[0]);
	tcase_add_test(tc, reads_nvbandwidth);
	tcase_add_loop_test(tc, says_what_is_wrong_with_nvbandwidth, 0,
			    sizeof wrong_nvbandwidth /
				    sizeof wrong_nvbandwidth[0]);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
