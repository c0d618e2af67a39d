/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/job.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "schedule/plan_file.h"
#include "schedule/policy.h"
#include "tests/harness.h"

static char path[4096];

static void write_plan(const char *policy, const char *model,
		       enum element kv, size_t gpus)
{
	cJSON *o;
	struct llm m = harness_model(model);
	struct workload w = harness_workload(3, 50, 13);
	struct plan plan = { .steps = 12 };
	struct diag d;
	char *text;
	FILE *f;

	w.kv = kv;
	w.gpus = gpus;
	ck_assert_int_eq(policy_find(policy, &plan.policy, &d), STATUS_OK);
	plan.split = xcalloc(12, sizeof *plan.split);
	for (size_t i = 0; i < 12; i++)
		plan.split[i] = plan.policy->split == SPLIT_OPEN ? 20 + i : 0;
	for (int i = 0; i < DECISION_COUNT; i++)
		plan.decision[i] = plan.policy->rules[i].value;
	o = plan_file_json(&m, &w, &plan, "{}", NULL);
	text = cJSON_Print(o);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
	cJSON_free(text);
	cJSON_Delete(o);
	plan_clear(&plan);
}

static struct job load(const struct job_options *o)
{
	struct job j = { .path = NULL };
	struct diag d = { "" };

	ck_assert_msg(job_load(path, o, &j, &d) == STATUS_OK, "%s", d.text);
	return j;
}

static void refuse(const struct job_options *o, enum status s,
		   const char *text)
{
	struct job j = { .path = NULL };
	struct diag d = { "" };

	ck_assert_int_eq(job_load(path, o, &j, &d), s);
	ck_assert_msg(strstr(d.text, text) != NULL, "%s", d.text);
	ck_assert_ptr_null(j.path);
}

START_TEST(defaults_are_the_plan_and_four_steps_in_the_middle)
{
	struct job j;

	write_plan("kvpr-row", "opt-125m", ELEMENT_FP16, 1);
	j = load(&(struct job_options){ .layers = 0 });
	ck_assert_uint_eq(j.first_step, 4);
	ck_assert_uint_eq(j.end_step, 8);
	ck_assert_uint_eq(j.model.layers, 12);
	ck_assert_uint_eq(graph_slots(j.graph), 12);
	ck_assert_uint_eq(j.nsplits, 1);
	job_use_split(&j, 0);
	ck_assert_uint_eq(job_split(&j, 5), 25);
	ck_assert_uint_eq(job_cached(&j, 5), 55);
	ck_assert_uint_eq(job_most_split(&j), 27);
	job_clear(&j);
}
END_TEST

/* Steps 4 to 7, twice and a step more; slots go on. */
START_TEST(steps_are_run_over_and_over)
{
	static const size_t same[] = { 4, 5, 6, 7, 4, 5, 6, 7, 4 };
	struct job j;

	write_plan("kvpr-row", "opt-125m", ELEMENT_FP16, 1);
	j = load(&(struct job_options){ .layers = 2 });
	job_use_split(&j, 0);
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		ck_assert_uint_eq(job_step(&j, 4 + i), same[i]);
		ck_assert_uint_eq(job_cached(&j, 4 + i), 50 + same[i]);
		ck_assert_uint_eq(job_split(&j, 4 + i), 20 + same[i]);
		ck_assert_uint_eq(job_slot(&j, &j.graph->tasks[0], 4 + i),
				  2 * i + j.graph->tasks[0].layer);
	}
	job_clear(&j);
}
END_TEST

START_TEST(fewer_layers_and_another_depth)
{
	struct job j;

	write_plan("kvpr-row", "opt-125m", ELEMENT_FP16, 1);
	j = load(&(struct job_options){
		.layers = 5, .has_prefetch = true, .prefetch = 3,
		.has_steps = true, .first_step = 9, .steps = 3 });
	ck_assert_uint_eq(j.model.layers, 5);
	ck_assert_uint_eq(j.model_layers, 12);
	ck_assert_uint_eq(j.graph->layers, 5);
	ck_assert_uint_eq(plan_prefetch(&j.plan), 3);
	ck_assert_uint_eq(job_steps(&j), 3);
	ck_assert_uint_eq(job_slot(&j, &(struct task){ .layer = 2 }, 10), 7);
	job_clear(&j);
}
END_TEST

START_TEST(sweeps)
{
	struct job j;

	write_plan("kvpr-row", "opt-125m", ELEMENT_FP16, 1);
	j = load(&(struct job_options){ .sweep = JOB_RANGE, .from = 7,
					.to = 30, .by = 11 });
	ck_assert_uint_eq(j.nsplits, 3);
	job_use_split(&j, 2);
	ck_assert_uint_eq(job_split(&j, 4), 29);
	ck_assert_uint_eq(job_split(&j, 11), 29);
	ck_assert_uint_eq(job_most_split(&j), 29);
	job_clear(&j);
	j = load(&(struct job_options){ .sweep = JOB_EVEN, .count = 5 });
	ck_assert_uint_eq(j.nsplits, 6);
	ck_assert(j.splits[0] == JOB_OWN_SPLIT);
	ck_assert_uint_eq(j.splits[1], 0);
	ck_assert_uint_eq(j.splits[2], 12);
	ck_assert_uint_eq(j.splits[5], 50);
	job_use_split(&j, 5);
	job_use_split(&j, 0);
	ck_assert_uint_eq(job_split(&j, 5), 25);
	job_clear(&j);
	write_plan("load-all", "opt-125m", ELEMENT_FP16, 1);
	j = load(&(struct job_options){ .sweep = JOB_EVEN, .count = 5 });
	ck_assert_uint_eq(j.nsplits, 1);
	job_clear(&j);
}
END_TEST

START_TEST(layers_of_a_policy_that_counts_its_own)
{
	struct job j;
	struct task t = { .layer = 0 };

	write_plan("flexgen", "opt-125m", ELEMENT_FP16, 1);
	j = load(&(struct job_options){ .layers = 3 });
	ck_assert_uint_eq(j.graph->layers, 8);
	for (size_t i = 0; i < 8; i++) {
		static const size_t layer[] = { 0, 0, 0, 1, 1, 2, 2, 2 };

		t.layer = i;
		ck_assert_uint_eq(job_model_layer(&j, &t), layer[i]);
	}
	job_clear(&j);
}
END_TEST

START_TEST(tasks_with_nothing_to_do)
{
	struct job j;
	size_t idle = 0, loads = 0;

	write_plan("kvpr-row", "opt-125m", ELEMENT_FP16, 1);
	j = load(&(struct job_options){ .sweep = JOB_RANGE, .by = 1 });
	job_use_split(&j, 0);
	for (size_t i = 0; i < j.graph->ntasks; i++) {
		enum op op = j.graph->tasks[i].op;

		loads += op == OP_LOAD_ACTIVATION || op == OP_RECOMPUTE;
		idle += job_is_idle(&j, i, 4);
	}
	ck_assert_uint_eq(loads, 24);
	ck_assert_uint_eq(idle, loads);
	job_clear(&j);
}
END_TEST

/* Each GPU of several runs what one alone does. */
START_TEST(a_plan_for_several_gpus_is_one_gpus_job)
{
	const struct job_options none = { .layers = 0 };
	struct job one, two;

	write_plan("kvpr-row", "opt-125m", ELEMENT_FP16, 1);
	one = load(&none);
	write_plan("kvpr-row", "opt-125m", ELEMENT_FP16, 2);
	two = load(&none);
	ck_assert_uint_eq(two.workload.gpus, 2);
	ck_assert_uint_eq(two.graph->ntasks, one.graph->ntasks);
	for (size_t i = 0; i < one.graph->nworks; i++) {
		const struct work *a = &one.graph->works[i];
		const struct work *b = &two.graph->works[i];

		ck_assert_double_eq(work_bytes(a, 57.0, 23.0),
				    work_bytes(b, 57.0, 23.0));
		ck_assert_double_eq(work_flop(a, 57.0, 23.0),
				    work_flop(b, 57.0, 23.0));
	}
	job_clear(&one);
	job_clear(&two);
}
END_TEST

START_TEST(what_cannot_be_run_is_refused)
{
	const struct job_options none = { .layers = 0 };

	write_plan("kvpr-row", "mixtral-8x7b", ELEMENT_FP16, 1);
	refuse(&none, STATUS_INVALID, "mixtral-8x7b has experts");
	write_plan("kvpr-row", "opt-125m", ELEMENT_INT4, 1);
	refuse(&none, STATUS_INVALID, "elements of less than 16 bits");
	write_plan("kvpr-row", "opt-125m", ELEMENT_FP16, 1);
	refuse(&(struct job_options){ .has_steps = true, .first_step = 10,
				      .steps = 3 },
	       STATUS_USAGE, "--steps: found 10:3, but the plan has 12");
	refuse(&(struct job_options){ .sweep = JOB_RANGE, .to = 51, .by = 1 },
	       STATUS_USAGE, "split: found 51, expected at most 50");
	write_plan("offloaded-cache", "opt-125m", ELEMENT_FP16, 1);
	refuse(&(struct job_options){ .sweep = JOB_RANGE, .to = 5, .by = 1 },
	       STATUS_USAGE, "policy offloaded-cache decides the split");
	refuse(&(struct job_options){ .has_prefetch = true, .prefetch = 2 },
	       STATUS_USAGE, "--prefetch: found 2, but policy offloaded-cache");
}
END_TEST

static void make_file(void)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	snprintf(path, sizeof path, "%s/kvplan-test-job-XXXXXX",
		 tmp && tmp[0] ? tmp : "/tmp");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(close(fd), 0);
}

static void remove_file(void)
{
	unlink(path);
}

int main(void)
{
	Suite *s = suite_create("job");
	TCase *c = tcase_create("job");

	tcase_add_checked_fixture(c, make_file, remove_file);
	tcase_add_test(c,
		       defaults_are_the_plan_and_four_steps_in_the_middle);
	tcase_add_test(c, steps_are_run_over_and_over);
	tcase_add_test(c, fewer_layers_and_another_depth);
	tcase_add_test(c, sweeps);
	tcase_add_test(c, layers_of_a_policy_that_counts_its_own);
	tcase_add_test(c, tasks_with_nothing_to_do);
	tcase_add_test(c, a_plan_for_several_gpus_is_one_gpus_job);
	tcase_add_test(c, what_cannot_be_run_is_refused);
	suite_add_tcase(s, c);
	return harness_run(s);
}
