/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One set of assumptions for two headlines, against brute force. */
#include "paper-repro/joint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/harness.h"

/* Two items share the link; the prompt is each one's own. */
static const char item[] =
	"{\"schema\": \"kvplan-item-1\", \"title\": \"A toy\","
	" \"studies\": [{\"name\": \"toy\", \"title\": \"Toys\","
	"  \"options\": {\"model\": \"opt-125m\", \"batch\": \"%s\","
	"   \"gen\": \"3\", \"policy\": \"%s\"},"
	"  \"axes\": [{\"name\": \"link\", \"choices\": [%s]},"
	"   {\"name\": \"prompt\", \"choices\": ["
	"    {\"name\": \"64\", \"options\": {\"prompt\": \"64\"}},"
	"    {\"name\": \"192\", \"departs\": true,"
	"     \"options\": {\"prompt\": \"192\"}}]}],"
	"  \"metrics\": [\"decode_s\"]}],"
	" \"headlines\": [{\"name\": \"head\", \"title\": \"Head\","
	"  \"study\": \"toy\", %s"
	"  \"parts\": [{\"title\": \"time\", \"metrics\": [\"decode_s\"],"
	"   \"paper\": {\"value\": \"%s\", \"rounding\": \"%s\","
	"   \"confidence\": \"quoted\", \"source\": \"page 7\"}}]}]}";

static const char slow[] =
	"{\"name\": \"slow\", \"options\": {\"hardware\": \"t4\"}}";
static const char fast[] =
	"{\"name\": \"fast\", \"options\": {\"hardware\": \"h200\"}}";
static const char paper[] =
	"{\"name\": \"paper\", \"options\": {\"hardware\": "
	"\"a100-40gb-paper\"}}";

enum { ITEMS = 3 };

static const char *joint_axes[] = { "link", "nowhere" };
static const struct item_index shared = { .joint = joint_axes, .njoint = 2 };
static struct diag d;

struct fixture {
	struct cases *cases;
	struct reproduction r[ITEMS];
};

static void add(struct fixture *f, size_t i, const char *batch,
		const char *policy, const char *links, const char *more,
		const char *value, const char *rounding)
{
	struct reproduction *r = &f->r[i];
	char text[3000];
	struct json none = { .key = NULL };

	snprintf(text, sizeof text, item, batch, policy, links, more, value,
		 rounding);
	*r = (struct reproduction){ .index = &shared };
	ck_assert_msg(reproduce_item_parse(&none, "toy", text, &r->item,
					   &d) == STATUS_OK, "%s", d.text);
	r->results = calloc(1, sizeof *r->results);
	r->bands = calloc(1, sizeof *r->bands);
	ck_assert_msg(reproduce_run_study(f->cases, &r->item.studies[0],
					  r->results, &d) == STATUS_OK,
		      "%s", d.text);
	reproduce_band_make(&r->item.headlines[0], r->results, r->bands);
}

static struct fixture begin(void)
{
	struct fixture f = { .cases = reproduce_run_new(NULL, NULL) };
	char links[2000];

	snprintf(links, sizeof links, "%s, %s, %s", slow, fast, paper);
	add(&f, 0, "2", "load-all", links, "", "3.1 ms", "0 s");
	/* another order, and one choice less */
	snprintf(links, sizeof links, "%s, %s", fast, slow);
	add(&f, 1, "7", "kvpr-row", links, "", "17 ms", "0.5 ms");
	snprintf(links, sizeof links, "%s", paper);
	add(&f, 2, "7", "kvpr-row", links,
	    "\"left_out\": \"a reason\",", "1 s", "0 s");
	return f;
}

static void end(struct fixture *f)
{
	for (size_t i = 0; i < ITEMS; i++) {
		reproduce_band_clear(f->r[i].bands);
		reproduce_run_clear(f->r[i].results);
		reproduce_item_clear(&f->r[i].item);
		free(f->r[i].bands);
		free(f->r[i].results);
	}
	reproduce_run_free(f->cases);
}

/* Of item `i`: row 2 link + prompt; `prompts` 1 or 2 of them. */
static double off(const struct fixture *f, size_t i, size_t link,
		  size_t prompts)
{
	const struct study_fact *p = &f->r[i].item.headlines[0].parts[0].paper;
	double least = INFINITY;

	for (size_t k = 0; k < prompts; k++) {
		double v = f->r[i].results->cells[2 * link + k].value[0];
		double far = fabs(v - p->value);

		far = far <= p->rounding ? 0.0 : far / p->value;
		least = fmin(least, far);
	}
	return least;
}

START_TEST(the_largest_distance_is_the_least)
{
	struct fixture f = begin();

	for (size_t prompts = 1; prompts <= 2; prompts++) {
		/* slow is link 0 of the first and 1 of the second */
		double a = fmax(off(&f, 0, 0, prompts),
				off(&f, 1, 1, prompts));
		double b = fmax(off(&f, 0, 1, prompts),
				off(&f, 1, 0, prompts));
		struct joint j;

		ck_assert_double_ne(a, b);
		reproduce_joint_make(f.r, ITEMS, prompts == 1, &j);
		ck_assert_uint_eq(j.n, 2);
		ck_assert_uint_eq(j.naxes, 1);
		ck_assert_uint_eq(j.axes[0].n, 3);
		ck_assert_double_eq_tol(j.distance, fmin(a, b), 1e-12);
		ck_assert_str_eq(j.axes[0].choice[j.axes[0].chosen],
				 a < b ? "slow" : "fast");
		ck_assert_double_eq_tol(
			fmax(j.members[0].distance, j.members[1].distance),
			j.distance, 1e-12);
		/* alone, the first may be on the third machine as well */
		ck_assert_double_eq_tol(
			j.members[1].without,
			fmin(fmin(off(&f, 0, 0, prompts),
				  off(&f, 0, 1, prompts)),
			     off(&f, 0, 2, prompts)), 1e-12);
		ck_assert_double_eq_tol(
			j.members[0].without,
			fmin(off(&f, 1, 0, prompts), off(&f, 1, 1, prompts)),
			1e-12);
		reproduce_joint_clear(&j);
	}
	end(&f);
}
END_TEST

START_TEST(a_choice_that_one_has_not_is_none)
{
	struct fixture f = begin();
	struct joint j;

	/* the second and third have no link in common */
	f.r[2].item.headlines[0].left_out = NULL;
	reproduce_joint_make(&f.r[1], 2, false, &j);
	ck_assert_uint_eq(j.n, 2);
	ck_assert(isnan(j.distance));
	ck_assert(!isnan(j.members[0].without));
	reproduce_joint_clear(&j);
	reproduce_joint_make(f.r, 0, false, &j);
	ck_assert_uint_eq(j.n, 0);
	ck_assert(isnan(j.distance));
	reproduce_joint_clear(&j);
	end(&f);
}
END_TEST

START_TEST(a_value_that_rounds_to_the_printed_is_at_distance_0)
{
	struct fixture f = begin();
	struct study_fact *p = &f.r[0].item.headlines[0].parts[0].paper;
	double v = f.r[0].results->cells[0].value[0];

	p->value = 1.01 * v;
	p->rounding = 0.011 * v;
	ck_assert_double_eq(reproduce_band_relative(f.r[0].bands, 0), 0.0);
	p->rounding = 0.009 * v;
	ck_assert_double_eq_tol(reproduce_band_relative(f.r[0].bands, 0),
				0.01 / 1.01, 1e-12);
	end(&f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("paper-repro/joint");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, the_largest_distance_is_the_least);
	tcase_add_test(tc, a_choice_that_one_has_not_is_none);
	tcase_add_test(tc, a_value_that_rounds_to_the_printed_is_at_distance_0);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
