/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evaluate/compare.h"

#include <math.h>
#include <string.h>

const char *const compare_others[COMPARE_OTHERS] = { "load-all",
						     "recompute-all" };

enum status compare_make(struct decode_case *c, struct comparison *out,
			 struct diag *d)
{
	enum status s = c->policy == NULL
		? evaluate_best(c, &c->policy, &out->plan, d)
		: evaluate(c, c->policy, NULL, NULL, &out->plan, d);

	if (s == STATUS_OK)
		s = certificate_make(
			&c->model, &c->workload, &c->hardware,
			&out->plan.plan, out->plan.plan.steps / 2,
			c->planner.program == PROGRAM_PERIOD &&
				!c->planner.fix_split,
			&out->certificate, d);
	for (size_t i = 0; i < COMPARE_OTHERS && s == STATUS_OK; i++) {
		const struct policy *policy;

		s = policy_find(compare_others[i], &policy, d);
		if (s != STATUS_OK)
			break;
		s = evaluate(c, policy, &out->plan.plan, NULL,
			     &out->other[i], d);
		out->has_other[i] = s == STATUS_OK;
		if (s == STATUS_INFEASIBLE) {
			snprintf(out->why_not[i], sizeof out->why_not[i],
				 "%.190s", d->text);
			s = STATUS_OK;
		}
	}
	return s;
}

void compare_clear(struct comparison *c)
{
	outcome_clear(&c->plan);
	for (size_t i = 0; i < COMPARE_OTHERS; i++)
		outcome_clear(&c->other[i]);
}

double compare_gain_pct(const struct comparison *c, const struct outcome *o)
{
	double pct = 100.0 * (1.0 - o->decode_s / c->other[0].decode_s);

	return fabs(pct) < 1e-9 ? 0.0 : pct;	/* rounding */
}

static void add_row(struct table *t, const struct comparison *c,
		    const struct outcome *o, bool is_baseline)
{
	char split[64];

	table_text(t, o->plan.policy->name);
	outcome_split(o, split, sizeof split);
	table_text(t, split);
	table_number(t, o->prefill_s);
	table_number(t, o->decode_s);
	table_number(t, o->step_s);
	table_number(t, o->tokens_per_s);
	if (is_baseline || !c->has_other[0])
		table_empty(t);
	else
		table_number(t, compare_gain_pct(c, o));
}

struct table *compare_table(const struct comparison *c)
{
	static const struct table_column columns[] = {
		{ "policy", "policy", QUANTITY_NUMBER },
		{ "split", "split", QUANTITY_NUMBER },
		{ "prefill_s", "prefill", QUANTITY_SECONDS },
		{ "decode_s", "decode", QUANTITY_SECONDS },
		{ "step_s", "per token", QUANTITY_SECONDS },
		{ "tokens_per_s", "tokens/s", QUANTITY_NUMBER },
		{ "gain_pct", "time saved", QUANTITY_PERCENT },
	};
	struct table *t = table_new(columns, 7);

	for (size_t i = 0; i < COMPARE_OTHERS; i++) {
		if (c->plan.plan.policy == c->other[i].plan.policy)
			continue;
		if (c->has_other[i]) {
			add_row(t, c, &c->other[i], i == 0);
			continue;
		}
		table_text(t, compare_others[i]);
		table_text(t, "does not fit");
		for (size_t k = 0; k < 5; k++)
			table_empty(t);
	}
	add_row(t, c, &c->plan, strcmp(c->plan.plan.policy->name,
				       compare_others[0]) == 0);
	return t;
}
