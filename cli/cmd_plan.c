/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/wrap.h"
#include "base/xalloc.h"
#include "cli/explain.h"
#include "evaluate/case.h"
#include "evaluate/compare.h"
#include "model/layer.h"
#include "schedule/plan_file.h"

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	return request_option(context, index, text, d);
}

static const struct option_set set = {
	.usage = "Usage: kvplan plan --model NAME --hardware NAME --batch N "
		 "--prompt N --gen N\n"
		 "                   [OPTION]...\n"
		 "Choose how much of the KV cache to recompute, and simulate "
		 "what that costs.\n",
	.shared = request_spec, .nshared = CASE_OPTIONS,
	.output = "write the plan, for 'kvplan simulate FILE'",
	.json = OPTIONS_ONE_OBJECT,
	.csv = "print a row for each policy, SI units",
};

/* Why l = 0, with both byte counts, where recomputation cannot pay. */
static void print_reason(const struct decode_case *c, FILE *out)
{
	double x = layer_activation_token_bytes(&c->model, &c->workload);
	double kv = layer_kv_token_bytes(&c->model, &c->workload);
	char text[400];

	if (c->policy->split != SPLIT_OPEN || x < kv)
		return;
	snprintf(text, sizeof text,
		 "Recomputation does not pay here: in each layer a token's "
		 "stored activation takes %.0f bytes and its K and V %.0f "
		 "(%zu KV heads for %zu query heads, KV %s, activations %s), "
		 "so that sending the activation instead would only add "
		 "traffic. The split is 0.", x / (double)c->workload.batch,
		 kv / (double)c->workload.batch, c->model.kv_heads,
		 c->model.heads, element_names[c->workload.kv],
		 element_names[c->workload.activations]);
	putc('\n', out);
	wrap_print(text, 78, out);
}

/* Where the cache would fit on the GPU, no plan for moving it is the best. */
static void print_resident(const struct decode_case *c, const struct plan *plan,
			   const struct memory *mem)
{
	double tokens = (double)workload_tokens(&c->workload);
	double on_host = plan_cache_on_host(plan);
	double kv = tokens * layer_kv_token_bytes(&c->model, &c->workload) *
		    (double)(c->model.layers * c->workload.num_batches);
	char size[QUANTITY_SIZE], text[256];

	if (on_host <= 0.0 ||
	    memory_used(mem, MEMORY_GPU) + on_host * kv >
		    c->hardware.memory_bytes)
		return;
	quantity_format(kv, QUANTITY_BYTES, size);
	snprintf(text, sizeof text,
		 "Note: the whole KV cache, %s, would fit into the GPU's "
		 "memory beside all this; kept there it would not have to be "
		 "moved at all.", size);
	putchar('\n');
	wrap_print(text, 78, stdout);
}

/* Say what of the answer rests on an inference or on a guess. */
static void print_caveats(const struct decode_case *c, FILE *out)
{
	bool planned = c->policy->split == SPLIT_OPEN &&
		       c->planner.program != PROGRAM_PERIOD &&
		       !c->planner.fix_split;
	bool row = c->planner.program == PROGRAM_ROW;
	const char **paths;
	char *text;
	size_t n, size;
	FILE *list;

	if (planned)
		fprintf(out,
			"\nInferred: the split minimises the paper's %s form\n"
			"%s;\nits terms are quoted, how they combine is "
			"inferred.\n",
			row ? "row" : "column",
			row ? "M_X/v_com + max(N/v_gpu, M_KV/v_com)"
			    : "max(N/v_gpu, (M_X + M_KV)/v_com + W)");
	hardware_fields(&n);
	paths = xcalloc(n, sizeof *paths);
	n = hardware_unsure(c->hardware_text, paths);
	list = xmemstream(&text, &size);
	fputs("Guessed or recalled, not measured (see 'kvplan show "
	      "hardware'): ", list);
	for (size_t i = 0; i < n; i++)
		fprintf(list, "%s%s", paths[i], i + 1 < n ? ", " : ".");
	xmemstream_close(list);
	if (n > 0) {
		putc('\n', out);
		wrap_print(text, 78, out);
	}
	free(text);
	free(paths);
	if (c->hardware.duplex_bytes_per_s <= 0.0)
		fputs("\nNot stated: link.duplex_bytes_per_s; both directions "
		      "are taken to run at\ntheir full rates at once.\n", out);
}

/* "kvpr-column: prefetch 1, weights_on_gpu 0, pipeline fine." */
static void print_decisions(const struct plan *plan)
{
	char *text;
	size_t size;
	FILE *out = xmemstream(&text, &size);

	fprintf(out, "%s:", plan->policy->name);
	for (int i = 0, n = 0; i < DECISION_COUNT; i++) {
		char value[DECISION_SIZE];

		if (plan->policy->rules[i].decider == DECIDED_BY_POLICY)
			continue;
		decision_format((enum decision)i, plan->decision[i], value);
		fprintf(out, "%s %s %s", n++ ? "," : "",
			decision_specs[i].name, value);
	}
	putc('.', out);
	xmemstream_close(out);
	putchar('\n');
	wrap_print(text, 78, stdout);
	free(text);
}

static void print_total(const struct outcome *o, const struct hardware *hw)
{
	char prefill[QUANTITY_SIZE], total[QUANTITY_SIZE], text[256];

	quantity_format(o->first_token_s, QUANTITY_SECONDS, prefill);
	quantity_format(o->total_s, QUANTITY_SECONDS, total);
	snprintf(text, sizeof text,
		 "First token after %s, all after %s: %.4g tokens/s in all. "
		 "In decode the %s is the busiest engine.", prefill, total,
		 o->total_tokens_per_s, engine_title(o->bound));
	wrap_print(text, 78, stdout);
	if (hw->calibration != NULL) {
		snprintf(text, sizeof text,
			 "Error bar of the decode: %.2g %%, of the measured "
			 "curves of the %s%s.", 100.0 * o->trust.spread,
			 engine_title(o->bound), o->clock < 1.0
				? "; the power limit acts here, and how well "
				  "its law holds is not in it" : "");
		wrap_print(text, 78, stdout);
	}
	putchar('\n');
}

static void print_why_not(const char *policy, const char *why)
{
	char text[256];

	snprintf(text, sizeof text, "%s %s", policy, why);
	wrap_print(text, 78, stdout);
}

static void print_text(const struct decode_case *c, const struct comparison *r)
{
	struct table *t = compare_table(r);

	case_print_title(c, stdout);
	putchar('\n');
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
	for (size_t i = 0; i < 2; i++)
		if (r->why_not[i][0] != '\0')
			print_why_not(compare_others[i], r->why_not[i]);
	print_reason(c, stdout);
	print_decisions(&r->plan.plan);
	print_total(&r->plan, &c->hardware);
	outcome_print_engines(&r->plan, stdout);
	putchar('\n');
	outcome_print_memory(&r->plan, &c->hardware, stdout);
	putchar('\n');
	explain_print(&r->certificate, r->plan.plan.steps, c->workload.gpus,
		      outcome_step_s(&r->plan, r->certificate.step) /
			      (double)c->model.layers,
		      c->policy->split == SPLIT_OPEN, stdout);
	print_resident(c, &r->plan.plan, &r->plan.memory);
	print_caveats(c, stdout);
}

static void add_decode(cJSON *o, const char *key, bool known, double value)
{
	if (known)
		cJSON_AddNumberToObject(o, key, value);
	else
		cJSON_AddNullToObject(o, key);
}

static void print_json(const struct decode_case *c, const struct comparison *r)
{
	const struct outcome *o = &r->plan;
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "policy", o->plan.policy->name);
	cJSON_AddNumberToObject(json, "split_first", (double)o->plan.split[0]);
	cJSON_AddNumberToObject(json, "split_last",
				(double)o->plan.split[o->plan.steps - 1]);
	plan_file_add_decisions(&o->plan, json);
	cJSON_AddNumberToObject(json, "steps", (double)o->plan.steps);
	cJSON_AddNumberToObject(json, "step_s", o->step_s);
	cJSON_AddNumberToObject(json, "decode_s", o->decode_s);
	cJSON_AddNumberToObject(json, "tokens_per_s", o->tokens_per_s);
	outcome_add_total(o, json);
	add_decode(json, "baseline_decode_s", r->has_other[0],
		   r->other[0].decode_s);
	add_decode(json, "recompute_all_decode_s", r->has_other[1],
		   r->other[1].decode_s);
	add_decode(json, "gain_pct", r->has_other[0],
		   r->has_other[0] ? compare_gain_pct(r, o) : 0.0);
	outcome_add_json(o, &c->hardware, json);
	cJSON_AddItemToObject(json, "certificate",
			      explain_json(&r->certificate));
	case_add_json(c, json);
	json_print(json, stdout);
	cJSON_Delete(json);
}

static enum status write_plan(const struct decode_case *c,
			      const struct plan *plan, const char *path,
			      struct diag *d)
{
	cJSON *json = plan_file_json(&c->model, &c->workload, plan,
				     c->hardware_text, case_provenance(c));
	enum status s = json_write(path, json, d);

	cJSON_Delete(json);
	return s;
}

static void print_result(const struct decode_case *c,
			 const struct comparison *r, enum table_format format)
{
	struct table *t;

	switch (format) {
	case TABLE_TEXT:
		print_text(c, r);
		return;
	case TABLE_JSON:
		print_json(c, r);
		return;
	case TABLE_CSV:
		t = compare_table(r);
		table_print(t, TABLE_CSV, stdout);
		table_free(t);
		return;
	}
}

static enum status plan(const struct case_request *r,
			const struct option_result *asked, struct diag *d)
{
	struct comparison result = { .has_other = { false } };
	struct decode_case c;
	enum status s = case_load(r, NULL, &c, d);

	if (s != STATUS_OK)
		return s;
	s = compare_make(&c, &result, d);
	if (s == STATUS_OK && asked->output != NULL)
		s = write_plan(&c, &result.plan.plan, asked->output, d);
	if (s == STATUS_OK)
		outcome_warn(&result.plan, &c.hardware, stderr);
	/* a plan on standard output is for a pipe, so it stands alone there */
	if (s == STATUS_OK &&
	    (asked->output == NULL || strcmp(asked->output, "-") != 0))
		print_result(&c, &result, asked->format);
	compare_clear(&result);
	case_clear(&c);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct case_request r = request_new();
	struct option_result asked;
	enum status s;

	s = options_parse(argc, argv, &set, handle, &r, &asked, d);
	r.auto_allowed = true;
	if (s == STATUS_OK && !asked.done)
		s = options_one_output(asked.format, asked.output, d);
	if (s == STATUS_OK && !asked.done)
		s = plan(&r, &asked, d);
	request_clear(&r);
	return s;
}

const struct command command_plan = {
	"plan", "choose the split and say what it gains", run
};
