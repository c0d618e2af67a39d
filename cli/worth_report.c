/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/worth_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/wrap.h"
#include "base/xalloc.h"

/* More than this between simulation and steady state is said, as by plan. */
#define WORTH_GAP 0.01

static double change_pct(const struct worth *w, double layer_s)
{
	double pct = 100.0 * (layer_s / w->layer_s - 1.0);

	return fabs(pct) < 1e-7 ? 0.0 : pct;	/* rounding */
}

/* ---- CSV and JSON ---- */

static void add_optional(struct table *t, double value)
{
	if (isnan(value))
		table_empty(t);
	else
		table_number(t, value);
}

struct table *worth_report_table(const struct worth_result *r)
{
	static const struct table_column columns[] = {
		{ "figure", "", QUANTITY_NUMBER },
		{ "value", "", QUANTITY_NUMBER },
		{ "elasticity", "", QUANTITY_NUMBER },
		{ "step_s_per_unit", "", QUANTITY_NUMBER },
		{ "change_pct", "", QUANTITY_PERCENT },
		{ "tangent_pct", "", QUANTITY_PERCENT },
		{ "more_pct", "", QUANTITY_PERCENT },
		{ "less_pct", "", QUANTITY_PERCENT },
	};
	struct table *t = table_new(columns, 8);
	const struct worth *w = &r->worth;

	for (size_t i = 0; i < w->n; i++) {
		const struct worth_figure *f = &w->figure[i];

		table_text(t, f->field->path);
		table_number(t, f->value);
		table_number(t, worth_elasticity(w, f));
		table_number(t, r->per_token * f->tangent);
		table_number(t, 100.0 * w->share);
		table_number(t, 100.0 * worth_tangent_s(w, f) / w->layer_s);
		add_optional(t, change_pct(w, f->more_s));
		add_optional(t, change_pct(w, f->less_s));
	}
	return t;
}

static void add_limit(cJSON *json, const char *name,
		      const struct worth_limit *limit, double value)
{
	cJSON *o = cJSON_AddObjectToObject(json, name);

	cJSON_AddBoolToObject(o, "pays_now", limit->pays);
	if (!limit->found) {
		cJSON_AddNullToObject(o, "factor");
		cJSON_AddNullToObject(o, "value");
		return;
	}
	cJSON_AddNumberToObject(o, "factor", limit->factor);
	cJSON_AddNumberToObject(o, "value", limit->factor * value);
}

static void add_memory(cJSON *json, const struct worth_result *r)
{
	cJSON *o = cJSON_AddObjectToObject(json, "memory_filled");
	const struct worth *w = &r->worth;

	cJSON_AddNumberToObject(o, "steady_step_s",
				r->per_token * w->filled_s);
	for (size_t i = 0; i < WORTH_SHARES; i++)
		cJSON_AddNumberToObject(o,
					decision_specs[worth_shares[i]].name,
					w->filled[i]);
}

static void print_json(const struct decode_case *c,
		       const struct worth_result *r)
{
	cJSON *json = cJSON_CreateObject(), *limits;
	struct table *t = worth_report_table(r);

	cJSON_AddNumberToObject(json, "step", (double)r->worth.step);
	cJSON_AddNumberToObject(json, "cached", (double)r->worth.cached);
	cJSON_AddNumberToObject(json, "steady_step_s",
				r->per_token * r->worth.layer_s);
	cJSON_AddNumberToObject(json, "simulated_step_s", r->simulated_s);
	cJSON_AddItemToObject(json, "figures", table_json(t));
	table_free(t);
	add_memory(json, r);
	limits = cJSON_AddObjectToObject(json, "recomputation_pays_until");
	if (r->has_limits) {
		add_limit(limits, "link.h2d.bytes_per_s", &r->link_limit,
			  upgrade_value(&r->link, &c->hardware));
		add_limit(limits, "gpu.flop_per_s", &r->gpu_limit,
			  upgrade_value(&r->gpu, &c->hardware));
	}
	cJSON_AddStringToObject(json, "policy", c->policy->name);
	case_add_json(c, json);
	json_print(json, stdout);
	cJSON_Delete(json);
}

/* ---- text ---- */

/* A readable unit of a figure: those that `units` names. */
static double unit_of(enum quantity q)
{
	switch (q) {
	case QUANTITY_BYTES:
	case QUANTITY_BYTES_PER_S:
		return 1e9;
	case QUANTITY_FLOP_PER_S:
		return 1e12;
	case QUANTITY_NUMBER:
		return 0.01;
	default:
		return 1e-6;
	}
}

static const char units[] = "GB, GB/s, TFLOP/s, us or 0.01";

/* A change that would print as -0.0 % is none. */
static void add_pct(struct table *t, double pct)
{
	if (isnan(pct))
		table_text(t, "no fit");
	else
		table_number(t, fabs(pct) < 0.05 ? 0.0 : pct);
}

static void add_text_row(struct table *t, const struct worth_result *r,
			 const struct worth_figure *f)
{
	const struct worth *w = &r->worth;
	char value[QUANTITY_SIZE];
	double size = unit_of(f->field->quantity);

	table_text(t, f->field->path);
	quantity_format(f->value, f->field->quantity, value);
	table_text(t, value);
	quantity_format(r->per_token * f->tangent * size, QUANTITY_SECONDS,
			value);
	table_text(t, value);
	add_pct(t, 100.0 * worth_tangent_s(w, f) / w->layer_s);
	add_pct(t, change_pct(w, f->more_s));
	add_pct(t, change_pct(w, f->less_s));
}

static void print_table(const struct worth_result *r)
{
	static const struct table_column columns[] = {
		{ "figure", "figure", QUANTITY_NUMBER },
		{ "value", "value", QUANTITY_NUMBER },
		{ "unit", "per unit", QUANTITY_NUMBER },
		{ "tangent_pct", "tangent", QUANTITY_PERCENT },
		{ "more_pct", "more", QUANTITY_PERCENT },
		{ "less_pct", "less", QUANTITY_PERCENT },
	};
	struct table *t = table_new(columns, 6);

	for (size_t i = 0; i < r->worth.n; i++)
		add_text_row(t, r, &r->worth.figure[i]);
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
}

/* " where the link is 13.5 times as fast (351.3 GB/s)" */
static void write_limit(const char *before, const char *what,
			const struct upgrade *u,
			const struct worth_limit *limit,
			const struct hardware *hw, FILE *out)
{
	char value[QUANTITY_SIZE];

	quantity_format(limit->factor * upgrade_value(u, hw),
			u->field[0]->quantity, value);
	fprintf(out, "%s where the %s is %.3g times as fast (%s)", before,
		what, limit->factor, value);
}

static void print_limits(const struct decode_case *c,
			 const struct worth_result *r)
{
	char *text;
	size_t size;
	FILE *out = xmemstream(&text, &size);
	const struct worth_limit *link = &r->link_limit, *gpu = &r->gpu_limit;
	bool both = link->found && gpu->found;

	fprintf(out, "Recomputation %s", link->pays ? "pays"
						    : "does not pay");
	if (link->found || gpu->found)
		fprintf(out, "; it %s", link->pays ? "stops" : "begins");
	if (link->found)
		write_limit("", "link", &r->link, link, &c->hardware, out);
	if (gpu->found)
		write_limit(both ? ", or" : "", "GPU", &r->gpu, gpu,
			    &c->hardware, out);
	if (!link->found && !gpu->found)
		fputs(", whatever the link and the GPU's rate", out);
	fputs(".", out);
	if (link->found != gpu->found)
		fprintf(out, " The %s alone does not change it.",
			link->found ? "GPU's rate" : "link");
	xmemstream_close(out);
	putchar('\n');
	wrap_print(text, 78, stdout);
	free(text);
}

/* "cache_on_gpu 1, weights_on_gpu 0.4": those that the policy leaves open. */
static void write_shares(const struct policy *policy, const struct worth *w,
			 FILE *out)
{
	const char *before = "";

	for (size_t i = 0; i < WORTH_SHARES; i++) {
		enum decision share = worth_shares[i];

		if (policy->rules[share].decider == DECIDED_BY_POLICY)
			continue;
		fprintf(out, "%s%s %.3g", before, decision_specs[share].name,
			w->filled[i]);
		before = ", ";
	}
}

/* What the memory that there is would do, and what more of it is for. */
static void print_memory(const struct decode_case *c,
			 const struct worth_result *r)
{
	const struct worth *w = &r->worth;
	const char *use = w->memory_for == DECISION_CACHE_ON_GPU
				  ? "more KV" : "more weights";
	char *text, step[QUANTITY_SIZE];
	size_t size;
	FILE *out;

	if (!worth_leaves_memory(w)) {
		if (w->has_memory)
			printf("\nMemory: for %s on the GPU.\n", use);
		return;
	}
	out = xmemstream(&text, &size);
	quantity_format(r->per_token * w->filled_s, QUANTITY_SECONDS, step);
	fputs("Memory: what there is would already hold more. With ", out);
	write_shares(c->policy, w, out);
	fprintf(out, " a token takes %s; ", step);
	if (w->has_memory)
		fprintf(out, "more memory is for %s beyond that.", use);
	else
		fputs("more memory is of no use beyond that.", out);
	xmemstream_close(out);
	putchar('\n');
	wrap_print(text, 78, stdout);
	free(text);
}

/* Where the steady state is not what the simulation finds. */
static void print_gap(const struct worth_result *r)
{
	double steady_s = r->per_token * r->worth.layer_s;
	double more = r->simulated_s / steady_s - 1.0;
	char text[300], simulated[QUANTITY_SIZE];

	if (fabs(more) <= WORTH_GAP)
		return;
	quantity_format(r->simulated_s, QUANTITY_SECONDS, simulated);
	snprintf(text, sizeof text,
		 "Note: simulated, this token takes %s, %.1f %% %s than in the "
		 "steady state, which all of this is about; 'kvplan plan' "
		 "says why.", simulated, 100.0 * fabs(more),
		 more > 0.0 ? "more" : "less");
	putchar('\n');
	wrap_print(text, 78, stdout);
}

static void print_text(const struct decode_case *c,
		       const struct worth_result *r, const struct plan *plan)
{
	char step[QUANTITY_SIZE], text[400];
	const struct worth *w = &r->worth;

	case_print_title(c, stdout);
	putchar('\n');
	quantity_format(r->per_token * w->layer_s, QUANTITY_SECONDS, step);
	snprintf(text, sizeof text,
		 "%s, decode step %zu of %zu (%zu cached tokens): in the "
		 "steady state a token takes %s. How each figure changes "
		 "that: by the tangent, for a unit (%s) and for %.3g %% "
		 "more, and planned again with as much more and less.",
		 c->policy->name, w->step + 1, plan->steps, w->cached, step,
		 units, 100.0 * w->share);
	wrap_print(text, 78, stdout);
	putchar('\n');
	print_table(r);
	print_memory(c, r);
	if (r->has_limits)
		print_limits(c, r);
	print_gap(r);
}

void worth_report_print(const struct decode_case *c, const struct plan *plan,
			 const struct worth_result *r, enum table_format format)
{
	struct table *t;

	switch (format) {
	case TABLE_TEXT:
		print_text(c, r, plan);
		return;
	case TABLE_JSON:
		print_json(c, r);
		return;
	case TABLE_CSV:
		t = worth_report_table(r);
		table_print(t, TABLE_CSV, stdout);
		table_free(t);
		return;
	}
}
