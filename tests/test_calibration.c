/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/calibration.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "tests/harness.h"

#define FIGURES "\"for\":{\"h2d_bytes_per_s\":5e10,\"d2h_bytes_per_s\":4e10," \
	"\"h2d_latency_s\":2e-6,\"d2h_latency_s\":3e-6," \
	"\"gemm_flop_per_s\":7e14,\"hbm_bytes_per_s\":4e12," \
	"\"launch_s\":1e-6,\"host_copy_bytes_per_s\":6e9},\"spread\":0.07"
#define CURVE "{\"points\":[[4,3e-6],[8,2.5e-6]],\"spread\":0.03}"
#define PRODUCT "{\"n\":300,\"k\":100,\"points\":[[1,2e-6]],\"spread\":0}"

static enum status parse(const char *body, struct calibration **c,
			 struct diag *d)
{
	char text[2048];
	struct json top;
	cJSON *doc;
	enum status s;

	snprintf(text, sizeof text, "{\"calibration\":%s}", body);
	ck_assert_int_eq(json_parse(text, &doc, &top, d), STATUS_OK);
	s = calibration_parse(&top, c, d);
	cJSON_Delete(doc);
	return s;
}

START_TEST(reads_all_curves)
{
	struct calibration *c;
	struct diag d = { "" };

	ck_assert_msg(parse("{" FIGURES ",\"h2d\":" CURVE
			    ",\"d2h_pageable\":" CURVE
			    ",\"products\":[" PRODUCT
			    "],\"attention\":[{\"sequences\":32,"
			    "\"points\":[[9,1e-6]],\"spread\":0.01}],"
			    "\"kernels\":{\"rotate\":" CURVE "},"
			    "\"host_copy\":" CURVE "}", &c, &d) ==
		      STATUS_OK, "%s", d.text);
	ck_assert_uint_eq(c->pinned[CALIBRATION_H2D].n, 2);
	ck_assert_double_eq(c->pinned[CALIBRATION_H2D].time_s[1], 2.5e-6);
	ck_assert_double_eq(c->pinned[CALIBRATION_H2D].spread, 0.03);
	ck_assert_uint_eq(c->pinned[CALIBRATION_D2H].n, 0);
	ck_assert_uint_eq(c->pageable[CALIBRATION_D2H].n, 2);
	ck_assert_uint_eq(c->nproducts, 1);
	ck_assert_double_eq(c->products[0].n, 300.0);
	ck_assert_uint_eq(c->nattention, 1);
	ck_assert_double_eq(c->attention[0].sequences, 32.0);
	ck_assert_uint_eq(c->kernels[KERNEL_ROTATE].n, 2);
	ck_assert_uint_eq(c->kernels[KERNEL_NORM].n, 0);
	ck_assert_uint_eq(c->host[CALIBRATION_COPY].n, 2);
	ck_assert_uint_eq(c->host[CALIBRATION_ATTENTION].n, 0);
	ck_assert_double_eq(c->at.host_bytes_per_s[CALIBRATION_COPY], 6e9);
	ck_assert_double_eq(c->at.host_bytes_per_s[CALIBRATION_ATTENTION],
			    0.0);
	ck_assert_double_eq(c->at.bytes_per_s[1], 4e10);
	ck_assert_double_eq(c->at.latency_s[1], 3e-6);
	ck_assert_double_eq(c->at.gemm_flop_per_s, 7e14);
	ck_assert_double_eq(c->at.pageable_bytes_per_s[0], 0.0);
	ck_assert_double_eq(c->spread, 0.07);
	calibration_free(c);
	calibration_free(NULL);
}
END_TEST

static const struct {
	const char *body, *message;
} wrong[] = {
	{ "3", "calibration: found a number, expected an object" },
	{ "{\"spread\":0}", "calibration.for: missing, expected an object" },
	{ "{" FIGURES ",\"h2h\":1}", "calibration.h2h: unknown name, the "
	  "nearest is 'h2d'" },
	{ "{\"for\":{\"h2d_bytes_per_s\":3},\"spread\":0}",
	  "calibration.for.h2d_bytes_per_s: found 3, expected 1000000 to "
	  "1e+21" },
	{ "{" FIGURES ",\"h2d\":{\"points\":[],\"spread\":0}}",
	  "calibration.h2d.points: found none, expected one at least" },
	{ "{" FIGURES ",\"h2d\":{\"points\":[[4,3e-6],[4,3e-6]],"
	  "\"spread\":0}}",
	  "calibration.h2d.points: value 1: found size 4, expected more than "
	  "the one before, 4" },
	{ "{" FIGURES ",\"h2d\":{\"points\":[[4,3e-6],[5]],\"spread\":0}}",
	  "calibration.h2d.points: value 1: expected two numbers, a size of "
	  "0.001 to 1e+18 and a time of 1e-12 to 1e+06 s" },
	{ "{" FIGURES ",\"h2d\":{\"points\":[[4,0]],\"spread\":0}}",
	  "calibration.h2d.points: value 0: expected two numbers, a size of "
	  "0.001 to 1e+18 and a time of 1e-12 to 1e+06 s" },
	{ "{" FIGURES ",\"h2d\":{\"points\":[[4,1]],\"spread\":2}}",
	  "calibration.h2d.spread: found 2, expected 0 to 1" },
	{ "{" FIGURES ",\"products\":[7]}",
	  "calibration.products[0]: expected an object" },
	{ "{" FIGURES ",\"products\":[" PRODUCT ",{\"n\":0,\"k\":1}]}",
	  "calibration.products[1].n: found 0, expected 1 to "
	  "1000000000" },
	{ "{" FIGURES ",\"attention\":[{\"sequences\":2,\"points\":3}]}",
	  "calibration.attention[0].points: found a number, expected an "
	  "array" },
	{ "{" FIGURES ",\"kernels\":{\"norms\":" CURVE "}}",
	  "calibration.kernels.norms: unknown name, the nearest is 'norm'" },
};

START_TEST(says_what_is_wrong)
{
	struct calibration *c = NULL;
	struct diag d = { "" };

	ck_assert_int_eq(parse(wrong[_i].body, &c, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, wrong[_i].message);
	ck_assert_ptr_null(c);
}
END_TEST

static struct curve point(double time_s)
{
	struct curve c = { .size = xcalloc(1, sizeof *c.size),
			   .time_s = xcalloc(1, sizeof *c.time_s), .n = 1 };

	c.size[0] = 1.0;
	c.time_s[0] = time_s;
	return c;
}

START_TEST(finds_the_nearest)
{
	const double shapes[][2] = { { 300, 100 }, { 100, 300 },
				     { 1000, 100 }, { 100, 1000 } };
	struct calibration *c = xcalloc(1, sizeof *c);
	double scale;

	ck_assert_ptr_null(calibration_product(c, 3.0, 4.0, &scale));
	ck_assert_ptr_null(calibration_attention(c, 3.0));
	c->products = xcalloc(4, sizeof *c->products);
	c->attention = xcalloc(2, sizeof *c->attention);
	for (size_t i = 0; i < 4; i++) {
		c->products[i].n = shapes[i][0];
		c->products[i].k = shapes[i][1];
		c->products[i].rows = point(1.0 + (double)i);
	}
	c->nproducts = 4;
	for (size_t i = 0; i < 2; i++) {
		c->attention[i].sequences = i ? 100.0 : 10.0;
		c->attention[i].bytes = point(1.0 + (double)i);
	}
	c->nattention = 2;
	/* exact ones */
	for (size_t i = 0; i < 4; i++) {
		ck_assert_ptr_eq(calibration_product(c, shapes[i][0],
						     shapes[i][1], &scale),
				 &c->products[i].rows);
		ck_assert_double_eq(scale, 1.0);
	}
	/* by weights, and of equals by width */
	ck_assert_ptr_eq(calibration_product(c, 330.0, 110.0, &scale),
			 &c->products[0].rows);
	ck_assert_double_eq_tol(scale, 1.21, 1e-12);
	ck_assert_ptr_eq(calibration_product(c, 200.0, 900.0, &scale),
			 &c->products[3].rows);
	ck_assert_double_eq_tol(scale, 1.8, 1e-12);
	ck_assert_ptr_eq(calibration_attention(c, 31.0),
			 &c->attention[0].bytes);
	ck_assert_ptr_eq(calibration_attention(c, 32.0),
			 &c->attention[1].bytes);
	calibration_free(c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/calibration");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, reads_all_curves);
	tcase_add_loop_test(tc, says_what_is_wrong, 0,
			    sizeof wrong / sizeof wrong[0]);
	tcase_add_test(tc, finds_the_nearest);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
