/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/plan_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/resource.h"
#include "model/profile.h"
#include "model/workload_json.h"
#include "schedule/accelerate_sequential.h"
#include "schedule/kvpr_row.h"
#include "schedule/load_all.h"
#include "schedule/recompute_all.h"
#include "tests/harness.h"
#include "tests/json_edit.h"
#include "tests/random_case.h"

START_TEST(the_limit_of_a_split)
{
	static const struct {
		const struct policy *policy;
		bool whole_sequence;
		size_t step, limit;
	} cases[] = {
		{ &policy_load_all, false, 0, 0 },
		{ &policy_load_all, true, 9, 0 },
		{ &policy_kvpr_row, false, 0, 37 },
		{ &policy_kvpr_row, false, 9, 37 },
		{ &policy_kvpr_row, true, 0, 37 },
		{ &policy_kvpr_row, true, 9, 46 },
		{ &policy_recompute_all, false, 9, 46 },
		{ &policy_recompute_all, true, 9, 46 },
	};
	const size_t n = sizeof cases / sizeof cases[0];
	struct workload w = harness_workload(3, 37, 11);

	for (size_t i = 0; i < n; i++) {
		struct plan plan = {
			.policy = cases[i].policy,
			.whole_sequence = cases[i].whole_sequence,
		};

		ck_assert_uint_eq(plan_split_limit(&plan, &w, cases[i].step),
				  cases[i].limit);
	}
}
END_TEST

START_TEST(clearing_leaves_nothing)
{
	struct plan plan = { .policy = &policy_kvpr_row, .steps = 3,
			     .decision[DECISION_PREFETCH] = 2 };

	plan.split = calloc(3, sizeof *plan.split);
	plan_clear(&plan);
	ck_assert_ptr_null(plan.split);
	ck_assert_uint_eq(plan.steps, 0);
	plan_clear(&plan);
}
END_TEST

static void check_json(cJSON *json, const char *expected)
{
	char *text = cJSON_PrintUnformatted(json);

	ck_assert_str_eq(text, expected);
	cJSON_free(text);
	cJSON_Delete(json);
}

/* What a plan file says of `plan`; the caller deletes it. */
static cJSON *decided(const struct plan *plan, const struct workload *w)
{
	const struct llm m = harness_model("opt-6.7b");
	cJSON *o = plan_file_json(&m, w, plan, "{}", NULL);
	cJSON *plan_object = cJSON_DetachItemFromObject(o, "plan");

	cJSON_Delete(o);
	return plan_object;
}

START_TEST(decisions_as_json)
{
	size_t split[] = { 37, 0, 39 };
	struct plan plan = { .policy = &policy_kvpr_row, .steps = 3,
			     .split = split,
			     .decision[DECISION_PREFETCH] = 5,
			     .decision[DECISION_WEIGHTS_ON_GPU] = 1,
			     .decision[DECISION_CACHE_ON_GPU] = 0.385,
			     .decision[DECISION_PIPELINE] = PIPELINE_FINE,
			     .decision[DECISION_HIDDEN] = HIDDEN_HOST,
			     .whole_sequence = true };
	struct workload w = harness_workload(17, 37, 4);

	check_json(decided(&plan, &w),
		   "{\"schema\":\"kvplan-plan-2\",\"policy\":\"kvpr-row\","
		   "\"prefetch\":5,\"weights_on_gpu\":1,"
		   "\"cache_on_gpu\":0.385,\"pipeline\":\"fine\","
		   "\"attention\":\"gpu\",\"home\":\"pinned\","
		   "\"hidden\":\"host\",\"sep_layer\":\"no\","
		   "\"whole_sequence\":true,"
		   "\"split\":[37,0,39]}");
	w.num_batches = 3;
	w.gpus = 8;
	w.kv = ELEMENT_INT4;
	w.activations = ELEMENT_INT8;
	check_json(workload_json(&w),
		   "{\"batch\":17,\"num_batches\":3,\"prompt\":37,"
		   "\"gen\":4,\"gpus\":8,\"weights\":\"fp16\","
		   "\"kv\":\"int4\",\"activations\":\"int8\"}");
}
END_TEST

/* A plan file, as `kvplan plan --output` writes it. */
static cJSON *compose(const struct llm *m, const struct workload *w,
		      const struct plan *plan, const char *hardware)
{
	cJSON *made_by = cJSON_CreateObject();

	cJSON_AddStringToObject(made_by, "command", "kvplan plan");
	return plan_file_json(m, w, plan, hardware, made_by);
}

static char *hardware_text(const char *name)
{
	struct diag d = { "" };
	char *text = NULL;

	ck_assert_int_eq(profile_read(PROFILE_HARDWARE, name, &text, &d),
			 STATUS_OK);
	return text;
}

/* What was read is what was written, the hardware to the last figure. */
static void check_round_trip(const struct llm *m, const struct workload *w,
			     const struct plan *plan, const char *hardware)
{
	cJSON *o = compose(m, w, plan, hardware), *a, *b;
	char *text = cJSON_Print(o), *read = NULL;
	struct llm model;
	struct workload load;
	struct plan made;
	struct diag d = { "" };
	enum status s = plan_file_parse(text, &model, &load, &made, &read,
					&d);

	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	harness_same_model(m, &model);
	ck_assert_uint_eq(load.batch, w->batch);
	ck_assert_uint_eq(load.prompt, w->prompt);
	ck_assert_uint_eq(load.gen, w->gen);
	ck_assert_uint_eq(load.num_batches, w->num_batches);
	ck_assert_uint_eq(load.gpus, w->gpus);
	ck_assert_int_eq(load.weights, w->weights);
	ck_assert_int_eq(load.kv, w->kv);
	ck_assert_int_eq(load.activations, w->activations);
	ck_assert_ptr_eq(made.policy, plan->policy);
	ck_assert_uint_eq(made.steps, plan->steps);
	for (int i = 0; i < DECISION_COUNT; i++)
		ck_assert_double_eq(made.decision[i], plan->decision[i]);
	ck_assert_int_eq(made.whole_sequence, plan->whole_sequence);
	ck_assert_mem_eq(made.split, plan->split,
			 plan->steps * sizeof *plan->split);
	a = cJSON_Parse(hardware);
	b = cJSON_Parse(read);
	ck_assert(cJSON_Compare(a, b, 1));
	cJSON_Delete(a);
	cJSON_Delete(b);
	plan_clear(&made);
	free(read);
	cJSON_free(text);
	cJSON_Delete(o);
}

START_TEST(plans_are_read_back)
{
	enum { EACH = 40, SEED = 811 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t npolicies, nmodels, done = 0;
	const struct policy *const *policies = policy_list(&npolicies);
	char **models = profile_names(PROFILE_MODEL, &nmodels);
	char *hardware = hardware_text("h200");

	gsl_rng_set(rng, SEED);
	for (size_t i = 0; i < nmodels; i++)
		for (size_t k = 0; k < EACH; k++, done++) {
			const struct policy *p =
				policies[done % npolicies];
			struct random_case c = random_case_draw(rng);
			struct plan plan;

			c.model = harness_model(models[i]);
			random_case_widen(rng, &c);
			c.w.gpus = random_case_size(rng, 1, 10);
			plan = random_case_plan(
				rng, &c, p,
				(size_t)p->rules[DECISION_PREFETCH].value);
			random_case_decide(rng, &plan);
			check_round_trip(&c.model, &c.w, &plan, hardware);
			plan_clear(&plan);
		}
	ck_assert_uint_eq(done, nmodels * EACH);
	ck_assert_uint_ge(done, 500);
	resource_names_free(models, nmodels);
	free(hardware);
	gsl_rng_free(rng);
}
END_TEST

/* A plan of kvpr-row with one member as json_edit() changes it. */
struct fault {
	const char *path, *key, *value, *message;
};

static const struct fault faults[] = {
	{ "", "model_name", NULL, "model_name: missing, expected a text" },
	{ "", "model_name", "7",
	  "model_name: found a number, expected a text" },
	{ "", "model", NULL, "model: missing, expected an object" },
	{ "", "model", "[]", "model: found an array, expected an object" },
	{ "model", "hidden_size", NULL,
	  "model: hidden_size: missing, expected a whole number from 1 to "
	  "1048576" },
	{ "model", "model_type", "\"llamma\"",
	  "model: model_type: found 'llamma', expected one of opt, llama, "
	  "mistral, qwen2, qwen3, mixtral, qwen3_moe; the nearest is llama" },
	{ "", "workload", NULL, "workload: missing, expected an object" },
	{ "", "workload", "\"small\"",
	  "workload: found 'small', expected an object" },
	{ "workload", "promt", "5",
	  "workload.promt: unknown name, the nearest is 'prompt'" },
	{ "workload", "zzzzzzzz", "5", "workload.zzzzzzzz: unknown name" },
	{ "workload", "batch", NULL,
	  "workload.batch: missing, expected a whole number from 1 to "
	  "1048576" },
	{ "workload", "batch", "0",
	  "workload.batch: found 0, expected a whole number from 1 to "
	  "1048576" },
	{ "workload", "batch", "2.385",
	  "workload.batch: found 2.385, expected a whole number from 1 to "
	  "1048576" },
	{ "workload", "batch", "1048577",
	  "workload.batch: found 1048577, expected a whole number from 1 to "
	  "1048576" },
	{ "workload", "prompt", "-3",
	  "workload.prompt: found -3, expected a whole number from 1 to "
	  "268435456" },
	{ "workload", "gen", "true",
	  "workload.gen: found a truth value, expected a whole number from 1 "
	  "to 268435456" },
	{ "workload", "gen", "1",
	  "workload: gen: found 1, expected 2 or more: the first token comes "
	  "from prefill, so there is no decode step to plan" },
	{ "workload", "gen", "2013",
	  "workload: prompt 37 + gen 2013 needs 2049 positions, opt-6.7b has "
	  "2048" },
	{ "workload", "element_bytes", "2",
	  "workload.element_bytes: unknown name" },
	{ "workload", "num_batches", NULL,
	  "workload.num_batches: missing, expected a whole number from 1 to "
	  "1024" },
	{ "workload", "num_batches", "0",
	  "workload.num_batches: found 0, expected a whole number from 1 to "
	  "1024" },
	{ "workload", "num_batches", "1025",
	  "workload.num_batches: found 1025, expected a whole number from 1 "
	  "to 1024" },
	{ "workload", "gpus", "2.385",
	  "workload.gpus: found 2.385, expected a whole number from 1 to "
	  "10" },
	{ "workload", "gpus", "65",
	  "workload.gpus: found 65, expected a whole number from 1 to 10" },
	{ "workload", "kv", NULL, "workload.kv: missing, expected a text" },
	{ "workload", "kv", "8",
	  "workload.kv: found a number, expected a text" },
	{ "workload", "kv", "\"fp8\"",
	  "workload.kv: found 'fp8', expected fp16, int8 or int4" },
	{ "workload", "weights", "\"INT4\"",
	  "workload.weights: found 'INT4', expected fp16, int8 or int4" },
	{ "workload", "activations", "\"\"",
	  "workload.activations: found '', expected fp16, int8 or int4" },
	{ "", "plan", NULL, "plan: missing, expected an object" },
	{ "", "plan", "null", "plan: found null, expected an object" },
	{ "plan", "prefetsh", "1",
	  "plan.prefetsh: unknown name, the nearest is 'prefetch'" },
	{ "plan", "schema", NULL, "plan.schema: missing, expected a text" },
	{ "plan", "schema", "\"kvplan-plan-1\"",
	  "plan.schema: found 'kvplan-plan-1', expected 'kvplan-plan-2'" },
	{ "plan", "policy", NULL, "plan.policy: missing, expected a text" },
	{ "plan", "policy", "\"kvpr-raw\"",
	  "plan.policy: unknown policy 'kvpr-raw', the nearest is kvpr-row "
	  "('kvplan list policies' names all)" },
	{ "plan", "prefetch", NULL,
	  "plan.prefetch: missing, expected a number or a text such as "
	  "'0.8'" },
	{ "plan", "prefetch", "65",
	  "plan.prefetch: found 65, expected a whole number, 0 to 64" },
	{ "plan", "prefetch", "2.385",
	  "plan.prefetch: found 2.385, expected a whole number, 0 to 64" },
	{ "plan", "prefetch", "-1",
	  "plan.prefetch: found -1, expected a finite number >= 0" },
	{ "plan", "cache_on_gpu", NULL,
	  "plan.cache_on_gpu: missing, expected a number or a text such as "
	  "'0.8'" },
	{ "plan", "cache_on_gpu", "1.0625",
	  "plan.cache_on_gpu: found 1.0625, expected a number, 0 to 1" },
	{ "plan", "weights_on_gpu", "0.385",
	  "plan.weights_on_gpu: found 0.385, expected 1: policy kvpr-row "
	  "decides it" },
	{ "plan", "pipeline", NULL, "plan.pipeline: missing, expected a text" },
	{ "plan", "pipeline", "1",
	  "plan.pipeline: found a number, expected a text" },
	{ "plan", "pipeline", "\"rough\"",
	  "plan.pipeline: found 'rough', expected coarse or fine" },
	{ "plan", "pipeline", "\"fine\"",
	  "plan.pipeline: found fine, expected coarse: policy kvpr-row "
	  "decides it" },
	{ "plan", "attention", "\"cpu\"",
	  "plan.attention: found cpu, expected gpu: policy kvpr-row decides "
	  "it" },
	{ "plan", "whole_sequence", "1",
	  "plan.whole_sequence: found a number, expected true or false" },
	{ "plan", "whole_sequence", NULL,
	  "plan.whole_sequence: missing, expected true or false" },
	{ "plan", "split", NULL, "plan.split: missing, expected an array" },
	{ "plan", "split", "{}",
	  "plan.split: found an object, expected an array" },
	{ "plan", "split", "[5,5]",
	  "plan.split: found 2 values, expected one for each of 3 decode "
	  "steps" },
	{ "plan", "split", "[5,5,5,5]",
	  "plan.split: found 4 values, expected one for each of 3 decode "
	  "steps" },
	{ "plan", "split", "[5,38,5]",
	  "plan.split[1]: found 38, expected a whole number from 0 to 37" },
	{ "plan", "split", "[5,5,\"x\"]",
	  "plan.split[2]: found 'x', expected a whole number from 0 to 37" },
	{ "plan", "split", "[-1,5,5]",
	  "plan.split[0]: found -1, expected a whole number from 0 to 37" },
	{ "plan", "split", "[4.5,5,5]",
	  "plan.split[0]: found 4.5, expected a whole number from 0 to 37" },
	{ "plan", "policy", "\"load-all\"",
	  "plan.split[0]: found 31, expected a whole number from 0 to 0" },
	{ "plan", "policy", "\"recompute-all\"",
	  "plan.whole_sequence: found false, expected true: policy "
	  "recompute-all recomputes generated tokens too" },
	{ "plan", "policy", "\"accelerate-sequential\"",
	  "plan.prefetch: found 2, expected 0: policy "
	  "accelerate-sequential decides it" },
	{ "", "hardware", NULL, "hardware: missing, expected an object" },
	{ "", "hardware", "\"h200\"",
	  "hardware: found 'h200', expected an object" },
};

enum { FAULTS = sizeof faults / sizeof faults[0] };

static char *valid_plan(void)
{
	size_t split[] = { 31, 0, 37 };
	struct plan plan = { .policy = &policy_kvpr_row, .steps = 3,
			     .split = split,
			     .decision[DECISION_PREFETCH] = 2,
			     .decision[DECISION_WEIGHTS_ON_GPU] = 1 };
	struct llm m = harness_model("opt-6.7b");
	struct workload w = harness_workload(17, 37, 4);
	cJSON *o = compose(&m, &w, &plan, "{\"any\":2.385}");
	char *text = cJSON_PrintUnformatted(o);

	cJSON_Delete(o);
	return text;
}

/* Parse `text`, which must be refused without a trace. */
static void check_refused(const char *text, const char *message)
{
	struct llm m, m_before;
	struct workload w, w_before;
	struct plan plan, plan_before;
	char untouched, *hardware = &untouched;
	struct diag d = { "" };

	memset(&m, 0x5a, sizeof m);
	memset(&w, 0x5a, sizeof w);
	memset(&plan, 0x5a, sizeof plan);
	memcpy(&m_before, &m, sizeof m);
	memcpy(&w_before, &w, sizeof w);
	memcpy(&plan_before, &plan, sizeof plan);
	ck_assert_int_eq(plan_file_parse(text, &m, &w, &plan, &hardware, &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, message);
	ck_assert_mem_eq(&m, &m_before, sizeof m);
	ck_assert_mem_eq(&w, &w_before, sizeof w);
	ck_assert_mem_eq(&plan, &plan_before, sizeof plan);
	ck_assert_ptr_eq(hardware, &untouched);
}

/* The text without a fault is fine: it is the fault that is refused. */
START_TEST(the_faultless_plan_is_read)
{
	char *text = valid_plan(), *hardware = NULL;
	struct llm m;
	struct workload w;
	struct plan plan;
	struct diag d = { "" };

	ck_assert_int_eq(plan_file_parse(text, &m, &w, &plan, &hardware, &d),
			 STATUS_OK);
	ck_assert_str_eq(hardware, "{\"any\":2.385}");
	ck_assert_uint_eq(plan.split[2], 37);
	plan_clear(&plan);
	free(hardware);
	cJSON_free(text);
}
END_TEST

START_TEST(each_fault_is_named)
{
	const struct fault *f = &faults[_i];
	char *valid = valid_plan();
	char *text = json_edit(valid, f->path, f->key, f->value);

	check_refused(text, f->message);
	free(text);
	cJSON_free(valid);
}
END_TEST

START_TEST(what_is_not_json_is_placed)
{
	check_refused("{\"model\":\n  tru }",
		      "line 2, column 3: not JSON near 'tru }'");
	check_refused("{\"model\":{", "line 1, column 11: the JSON text ends "
				      "too early");
	check_refused("", "line 1, column 1: the JSON text ends too early");
	check_refused("[1]", "found an array, expected a JSON object");
	check_refused("2.385", "found a number, expected a JSON object");
	check_refused("{}", "model_name: missing, expected a text");
}
END_TEST

/* Wherever a plan file is cut off, it is refused. */
START_TEST(a_cut_plan_is_refused)
{
	char *text = valid_plan();
	size_t length = strlen(text), done = 0;
	struct llm m;
	struct workload w;
	struct plan plan;
	char *hardware;

	for (; length > 0; done++) {
		struct diag d = { "" };

		text[--length] = '\0';
		if (plan_file_parse(text, &m, &w, &plan, &hardware, &d) !=
		    STATUS_INVALID)
			ck_abort_msg("accepted: %s", text);
		if (strstr(d.text, "line 1, column ") != d.text)
			ck_abort_msg("%s", d.text);
	}
	ck_assert_uint_gt(done, 300);
	cJSON_free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule/plan");
	TCase *tc = tcase_create("plans");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, the_limit_of_a_split);
	tcase_add_test(tc, clearing_leaves_nothing);
	tcase_add_test(tc, decisions_as_json);
	tcase_add_test(tc, plans_are_read_back);
	tcase_add_test(tc, the_faultless_plan_is_read);
	tcase_add_loop_test(tc, each_fault_is_named, 0, FAULTS);
	tcase_add_test(tc, what_is_not_json_is_placed);
	tcase_add_test(tc, a_cut_plan_is_refused);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
