/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The items that come with kvplan, and what was measured for them. */
#include "paper-repro/item.h"

#include <string.h>

#include "paper-repro/measured.h"
#include "paper-repro/run.h"
#include "paper-repro/text.h"
#include "tests/harness.h"

static struct diag d;

/* A run stands beside a mean over the decode only if its step is that one. */
START_TEST(a_measured_step_is_the_simulated_one)
{
	size_t split[127] = { 0 };
	struct bundle_run run = {
		.model = { .name = "opt-125m", .layers = 2 },
		.workload = { .batch = 2, .num_batches = 1, .prompt = 128,
			      .gpus = 1 },
		.plan = { .steps = 32, .split = split },
		.first_step = 14, .steps = 3, .measured_s = 4e-3,
		.min_s = 3e-3, .max_s = 5e-3, .predicted_s = 6e-3,
	};
	const struct bundle bundle = { .runs = &run, .n = 1 };
	struct reproduced simulated = {
		.done = true, .model = "opt-125m", .workload = run.workload,
		.plan = { .split = split },
	};
	const struct study_cell cell = { .subject = &simulated };
	const struct { size_t steps; bool shown; } cases[] = {
		{ 31, true }, { 127, false }, { 36, true }, { 37, false },
		{ 1, false },
	};
	const struct metric *m;
	struct measured out;

	ck_assert(reproduce_metric_find("layer_s", &m, &d) == STATUS_OK);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		simulated.plan.steps = cases[i].steps;
		ck_assert_msg(reproduce_measured(&bundle, &cell, m, &out) ==
			      cases[i].shown, "%zu steps", cases[i].steps);
	}
	/* the same step is another with a short prompt, and not with a long */
	simulated.plan.steps = 1;
	simulated.workload.prompt = run.workload.prompt = 1024;
	ck_assert(reproduce_measured(&bundle, &cell, m, &out));
	ck_assert_double_eq_tol(out.value, 2e-3, 1e-15);
	ck_assert_double_eq_tol(out.predicted, 3e-3, 1e-15);
}
END_TEST

/* Every item that comes with kvplan can be read. */
START_TEST(the_items_are_read)
{
	struct item_index x;
	struct item item;

	ck_assert(reproduce_index_load(&x, &d) == STATUS_OK);
	ck_assert_uint_eq(x.n, 11);
	for (size_t i = 0; i < x.n; i++) {
		ck_assert_msg(reproduce_item_load(&x, x.names[i], &item,
						  &d) == STATUS_OK, "%s",
			      d.text);
		ck_assert(item.nfindings > 0);
		ck_assert(strlen(item.text) > 40);
		reproduce_item_clear(&item);
	}
	ck_assert_int_eq(reproduce_item_load(&x, "tabel-1", &item, &d),
			 STATUS_UNKNOWN);
	ck_assert_str_eq(d.text, "unknown item 'tabel-1', the nearest is "
			 "table-1; 'kvplan list items' prints all");
	reproduce_index_clear(&x);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("paper-repro/items");
	TCase *tc = tcase_create("items");

	tcase_add_test(tc, a_measured_step_is_the_simulated_one);
	tcase_add_test(tc, the_items_are_read);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
