/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/step.h"

#include <math.h>
#include <string.h>

#include "lp/pace.h"
#include "lp/steady.h"
#include "model/layer.h"
#include "tests/harness.h"
#include "tests/random_calibration.h"
#include "tests/random_case.h"

enum { CASES = 1500, SEED = 49979687 };

static const struct policy *draw_policy(gsl_rng *rng)
{
	size_t n;
	const struct policy *const *all = policy_list(&n);

	return all[gsl_rng_uniform_int(rng, n)];
}

static struct planner_options draw_options(gsl_rng *rng,
					   const struct policy *policy,
					   const struct workload *w)
{
	struct planner_options o = {
		.program = (enum planner_program)(
			gsl_rng_uniform_int(rng, 4) % 3),
		.without_glpk = true,
	};
	struct plan plan = { .policy = policy };

	if (policy->split == SPLIT_OPEN) {
		o.whole_sequence = gsl_rng_uniform_int(rng, 3) == 0;
		o.fix_split = gsl_rng_uniform_int(rng, 4) == 0;
		o.split = random_case_size(rng, 0, w->prompt);
	}
	for (int i = 0; i < DECISION_COUNT; i++)
		plan.decision[i] = policy->rules[i].value;
	random_case_decide(rng, &plan);
	for (int i = 0; i < DECISION_COUNT; i++) {
		o.fix[i] = policy->rules[i].decider != DECIDED_BY_POLICY &&
			   gsl_rng_uniform_int(rng, 3) == 0;
		o.value[i] = plan.decision[i];
	}
	return o;
}

/* Memory that is often just enough, or just not. */
static void draw_memory(gsl_rng *rng, struct random_case *c,
			const struct policy *policy,
			const struct planner_options *options)
{
	struct hardware roomy = c->hw;
	struct memory mem;
	struct plan plan;
	struct diag d;

	roomy.memory_bytes = 1e18;
	if (gsl_rng_uniform_int(rng, 2) == 0 ||
	    planner_plan(&c->model, &c->w, &roomy, policy, options, &plan,
			 &d) != STATUS_OK)
		return;
	policy->memory(&c->model, &c->w, &plan, &mem);
	c->hw.memory_bytes = memory_used(&mem, MEMORY_GPU) *
			     (0.98 + 0.05 * gsl_rng_uniform(rng));
	c->hw.host_memory_bytes = memory_used(&mem, MEMORY_HOST) *
				  (0.9 + 0.3 * gsl_rng_uniform(rng));
	plan_clear(&plan);
}

struct question {
	struct random_case c;
	const struct policy *policy;
	struct planner_options options;
	size_t step;
};

static struct question draw(gsl_rng *rng, bool one_step)
{
	struct question q = { .c = random_case_draw(rng) };

	if (gsl_rng_uniform_int(rng, 2))
		random_case_widen(rng, &q.c);
	if (one_step) {
		q.c.w.gen = 2;
		q.c.hw.gemm_sustained_derate = 0.3 * q.c.hw.gemm_derate;
	}
	q.policy = draw_policy(rng);
	q.options = draw_options(rng, q.policy, &q.c.w);
	draw_memory(rng, &q.c, q.policy, &q.options);
	if (gsl_rng_uniform_int(rng, 4) == 0)
		random_calibration_draw(rng, &q.c.hw);
	if (gsl_rng_uniform_int(rng, 8) == 0)
		q.c.hw.host_attention_bytes_per_s =
			q.c.hw.host_copy_bytes_per_s = 0.0;
	if (gsl_rng_uniform_int(rng, 3) == 0)
		q.c.hw.handoff_s = random_case_log(rng, 1e-6, 1e-4);
	if (gsl_rng_uniform_int(rng, 3) == 0)
		q.c.hw.host_issue_s = random_case_log(rng, 1e-6, 1e-4);
	if (gsl_rng_uniform_int(rng, 16) == 0)
		q.options.split += q.c.w.prompt;
	q.step = random_case_size(rng, 0, workload_steps(&q.c.w) - 1);
	return q;
}

static enum status ask(struct step_planner *p, const struct question *q,
		       struct step_plan *out, struct diag *d)
{
	return step_plan(p, &q->c.model, &q->c.w, &q->c.hw, q->policy,
			 &q->options, q->step, out, d);
}

/* T of `plan` at the step, by the certificate's own steady state. */
static double layer_s(const struct question *q, const struct plan *plan)
{
	struct hardware at = pace_machine(&q->c.model, &q->c.w, &q->c.hw,
					  plan);
	struct graph *g = policy_graph(plan, &q->c.model, &q->c.w, &q->c.hw,
				       SPAN_LAYER);
	struct steady *s = steady_new(g, &at);
	double t = steady_at(s, (double)workload_cached(&q->c.w, q->step),
			     (double)plan->split[q->step]).period_s;

	steady_free(s);
	graph_free(g);
	return t;
}

/* Where a decode has one step, its plan is the planner's, all of it. */
START_TEST(one_step_is_the_planner_s)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct step_planner *p = step_planner_new();
	size_t planned = 0, infeasible = 0, invalid = 0;

	gsl_rng_set(rng, SEED);
	for (size_t i = 0; i < CASES; i++) {
		struct question q = draw(rng, true);
		struct diag d = { "" }, e = { "" };
		struct step_plan found;
		struct plan plan;
		enum status st = ask(p, &q, &found, &d);

		ck_assert_int_eq(st, planner_plan(&q.c.model, &q.c.w, &q.c.hw,
						  q.policy, &q.options, &plan,
						  &e));
		infeasible += st == STATUS_INFEASIBLE;
		invalid += st == STATUS_INVALID;
		if (st == STATUS_INVALID)
			ck_assert_str_eq(d.text, e.text);
		if (st == STATUS_OK) {
			planned++;
			ck_assert_uint_eq(found.split, plan.split[0]);
			ck_assert_int_eq(found.whole_sequence,
					 plan.whole_sequence);
			for (int k = 0; k < DECISION_COUNT; k++)
				ck_assert_double_eq(found.decision[k],
						    plan.decision[k]);
			ck_assert_double_eq_tol(found.layer_s,
						layer_s(&q, &plan),
						1e-12 * found.layer_s);
			plan_clear(&plan);
		}
		hardware_clear(&q.c.hw);
	}
	ck_assert_uint_gt(planned, CASES / 2);
	ck_assert_uint_gt(infeasible, CASES / 20);
	ck_assert_uint_gt(invalid, CASES / 100);
	step_planner_free(p);
	gsl_rng_free(rng);
}
END_TEST

/* Of a longer decode the planner, given these decisions, has the same. */
START_TEST(a_step_is_as_the_planner_has_it)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct step_planner *p = step_planner_new();
	size_t same = 0, infeasible = 0;

	gsl_rng_set(rng, SEED + 1);
	for (size_t i = 0; i < CASES; i++) {
		struct question q = draw(rng, false);
		struct step_plan found;
		struct diag d;
		struct plan plan;
		enum status st;

		q.options.whole_sequence = false;
		st = ask(p, &q, &found, &d);
		/* what fits is what fits in every step */
		ck_assert_int_eq(planner_plan(&q.c.model, &q.c.w, &q.c.hw,
					      q.policy, &q.options, &plan,
					      &d), st);
		if (st == STATUS_OK)
			plan_clear(&plan);
		infeasible += st == STATUS_INFEASIBLE;
		if (st == STATUS_OK) {
			for (int k = 0; k < DECISION_COUNT; k++) {
				q.options.fix[k] = true;
				q.options.value[k] = found.decision[k];
			}
			ck_assert_int_eq(planner_plan(&q.c.model, &q.c.w,
						      &q.c.hw, q.policy,
						      &q.options, &plan, &d),
					 STATUS_OK);
			ck_assert_uint_eq(found.split, plan.split[q.step]);
			ck_assert_uint_eq(found.split, plan.split[q.step]);
			ck_assert_double_eq_tol(found.layer_s,
						layer_s(&q, &plan),
						1e-12 * found.layer_s);
			ck_assert_double_le(found.floor_s,
					    found.layer_s * (1.0 + 1e-12));
			plan_clear(&plan);
			same++;
		}
		hardware_clear(&q.c.hw);
	}
	ck_assert_uint_gt(same, CASES / 2);
	ck_assert_uint_gt(infeasible, CASES / 20);
	step_planner_free(p);
	gsl_rng_free(rng);
}
END_TEST

/* What was asked before leaves no trace, not in the last bit. */
START_TEST(an_answer_depends_on_its_question_alone)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct step_planner *old = step_planner_new();
	size_t compared = 0;

	gsl_rng_set(rng, SEED + 2);
	for (size_t i = 0; i < CASES; i++) {
		struct question q = draw(rng, false);
		struct step_planner *new = step_planner_new();
		struct step_plan a, b, c;
		struct diag d, e;
		enum status st;

		memset(&a, 0, sizeof a);
		memset(&b, 0, sizeof b);
		st = ask(old, &q, &a, &d);
		ck_assert_int_eq(st, ask(new, &q, &b, &e));
		if (st != STATUS_OK) {
			ck_assert_str_eq(d.text, e.text);
		} else {
			/* twice, and on another machine in between */
			struct question other = q;

			other.c.hw.h2d.bytes_per_s *= 3.7;
			other.c.hw.handoff_s += 1e-5;
			if (ask(old, &other, &c, &e) == STATUS_OK)
				ck_assert_int_eq(ask(old, &q, &c, &e),
						 STATUS_OK);
			ck_assert_uint_eq(a.split, b.split);
			ck_assert(memcmp(&a.layer_s, &b.layer_s,
					 sizeof a.layer_s) == 0);
			ck_assert(memcmp(&a.floor_s, &b.floor_s,
					 sizeof a.floor_s) == 0);
			ck_assert(memcmp(a.decision, b.decision,
					 sizeof a.decision) == 0);
			ck_assert_int_eq(a.bound, b.bound);
			compared++;
		}
		step_planner_free(new);
		hardware_clear(&q.c.hw);
	}
	ck_assert_uint_gt(compared, CASES / 2);
	step_planner_free(old);
	gsl_rng_free(rng);
}
END_TEST

/* A machine without overheads whose HBM is never in the way. */
static struct random_case draw_ideal(gsl_rng *rng)
{
	struct random_case c = random_case_draw(rng);

	c.w.prompt = random_case_size(rng, 200, 4000);
	c.w.gen = random_case_size(rng, 2, 60);
	c.model.kv_heads = c.model.heads;
	c.model.rotary = false;
	c.model.hidden = llm_kv_width(&c.model);
	c.hw.gemm_derate = 1.0;
	c.hw.hbm_bytes_per_s = 1e17;
	c.hw.h2d.latency_s = c.hw.d2h.latency_s = c.hw.launch_s = 0.0;
	c.hw.memory_bytes = 1e18;
	return c;
}

/*
 * The paper's row form at depth 0: l* = s' / (1 + 2 h v_com / (p v_gpu)), cut
 * to the prompt (lp/paper_split.h).
 */
START_TEST(the_row_program_has_its_closed_form)
{
	const struct planner_options row = { .program = PROGRAM_ROW,
					     .without_glpk = true };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct step_planner *p = step_planner_new();
	const struct policy *policy;
	struct diag d;
	size_t inside = 0;

	ck_assert_int_eq(policy_find("kvpr-row", &policy, &d), STATUS_OK);
	gsl_rng_set(rng, SEED + 3);
	for (size_t i = 0; i < CASES; i++) {
		struct random_case c = draw_ideal(rng);
		double h = (double)c.model.hidden, ideal;
		struct step_plan found;
		size_t step = workload_steps(&c.w) / 2;

		ck_assert_int_eq(step_plan(p, &c.model, &c.w, &c.hw, policy,
					   &row, step, &found, &d),
				 STATUS_OK);
		ideal = (double)found.cached /
			(1.0 + 2.0 * h * c.hw.h2d.bytes_per_s /
				       (2.0 * c.hw.flop_per_s));
		ideal = fmin(ideal, (double)c.w.prompt);
		ck_assert_double_eq(found.decision[DECISION_PREFETCH], 0.0);
		ck_assert_double_eq_tol((double)found.split, ideal, 1.0);
		inside += found.split > 0 && found.split < c.w.prompt;
	}
	ck_assert_uint_gt(inside, CASES / 5);
	step_planner_free(p);
	gsl_rng_free(rng);
}
END_TEST

static double plan_layer_s(struct step_planner *p,
			   const struct random_case *c, const char *name)
{
	const struct planner_options open = { .without_glpk = true };
	const struct policy *policy;
	struct step_plan found;
	struct diag d;

	ck_assert_int_eq(policy_find(name, &policy, &d), STATUS_OK);
	ck_assert_int_eq(step_plan(p, &c->model, &c->w, &c->hw, policy, &open,
				   workload_steps(&c->w) / 2, &found, &d),
			 STATUS_OK);
	return found.layer_s;
}

/*
 * Where link and products are all that counts, a token costs load-all
 * 2 k p / v_com and recompute-all max(h p / v_com, 4 h k / v_gpu).  With h = k
 * and p = 2 these are the same where h v_com / v_gpu = 1.
 */
START_TEST(policies_cross_where_the_rates_say)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct step_planner *p = step_planner_new();
	size_t below = 0, above = 0;

	gsl_rng_set(rng, SEED + 4);
	for (size_t i = 0; i < CASES / 3; i++) {
		struct random_case c = draw_ideal(rng);
		double ratio = random_case_log(rng, 0.2, 5.0);
		double load_s, recompute_s;

		/* so long that a token's other work does not count */
		c.w.prompt = 100000;
		c.w.batch = 8;
		c.hw.h2d.bytes_per_s = ratio * c.hw.flop_per_s /
				       (double)c.model.hidden;
		c.hw.d2h.bytes_per_s = c.hw.h2d.bytes_per_s;
		if (fabs(ratio - 1.0) < 0.02)
			continue;
		load_s = plan_layer_s(p, &c, "load-all");
		recompute_s = plan_layer_s(p, &c, "recompute-all");
		ck_assert_int_eq(recompute_s < load_s, ratio < 1.0);
		below += ratio < 1.0;
		above += ratio > 1.0;
	}
	ck_assert_uint_gt(below, CASES / 12);
	ck_assert_uint_gt(above, CASES / 12);
	step_planner_free(p);
	gsl_rng_free(rng);
}
END_TEST

/* Where X is not smaller than K and V, nothing is recomputed or gained. */
START_TEST(nothing_is_gained_where_x_is_no_smaller)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct step_planner *p = step_planner_new();
	const struct planner_options open = { .without_glpk = true };
	const struct policy *policy;
	size_t cases = 0;
	struct diag d;

	ck_assert_int_eq(policy_find("kvpr-row", &policy, &d), STATUS_OK);
	gsl_rng_set(rng, SEED + 5);
	for (size_t i = 0; i < CASES; i++) {
		struct random_case c = random_case_draw(rng);
		struct step_plan found;

		if (i % 2 == 0)
			c.model = harness_model("llama-3.1-8b");
		c.hw.memory_bytes = 1e18;
		if (layer_activation_token_bytes(&c.model, &c.w) <
		    layer_kv_token_bytes(&c.model, &c.w))
			continue;
		ck_assert_int_eq(step_plan(p, &c.model, &c.w, &c.hw, policy,
					   &open, 0, &found, &d), STATUS_OK);
		ck_assert_uint_eq(found.split, 0);
		cases++;
	}
	ck_assert_uint_ge(cases, CASES / 2);
	step_planner_free(p);
	gsl_rng_free(rng);
}
END_TEST

/* No figure of the hardware, made better, makes a step slower. */
START_TEST(more_hardware_is_never_slower)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct step_planner *p = step_planner_new();
	size_t cases = 0, faster = 0;

	gsl_rng_set(rng, SEED + 6);
	for (size_t i = 0; i < CASES; i++) {
		struct question q = draw(rng, false);
		struct step_plan before, after;
		double more = random_case_log(rng, 1.0, 8.0);
		struct diag d;

		q.options.program = PROGRAM_PERIOD;
		q.c.hw.memory_bytes = 1e18;	/* more is recomputed, kept */
		q.c.hw.host_memory_bytes = 0.0;
		if (q.c.hw.calibration == NULL &&
		    ask(p, &q, &before, &d) == STATUS_OK) {
			double *rates[] = { &q.c.hw.h2d.bytes_per_s,
					    &q.c.hw.d2h.bytes_per_s,
					    &q.c.hw.flop_per_s,
					    &q.c.hw.hbm_bytes_per_s };

			*rates[gsl_rng_uniform_int(rng, 4)] *= more;
			ck_assert_int_eq(ask(p, &q, &after, &d), STATUS_OK);
			ck_assert_double_le(after.layer_s, before.layer_s *
						(1.0 + 1e-9));
			faster += after.layer_s < 0.999 * before.layer_s;
			cases++;
		}
		hardware_clear(&q.c.hw);
	}
	ck_assert_uint_gt(cases, CASES / 3);
	ck_assert_uint_gt(faster, cases / 5);
	step_planner_free(p);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/step");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, one_step_is_the_planner_s);
	tcase_add_test(tc, a_step_is_as_the_planner_has_it);
	tcase_add_test(tc, an_answer_depends_on_its_question_alone);
	tcase_add_test(tc, the_row_program_has_its_closed_form);
	tcase_add_test(tc, policies_cross_where_the_rates_say);
	tcase_add_test(tc, nothing_is_gained_where_x_is_no_smaller);
	tcase_add_test(tc, more_hardware_is_never_slower);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
