/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Items of the paper: what is read and refused, bands, sentences. */
#include "paper-repro/item.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paper-repro/band.h"
#include "paper-repro/measured.h"
#include "paper-repro/text.h"
#include "paper-repro/view.h"
#include "tests/harness.h"

static struct diag d;

static const char shared[] =
	"{\"link\": {\"name\": \"link\", \"choices\": ["
	" {\"name\": \"slow\", \"options\": {\"hardware\": \"t4\"}},"
	" {\"name\": \"fast\", \"title\": \"a fast one\","
	"  \"options\": {\"hardware\": \"h200\"}}]}}";

static const char sample[] =
	"{\"schema\": \"kvplan-item-1\", \"title\": \"A toy\","
	" \"studies\": [{\"name\": \"toy\", \"title\": \"Toys\","
	"  \"options\": {\"model\": \"opt-125m\", \"batch\": \"2\","
	"   \"gen\": \"3\"},"
	"  \"against\": {\"policy\": \"load-all\"},"
	"  \"axes\": [\"link\","
	"   {\"name\": \"prompt\", \"values\": [\"64\", \"128\", \"192\"]},"
	"   {\"name\": \"how\", \"choices\": ["
	"    {\"name\": \"all\", \"subject\": {\"policy\": \"load-all\"}},"
	"    {\"name\": \"kvpr\", \"departs\": true,"
	"     \"subject\": {\"policy\": \"kvpr-row\", \"split\": \"48\","
	"      \"prefetch\": \"0\"}}]}],"
	"  \"metrics\": [\"decode_s\", \"saving_pct\", \"split_last\","
	"   \"recompute_s\"],"
	"  \"paper\": [{\"at\": {\"link\": \"fast\", \"prompt\": \"64\"},"
	"   \"metric\": \"decode_s\", \"value\": \"2.5 ms\","
	"   \"confidence\": \"quoted\", \"source\": \"page 7\"}]}],"
	" \"headlines\": [{\"name\": \"head\", \"title\": \"Head\","
	"  \"study\": \"toy\", \"best_over\": [\"prompt\"],"
	"  \"parts\": [{\"title\": \"saved\", \"at\": {\"how\": \"kvpr\"},"
	"   \"metrics\": [\"saving_pct\"], \"paper\": {\"value\": 35.8,"
	"   \"rounding\": 0.05,"
	"   \"confidence\": \"quoted\", \"source\": \"page 7\"}}]}],"
	" \"findings\": [\"splits of {range split_last toy how=kvpr}\"]}";

struct fixture {
	cJSON *doc;
	struct json axes;
};

static struct fixture f;

static void setup(void)
{
	ck_assert(json_parse(shared, &f.doc, &f.axes, &d) == STATUS_OK);
}

static void teardown(void)
{
	cJSON_Delete(f.doc);
}

/* `sample` with its first `from` replaced; caller frees. */
static char *changed(const char *from, const char *to)
{
	const char *at = strstr(sample, from);
	size_t n = strlen(sample) + strlen(to) + 1;
	char *text = malloc(n);

	ck_assert_msg(at != NULL, "no %s in the sample", from);
	snprintf(text, n, "%.*s%s%s", (int)(at - sample), sample, to,
		 at + strlen(from));
	return text;
}

START_TEST(a_sample_is_read)
{
	struct item item;
	const struct study *s;

	ck_assert_msg(reproduce_item_parse(&f.axes, "toy", sample, &item,
					   &d) == STATUS_OK, "%s", d.text);
	s = &item.studies[0];
	ck_assert_uint_eq(reproduce_study_rows(s), 12);
	ck_assert_str_eq(s->axes[0].choices[0].title, "slow");
	ck_assert_str_eq(s->axes[0].choices[1].title, "a fast one");
	ck_assert(s->compares);
	ck_assert(s->axes[2].choices[1].departs);
	ck_assert_double_eq_tol(s->facts[0].value, 2.5e-3, 1e-15);
	ck_assert_uint_eq(s->facts[0].place.at[2], STUDY_ANY);
	ck_assert_int_eq(s->facts[0].kind, FACT_QUOTED);
	ck_assert_str_eq(s->column, "simulated");
	ck_assert_double_eq_tol(item.headlines[0].parts[0].paper.rounding,
				0.05, 1e-15);
	for (size_t row = 0; row < 12; row++) {
		ck_assert_uint_eq(reproduce_study_choice(s, row, 0), row / 6);
		ck_assert_uint_eq(reproduce_study_choice(s, row, 1),
				  row / 2 % 3);
		ck_assert_uint_eq(reproduce_study_choice(s, row, 2), row % 2);
		ck_assert_uint_eq(reproduce_study_with(s, row, 1, 2),
				  row / 6 * 6 + 4 + row % 2);
		ck_assert_int_eq(
			reproduce_study_at(s, &s->facts[0].place, row),
			row / 2 == 3);
	}
	reproduce_item_clear(&item);
}
END_TEST

static const struct {
	const char *from, *to, *message;
} mistakes[] = {
	{ "kvplan-item-1", "kvplan-item-9", "schema: found 'kvplan-item-9', "
	  "expected 'kvplan-item-1'" },
	{ "\"findings\"", "\"fndings\"", "findings" },
	{ "\"batch\"", "\"bacth\"", "studies[0].options: found 'bacth', "
	  "expected an option of 'kvplan plan', the nearest is batch" },
	{ "\"gen\": \"3\"", "\"gen\": 3", "studies[0].options.gen: expected "
	  "a text or a list of texts" },
	{ "[\"link\"", "[\"lnk\"", "lnk: missing" },
	{ "\"name\": \"kvpr\"", "\"name\": \"all\"", "two choices are named "
	  "'all'" },
	{ "\"saving_pct\", \"split_last\"", "\"savin_pct\", \"split_last\"",
	  "studies[0].metrics: found 'savin_pct', expected a metric, the "
	  "nearest is saving_pct" },
	{ "  \"against\": {\"policy\": \"load-all\"},", "",
	  "studies[0].metrics: saving_pct needs \"against\" options" },
	{ "\"link\": \"fast\"", "\"lnik\": \"fast\"", "paper[0].at: found "
	  "'lnik', expected an axis of study toy" },
	{ "\"link\": \"fast\"", "\"link\": \"quick\"", "paper[0].at.link: "
	  "found 'quick', expected a choice of the axis" },
	{ "\"metric\": \"decode_s\"", "\"metric\": \"sm_pct\"",
	  "paper[0].metric: found 'sm_pct', expected a metric of the study" },
	{ "2.5 ms", "2.5 GB", "paper[0].value" },
	{ "\"confidence\": \"quoted\"", "\"confidence\": \"sure\"",
	  "paper[0].confidence: found 'sure', expected quoted, derived or "
	  "inferred" },
	{ "\"study\": \"toy\"", "\"study\": \"tyo\"", "headlines[0].study: "
	  "found 'tyo', expected the name of a study" },
	{ "[\"prompt\"]", "[\"prmpt\"]", "headlines[0].best_over: found "
	  "'prmpt', expected an axis of study toy" },
	{ "\"metrics\": [\"saving_pct\"]", "\"metrics\": []",
	  "parts[0].metrics: found 0, expected 1: one for each definition" },
	{ "\"rounding\": 0.05", "\"rounding\": -0.05", "rounding" },
	{ " \"headlines\": [", " \"figures\": [{\"name\": \"head\","
	  " \"title\": \"\", \"study\": \"toy\", \"kind\": \"bars\","
	  " \"metric\": \"decode_s\", \"x\": [\"prompt\"],"
	  " \"series\": \"how\", \"panel\": \"link\"}],"
	  " \"headlines\": [", "two figures or headlines are named 'head'" },
	{ " \"headlines\": [", " \"figures\": [{\"name\": \"fig\","
	  " \"title\": \"\", \"study\": \"toy\", \"kind\": \"bars\","
	  " \"metric\": \"decode_s\", \"x\": [\"prompt\"],"
	  " \"series\": \"how\", \"panel\": \"link\","
	  " \"headline\": \"haed\"}], \"headlines\": [",
	  "figures[0].headline: found 'haed', expected the name of a "
	  "headline" },
	{ " \"headlines\": [", " \"figures\": [{\"name\": \"fig\","
	  " \"title\": \"\", \"study\": \"toy\", \"kind\": \"bars\","
	  " \"metric\": \"decode_s\", \"x\": [\"prompt\"],"
	  " \"series\": \"how\"}], \"headlines\": [", "figures[0]: axis "
	  "link is neither drawn nor in \"at\"" },
};

START_TEST(a_mistake_is_named)
{
	char *text = changed(mistakes[_i].from, mistakes[_i].to);
	struct item item;

	ck_assert_int_eq(reproduce_item_parse(&f.axes, "toy", text, &item,
					      &d), STATUS_INVALID);
	ck_assert_msg(strstr(d.text, mistakes[_i].message) != NULL,
		      "found: %s", d.text);
	free(text);
}
END_TEST

/* Each case once, its values those of evaluate(); the band by hand. */
START_TEST(a_band_is_what_brute_force_finds)
{
	struct item item;
	struct cases *cases = reproduce_run_new(NULL, NULL);
	struct study_results r;
	struct band b;
	struct view v;
	double least = INFINITY, most = -INFINITY;

	ck_assert(reproduce_item_parse(&f.axes, "toy", sample, &item, &d) ==
		  STATUS_OK);
	ck_assert_msg(reproduce_run_study(cases, &item.studies[0], &r, &d) ==
		      STATUS_OK, "%s", d.text);
	/* load-all is subject and baseline: 2 links, 3 prompts, 2 policies */
	ck_assert_uint_eq(reproduce_run_count(cases), 12);
	for (size_t link = 0; link < 2; link++) {
		double best = -INFINITY;

		for (size_t prompt = 0; prompt < 3; prompt++) {
			size_t row = 6 * link + 2 * prompt;
			double all = r.cells[row].value[0];
			double kvpr = r.cells[row + 1].value[0];

			ck_assert_double_eq_tol(r.cells[row].value[1], 0.0,
						1e-12);
			ck_assert_double_eq_tol(r.cells[row + 1].value[1],
						100.0 * (1.0 - kvpr / all),
						1e-9);
			best = fmax(best, r.cells[row + 1].value[1]);
		}
		least = fmin(least, best);
		most = fmax(most, best);
	}
	ck_assert(most > least);
	reproduce_band_make(&item.headlines[0], &r, &b);
	ck_assert_uint_eq(b.nsets, 2);
	ck_assert_uint_eq(b.naxes, 1);
	ck_assert_double_eq_tol(b.parts[0].all.least, least, 1e-12);
	ck_assert_double_eq_tol(b.parts[0].all.most, most, 1e-12);
	ck_assert(!b.parts[0].all.inside);
	ck_assert(!b.parts[0].all.wide);
	ck_assert_uint_eq(b.ngiving, 0);
	ck_assert_double_eq_tol(reproduce_band_miss(&b, 0, &b.parts[0].all),
				35.8 - most, 1e-12);
	ck_assert_double_eq_tol(b.distance, (35.8 - most) / 35.8, 1e-12);
	ck_assert_double_eq_tol(b.effects[0].least[0], least, 1e-12);
	ck_assert_double_eq_tol(b.effects[0].most[0], most, 1e-12);
	/* a printed number is inside as exactly as it is printed */
	item.headlines[0].parts[0].paper.rounding = 35.9 - most;
	reproduce_band_clear(&b);
	reproduce_band_make(&item.headlines[0], &r, &b);
	ck_assert(b.parts[0].all.inside);
	ck_assert(!b.parts[0].all.wide);
	ck_assert_uint_eq(b.ngiving, 1 + (35.8 - least <= 35.9 - most));
	reproduce_band_clear(&b);
	/* between two sets no set gives it, and a band wider than the number
	 * that it holds says nothing */
	item.headlines[0].parts[0].paper.rounding = 0.0;
	item.headlines[0].parts[0].paper.value = 0.5 * (least + most);
	reproduce_band_make(&item.headlines[0], &r, &b);
	ck_assert(b.parts[0].all.inside);
	ck_assert_int_eq(b.parts[0].all.wide,
			 most - least > fabs(0.5 * (least + most)));
	ck_assert_uint_eq(b.ngiving, 0);
	ck_assert_double_eq_tol(b.distance, (most - least) / fabs(most + least),
				1e-12);
	reproduce_band_clear(&b);
	item.headlines[0].parts[0].paper.value = 0.0;
	item.headlines[0].parts[0].paper.rounding = fabs(least);
	reproduce_band_make(&item.headlines[0], &r, &b);
	ck_assert(b.parts[0].all.wide);
	ck_assert_uint_eq(b.ngiving, 1 + (fabs(most) <= fabs(least)));
	reproduce_band_clear(&b);
	/* the baseline against itself is no row */
	reproduce_view_make(&r, 1, &v);
	ck_assert_uint_eq(v.n, 6);
	reproduce_view_clear(&v);
	reproduce_view_make(&r, 0, &v);
	ck_assert_uint_eq(v.n, 12);
	ck_assert_ptr_nonnull(v.rows[6].fact);
	ck_assert_ptr_null(v.rows[5].fact);
	reproduce_view_clear(&v);
	reproduce_run_clear(&r);
	reproduce_run_free(cases);
	reproduce_item_clear(&item);
}
END_TEST

/* What departs from the paper is left out of the narrower band. */
START_TEST(departures_are_left_out)
{
	char *text = changed("\"best_over\": [\"prompt\"],", "");
	char *moved;
	struct item item;
	struct cases *cases = reproduce_run_new(NULL, NULL);
	struct study_results r;
	struct band b;

	moved = strstr(text, "{\"how\": \"kvpr\"}");
	memcpy(moved, "{             }", strlen("{\"how\": \"kvpr\"}"));
	ck_assert(reproduce_item_parse(&f.axes, "toy", text, &item, &d) ==
		  STATUS_OK);
	ck_assert(reproduce_run_study(cases, &item.studies[0], &r, &d) ==
		  STATUS_OK);
	reproduce_band_make(&item.headlines[0], &r, &b);
	ck_assert_uint_eq(b.nsets, 12);
	ck_assert_uint_eq(b.nstated, 6);
	ck_assert_double_eq_tol(b.parts[0].stated.most, 0.0, 1e-12);
	ck_assert_double_eq_tol(b.parts[0].stated.least, 0.0, 1e-12);
	ck_assert(b.parts[0].all.most > b.parts[0].all.least);
	reproduce_band_clear(&b);
	reproduce_run_clear(&r);
	reproduce_run_free(cases);
	reproduce_item_clear(&item);
	free(text);
}
END_TEST

/* A redefinition departs; the orders of the parts are counted. */
START_TEST(orders_and_redefinitions)
{
	char *text = changed("\"best_over\": [\"prompt\"],",
			     "\"definitions\": [\"as it is\"],"
			     "\"redefinitions\": [\"as time\"],"
			     "\"ordered\": true,");
	const char *from = strstr(text, "  \"parts\": ["), *to;
	size_t room = strlen(text) + 600;
	char *all = malloc(room);
	struct item item;
	struct cases *cases = reproduce_run_new(NULL, NULL);
	struct study_results r;
	struct band b;
	size_t order[ITEM_MOST_PARTS], up = 0;

	to = strstr(from, " \"findings\"");
	snprintf(all, room, "%.*s  \"parts\": ["
		"{\"title\": \"low\", \"at\": {\"how\": \"kvpr\"},"
		" \"metrics\": [\"decode_s\", \"decode_s\"], \"paper\":"
		" {\"value\": \"1 ms\", \"confidence\": \"quoted\","
		" \"source\": \"\"}},"
		"{\"title\": \"high\", \"at\": {\"how\": \"all\"},"
		" \"metrics\": [\"decode_s\", \"decode_s\"], \"paper\":"
		" {\"value\": \"2 ms\", \"confidence\": \"quoted\","
		" \"source\": \"\"}}]}], %s", (int)(from - text), text, to);
	ck_assert_msg(reproduce_item_parse(&f.axes, "toy", all, &item, &d) ==
		      STATUS_OK, "%s", d.text);
	ck_assert_uint_eq(item.headlines[0].ndefinitions, 2);
	ck_assert_uint_eq(item.headlines[0].nstated, 1);
	ck_assert(reproduce_run_study(cases, &item.studies[0], &r, &d) ==
		  STATUS_OK);
	reproduce_band_make(&item.headlines[0], &r, &b);
	ck_assert_uint_eq(b.nsets, 12);	/* links, prompts, definitions */
	ck_assert_uint_eq(b.nstated, 6);
	ck_assert_uint_eq(b.nfull, 12);
	reproduce_band_order(&b, STUDY_ANY, order);
	ck_assert_uint_eq(order[0], 1);
	ck_assert_uint_eq(order[1], 0);
	for (size_t i = 0; i < 6; i++)
		up += r.cells[2 * i].value[0] > r.cells[2 * i + 1].value[0];
	ck_assert_uint_eq(b.nordered, 2 * up);
	ck_assert_uint_eq(b.nusual, 2 * (up >= 3 ? up : 6 - up));
	reproduce_band_order(&b, b.usual, order);
	ck_assert_uint_eq(order[0], up >= 3);
	reproduce_band_clear(&b);
	reproduce_run_clear(&r);
	reproduce_run_free(cases);
	reproduce_item_clear(&item);
	free(text);
	free(all);
}
END_TEST

static const struct {
	const char *text, *filled;	/* NULL: refused with */
	const char *message;
} texts[] = {
	{ "splits of {range split_last toy how=kvpr}.", "splits of 48.",
	  NULL },
	{ "{range split_last toy} and {max split_last toy}",
	  "0 to 48 and 48", NULL },
	{ "{only split_last toy link=slow; prompt=128; how=kvpr}", "48",
	  NULL },
	{ "{measured saving_pct toy how=kvpr}", "(not measured)", NULL },
	{ "no place", "no place", NULL },
	{ "{max split_last toy", NULL, "expected a } after the {" },
	{ "{max split_last}", NULL, "expected HOW METRIC STUDY" },
	{ "{span split_last toy} and {span saving_pct toy how=all}",
	  NULL, "there is no such number" },
	{ "{span split_last toy}", "0-48", NULL },
	{ "{only recompute_s toy link=slow; prompt=64; how=all} is done",
	  "nothing is done", NULL },
	{ "{most split_last toy}", NULL, "expected min, max, range" },
	{ "{only split_last toy}", NULL, "of one number, found 12" },
	{ "{max split_lst toy}", NULL, "found 'split_lst', expected a metric "
	  "of study toy" },
	{ "{max split_last yot}", NULL, "found 'yot', expected the name of a "
	  "study" },
	{ "{max split_last toy link}", NULL, "expected AXIS=CHOICE" },
	{ "{max split_last toy lnk=slow}", NULL, "expected an axis of study" },
	{ "{max split_last toy link=slo}", NULL, "expected a choice of axis "
	  "link" },
};

START_TEST(sentences_are_filled)
{
	struct item item;
	struct cases *cases = reproduce_run_new(NULL, NULL);
	struct study_results r;
	enum status s;
	char *out;

	ck_assert(reproduce_item_parse(&f.axes, "toy", sample, &item, &d) ==
		  STATUS_OK);
	ck_assert(reproduce_run_study(cases, &item.studies[0], &r, &d) ==
		  STATUS_OK);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		s = reproduce_text_fill(&item, &r, texts[i].text, &out, &d);
		if (texts[i].filled != NULL) {
			ck_assert_msg(s == STATUS_OK, "%s", d.text);
			ck_assert_str_eq(out, texts[i].filled);
			free(out);
			continue;
		}
		ck_assert_int_eq(s, STATUS_INVALID);
		ck_assert_msg(strstr(d.text, texts[i].message) != NULL,
			      "found: %s", d.text);
	}
	reproduce_run_clear(&r);
	reproduce_run_free(cases);
	reproduce_item_clear(&item);
}
END_TEST

/* What does not fit leaves a cell empty; what cannot be asked for ends it. */
START_TEST(empty_cells_and_failures)
{
	char *big = changed("opt-125m", "opt-175b");
	char *wrong = changed("\"policy\": \"kvpr-row\"",
			      "\"policy\": \"kvpr-rwo\"");
	struct item item;
	struct cases *cases = reproduce_run_new(NULL, NULL);
	struct study_results r;

	ck_assert(reproduce_item_parse(&f.axes, "toy", big, &item, &d) ==
		  STATUS_OK);
	ck_assert(reproduce_run_study(cases, &item.studies[0], &r, &d) ==
		  STATUS_OK);
	ck_assert(isnan(r.cells[0].value[0]));
	ck_assert_msg(strstr(r.cells[0].why, "GB") != NULL, "%s",
		      r.cells[0].why);
	reproduce_run_clear(&r);
	reproduce_item_clear(&item);
	ck_assert(reproduce_item_parse(&f.axes, "toy", wrong, &item, &d) ==
		  STATUS_OK);
	ck_assert_int_eq(reproduce_run_study(cases, &item.studies[0], &r, &d),
			 STATUS_INVALID);
	ck_assert_msg(strstr(d.text, "study toy: case --model=opt-125m") !=
		      NULL && strstr(d.text, "kvpr-rwo") != NULL, "%s",
		      d.text);
	reproduce_run_free(cases);
	reproduce_item_clear(&item);
	free(big);
	free(wrong);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("reproduce");
	TCase *tc = tcase_create("items");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_sample_is_read);
	tcase_add_loop_test(tc, a_mistake_is_named, 0,
			    (int)(sizeof mistakes / sizeof mistakes[0]));
	tcase_add_test(tc, a_band_is_what_brute_force_finds);
	tcase_add_test(tc, departures_are_left_out);
	tcase_add_test(tc, orders_and_redefinitions);
	tcase_add_test(tc, sentences_are_filled);
	tcase_add_test(tc, empty_cells_and_failures);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
