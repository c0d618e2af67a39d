/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/decision.h"

#include <math.h>
#include <string.h>

#include "schedule/policy.h"
#include "tests/harness.h"
#include "tests/random_case.h"

/* What the documents promise. */
static const struct {
	enum decision which;
	const char *name, *option;
	double most;
	const char *words[2];		/* NULL: a number */
	int whole;
} promised[] = {
	{ DECISION_PREFETCH, "prefetch", "prefetch", 64.0, { NULL, NULL },
	  1 },
	{ DECISION_WEIGHTS_ON_GPU, "weights_on_gpu", "weights-on-gpu", 1.0,
	  { NULL, NULL }, 0 },
	{ DECISION_CACHE_ON_GPU, "cache_on_gpu", "cache-on-gpu", 1.0,
	  { NULL, NULL }, 0 },
	{ DECISION_PIPELINE, "pipeline", "pipeline", 1.0,
	  { "coarse", "fine" }, 1 },
	{ DECISION_ATTENTION, "attention", "attention", 1.0,
	  { "gpu", "cpu" }, 1 },
	{ DECISION_HOME, "home", "home", 1.0, { "pinned", "pageable" }, 1 },
	{ DECISION_HIDDEN, "hidden", "hidden", 1.0, { "gpu", "host" }, 1 },
	{ DECISION_SEP_LAYER, "sep_layer", "sep-layer", 1.0,
	  { "no", "yes" }, 1 },
};

START_TEST(the_table_is_as_promised)
{
	ck_assert_uint_eq(sizeof promised / sizeof promised[0],
			  DECISION_COUNT);
	for (size_t i = 0; i < DECISION_COUNT; i++) {
		const struct decision_spec *s =
			&decision_specs[promised[i].which];

		ck_assert_str_eq(s->name, promised[i].name);
		ck_assert_str_eq(s->option, promised[i].option);
		ck_assert_double_eq(s->most, promised[i].most);
		ck_assert_int_eq(s->whole, promised[i].whole);
		ck_assert_int_eq(s->words == NULL,
				 promised[i].words[0] == NULL);
		for (size_t k = 0; s->words != NULL && k < 2; k++)
			ck_assert_str_eq(s->words[k], promised[i].words[k]);
	}
}
END_TEST

/* The longest of the lines of `text`. */
static size_t widest(const char *text)
{
	size_t most = 0;

	for (;;) {
		size_t length = strcspn(text, "\n");

		most = length > most ? length : most;
		if (text[length] == '\0')
			return most;
		text += length + 1;
	}
}

/* "      --option ARGUMENT  help": where the help of all options begins. */
static size_t margin(void)
{
	size_t most = 0;

	for (size_t i = 0; i < DECISION_COUNT; i++) {
		const struct decision_spec *s = &decision_specs[i];
		size_t wide = strlen("      --") + strlen(s->option) +
			      strlen(" ") + strlen(s->argument) +
			      strlen("  ");

		most = wide > most ? wide : most;
	}
	return most;
}

START_TEST(names_options_and_help_are_usable)
{
	size_t left = margin();

	for (size_t i = 0; i < DECISION_COUNT; i++) {
		const struct decision_spec *s = &decision_specs[i];

		/* an option is its name with hyphens */
		ck_assert_uint_eq(strlen(s->name), strlen(s->option));
		for (size_t k = 0; s->name[k] != '\0'; k++)
			ck_assert_int_eq(s->option[k],
					 s->name[k] == '_' ? '-'
							   : s->name[k]);
		ck_assert_uint_gt(strlen(s->argument), 0);
		ck_assert_uint_gt(strlen(s->help), 10);
		ck_assert_uint_le(left + widest(s->help), 80);
		for (size_t j = 0; j < i; j++) {
			ck_assert_str_ne(s->name, decision_specs[j].name);
			ck_assert_str_ne(s->help, decision_specs[j].help);
		}
	}
}
END_TEST

/* What policies say is what a user could: in range, and whole or a word. */
START_TEST(policies_keep_to_the_table)
{
	size_t n, decided[3] = { 0 };
	const struct policy *const *list = policy_list(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < DECISION_COUNT; k++) {
			const struct decision_spec *s = &decision_specs[k];
			const struct decision_rule *r = &list[i]->rules[k];

			ck_assert_double_ge(r->value, 0.0);
			ck_assert_double_le(r->value, s->most);
			if (s->whole)
				ck_assert_double_eq(r->value,
						    floor(r->value));
			ck_assert(r->decider == DECIDED_BY_POLICY ||
				  r->decider == DECIDED_BY_USER ||
				  r->decider == DECIDED_BY_PLANNER);
			decided[r->decider]++;
		}
	ck_assert_uint_eq(decided[0] + decided[1] + decided[2],
			  n * DECISION_COUNT);
	ck_assert_uint_gt(decided[DECIDED_BY_PLANNER], 0);
	ck_assert_uint_gt(decided[DECIDED_BY_USER], 0);
}
END_TEST

static double parsed(enum decision which, const char *text)
{
	struct diag d = { "untouched" };
	double value = -1.0;

	ck_assert_msg(decision_parse(which, text, &value, &d) == STATUS_OK,
		      "%s: %s", decision_specs[which].name, d.text);
	ck_assert_str_eq(d.text, "untouched");
	return value;
}

START_TEST(words_stand_for_their_index)
{
	size_t words = 0;

	for (size_t i = 0; i < DECISION_COUNT; i++) {
		for (size_t k = 0; k < 2; k++) {
			char text[DECISION_SIZE];

			if (promised[i].words[k] == NULL)
				continue;
			ck_assert_double_eq(parsed(promised[i].which,
						   promised[i].words[k]),
					    (double)k);
			decision_format(promised[i].which, (double)k, text);
			ck_assert_str_eq(text, promised[i].words[k]);
			words++;
		}
	}
	ck_assert_uint_eq(words, 10);
	ck_assert_double_eq(parsed(DECISION_PIPELINE, "fine"), PIPELINE_FINE);
	ck_assert_double_eq(parsed(DECISION_ATTENTION, "cpu"), ATTENTION_CPU);
	ck_assert_double_eq(parsed(DECISION_HOME, "pageable"), HOME_PAGEABLE);
	ck_assert_double_eq(parsed(DECISION_HIDDEN, "host"), HIDDEN_HOST);
	ck_assert_double_eq(parsed(DECISION_SEP_LAYER, "yes"), SEP_LAYER_YES);
}
END_TEST

START_TEST(numbers_are_read)
{
	ck_assert_double_eq(parsed(DECISION_PREFETCH, "0"), 0.0);
	ck_assert_double_eq(parsed(DECISION_PREFETCH, "17"), 17.0);
	ck_assert_double_eq(parsed(DECISION_PREFETCH, "64"), 64.0);
	ck_assert_double_eq(parsed(DECISION_CACHE_ON_GPU, "0.385"), 0.385);
	ck_assert_double_eq(parsed(DECISION_CACHE_ON_GPU, "1"), 1.0);
	ck_assert_double_eq(parsed(DECISION_WEIGHTS_ON_GPU, "2.385e-3"),
			    0.002385);
}
END_TEST

/* Whole numbers come back as they were; shares to six digits. */
START_TEST(what_is_written_is_read_back)
{
	enum { CASES = 3000, SEED = 271828183 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		enum decision which = (enum decision)(done % DECISION_COUNT);
		const struct decision_spec *s = &decision_specs[which];
		double value = s->whole
			? (double)random_case_size(rng, 0, (size_t)s->most)
			: gsl_rng_uniform(rng);
		char text[DECISION_SIZE], again[DECISION_SIZE];
		double back;

		decision_format(which, value, text);
		back = parsed(which, text);
		if (s->whole)
			ck_assert_double_eq(back, value);
		else
			ck_assert_double_eq_tol(back, value, 5e-7);
		decision_format(which, back, again);
		ck_assert_str_eq(text, again);
	}
	ck_assert_uint_eq(done, CASES);
	gsl_rng_free(rng);
}
END_TEST

static const struct {
	enum decision which;
	const char *text, *message;
} wrong[] = {
	{ DECISION_PREFETCH, "many",
	  "found 'many', expected a whole number, 0 to 64" },
	{ DECISION_PREFETCH, "", "found '', expected a whole number, 0 to 64" },
	{ DECISION_PREFETCH, "3x",
	  "found '3x', expected a whole number, 0 to 64" },
	{ DECISION_PREFETCH, "3 ",
	  "found '3 ', expected a whole number, 0 to 64" },
	{ DECISION_PREFETCH, "65",
	  "found '65', expected a whole number, 0 to 64" },
	{ DECISION_PREFETCH, "99",
	  "found '99', expected a whole number, 0 to 64" },
	{ DECISION_PREFETCH, "-1",
	  "found '-1', expected a whole number, 0 to 64" },
	{ DECISION_PREFETCH, "2.385",
	  "found '2.385', expected a whole number, 0 to 64" },
	{ DECISION_WEIGHTS_ON_GPU, "half",
	  "found 'half', expected a number, 0 to 1" },
	{ DECISION_WEIGHTS_ON_GPU, "1.0001",
	  "found '1.0001', expected a number, 0 to 1" },
	{ DECISION_CACHE_ON_GPU, "-0.385",
	  "found '-0.385', expected a number, 0 to 1" },
	{ DECISION_CACHE_ON_GPU, "38.5%",
	  "found '38.5%', expected a number, 0 to 1" },
	{ DECISION_CACHE_ON_GPU, "nan",
	  "found 'nan', expected a number, 0 to 1" },
	{ DECISION_CACHE_ON_GPU, "inf",
	  "found 'inf', expected a number, 0 to 1" },
	{ DECISION_CACHE_ON_GPU, "1e-999",
	  "found '1e-999', expected a number, 0 to 1" },
	{ DECISION_PIPELINE, "rough",
	  "found 'rough', expected coarse or fine" },
	{ DECISION_PIPELINE, "Fine", "found 'Fine', expected coarse or fine" },
	{ DECISION_ATTENTION, "1", "found '1', expected gpu or cpu" },
	{ DECISION_HOME, "", "found '', expected pinned or pageable" },
	{ DECISION_HOME, "pin", "found 'pin', expected pinned or pageable" },
	{ DECISION_HIDDEN, "cpu", "found 'cpu', expected gpu or host" },
	{ DECISION_SEP_LAYER, "true", "found 'true', expected no or yes" },
	{ DECISION_HIDDEN,
	  "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
	  "found 'wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww', expected gpu or "
	  "host" },
	{ DECISION_PREFETCH,
	  "9999999999999999999999999999999999999999999999999999999999999",
	  "found '9999999999999999999999999999999999999999', expected a whole "
	  "number, 0 to 64" },
};

enum { WRONG = sizeof wrong / sizeof wrong[0] };

START_TEST(what_is_wrong_is_told)
{
	struct diag d = { "" };
	double value = 2.385;

	ck_assert_int_eq(decision_parse(wrong[_i].which, wrong[_i].text,
					&value, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, wrong[_i].message);
	ck_assert_double_eq(value, 2.385);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule/decision");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, the_table_is_as_promised);
	tcase_add_test(tc, names_options_and_help_are_usable);
	tcase_add_test(tc, policies_keep_to_the_table);
	tcase_add_test(tc, words_stand_for_their_index);
	tcase_add_test(tc, numbers_are_read);
	tcase_add_test(tc, what_is_written_is_read_back);
	tcase_add_loop_test(tc, what_is_wrong_is_told, 0, WRONG);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
