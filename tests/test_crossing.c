/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values that a grid steps over, against a case simulated at one. */
#include "paper-repro/crossing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/harness.h"

/* Three rates of the link and one that is asked for; two prompts. */
static const char sample[] =
	"{\"schema\": \"kvplan-item-1\", \"title\": \"A toy\","
	" \"studies\": [{\"name\": \"toy\", \"title\": \"Toys\","
	"  \"options\": {\"model\": \"opt-125m\", \"batch\": \"2\","
	"   \"gen\": \"3\", \"policy\": \"load-all\", \"hardware\": \"t4\"},"
	"  \"axes\": [{\"name\": \"link\","
	"   \"continuous\": {\"set\": \"link.h2d.bytes_per_s\","
	"    \"unit\": \"GB/s\", \"one\": 1e-9}, \"choices\": ["
	"    {\"name\": \"8\", \"value\": 8,"
	"     \"options\": {\"set\": [\"link.h2d.bytes_per_s=8GB/s\"]}},"
	"    {\"name\": \"4\", \"value\": 4,"
	"     \"options\": {\"set\": [\"link.h2d.bytes_per_s=4GB/s\"]}},"
	"    {\"name\": \"2\", \"value\": 2, \"departs\": true,"
	"     \"options\": {\"set\": [\"link.h2d.bytes_per_s=2GB/s\"]}},"
	"    {\"name\": \"between\","
	"     \"options\": {\"set\": [\"link.h2d.bytes_per_s=%sGB/s\"]},"
	"     \"departs\": true}]},"
	"   {\"name\": \"prompt\", \"values\": [\"64\", \"1500\"]}],"
	"  \"metrics\": [\"decode_s\", \"h2d_pct\"]}],"
	" \"headlines\": [{\"name\": \"head\", \"title\": \"Head\","
	"  \"study\": \"toy\","
	"  \"parts\": [{\"title\": \"time\", \"metrics\": [\"%s\"],"
	"   \"paper\": {\"value\": 1, \"confidence\": \"quoted\","
	"   \"source\": \"page 7\"}}]}]}";

static struct diag d;

struct fixture {
	struct item item;
	struct cases *cases;
	struct study_results r;
	struct study_fact *paper;
	struct band b;
};

static void begin(struct fixture *f, const char *rate, const char *metric)
{
	const struct json none = { .key = NULL };
	char text[3000];

	snprintf(text, sizeof text, sample, rate, metric);
	ck_assert_msg(reproduce_item_parse(&none, "toy", text, &f->item,
					   &d) == STATUS_OK, "%s", d.text);
	f->cases = reproduce_run_new(NULL, NULL);
	ck_assert_msg(reproduce_run_study(f->cases, &f->item.studies[0],
					  &f->r, &d) == STATUS_OK,
		      "%s", d.text);
	f->paper = &f->item.headlines[0].parts[0].paper;
}

/* The number of row `row`, to one part in ten thousand, is the paper's. */
static void claim(struct fixture *f, size_t row, size_t metric)
{
	f->paper->value = f->r.cells[row].value[metric];
	f->paper->rounding = 1e-4 * f->paper->value;
	reproduce_band_make(&f->item.headlines[0], &f->r, &f->b);
	ck_assert(reproduce_crossing_fit(&f->b, f->cases, &d) == STATUS_OK);
}

static void end(struct fixture *f)
{
	reproduce_run_clear(&f->r);
	reproduce_run_free(f->cases);
	reproduce_item_clear(&f->item);
}

/* A time at 5.3 GB/s lies between those at 8 and 4, and is found there. */
START_TEST(a_value_between_is_found)
{
	struct fixture f;

	begin(&f, "5.3", "decode_s");
	claim(&f, 6, 0);
	ck_assert_uint_eq(f.b.ngiving_stated, 0);
	ck_assert_uint_eq(f.b.ngiving, 1);
	ck_assert_uint_eq(f.b.crossing.n, 1);
	ck_assert_uint_eq(f.b.crossing.low, 0);
	ck_assert_uint_eq(f.b.crossing.high, 2);
	ck_assert(f.b.crossing.least <= f.b.crossing.most);
	ck_assert_double_eq_tol(f.b.crossing.least, 5.3, 0.02);
	ck_assert_double_eq_tol(f.b.crossing.most, 5.3, 0.02);
	reproduce_band_clear(&f.b);
	/* what a stated set gives is not asked for */
	claim(&f, 2, 0);
	ck_assert_uint_eq(f.b.ngiving_stated, 1);
	ck_assert_uint_eq(f.b.crossing.n, 0);
	ck_assert(isnan(f.b.crossing.least));
	reproduce_band_clear(&f.b);
	end(&f);
}
END_TEST

/* Neither a departing neighbour nor two sets unlike in more are a pair. */
START_TEST(other_pairs_do_not_count)
{
	struct fixture f;

	begin(&f, "3", "decode_s");
	claim(&f, 6, 0);
	ck_assert_uint_eq(f.b.crossing.n, 0);
	ck_assert(reproduce_crossing_between(&f.b, 2, 4));
	reproduce_band_clear(&f.b);
	end(&f);
}
END_TEST

/* Sets that print the same are one outcome; rates make no combination. */
START_TEST(repeated_sets_are_counted_once)
{
	struct fixture f;

	begin(&f, "4", "decode_s");
	claim(&f, 6, 0);
	ck_assert_uint_eq(f.b.nfull, 8);
	ck_assert_uint_eq(f.b.ngiving, 2);
	ck_assert_uint_eq(f.b.noutcomes, 6);
	ck_assert_uint_eq(f.b.ncombinations, 1);
	reproduce_band_clear(&f.b);
	end(&f);
}
END_TEST

/* A share's band is wide if it holds half of all shares. */
START_TEST(shares_are_wide_against_100)
{
	struct fixture f;

	begin(&f, "4", "h2d_pct");
	for (size_t i = 0; i < 8; i++)
		f.r.cells[i].value[1] = 1.0 + (double)i;
	claim(&f, 1, 1);
	ck_assert(f.b.parts[0].all.inside);
	ck_assert(f.b.parts[0].all.most - f.b.parts[0].all.least >
		  f.paper->value);
	ck_assert(!f.b.parts[0].all.wide);
	reproduce_band_clear(&f.b);
	f.r.cells[7].value[1] = 99.0;
	claim(&f, 7, 1);
	ck_assert(f.b.parts[0].all.wide);
	reproduce_band_clear(&f.b);
	end(&f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("paper-repro/crossing");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, a_value_between_is_found);
	tcase_add_test(tc, other_pairs_do_not_count);
	tcase_add_test(tc, repeated_sets_are_counted_once);
	tcase_add_test(tc, shares_are_wide_against_100);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
