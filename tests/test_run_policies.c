/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every policy, with any decisions, several batches and stored elements: the
 * simulator against an evaluation of its own, and what is moved and computed
 * against the shapes, in decode and in prefill.
 */
#include "sim/run.h"

#include <math.h>

#include "schedule/accelerate_sequential.h"
#include "schedule/bound.h"
#include "schedule/flexgen.h"
#include "schedule/offloaded_cache.h"
#include "tests/flexgen_times.h"
#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/run_check.h"

enum { CASES = 2700, SEED = 22801763 };

/* [B] and [FLOP] that a run asks of each engine. */
struct traffic {
	double h2d, d2h, cpu, copy, flop;
};

/* What the formulas below are made of. */
struct shapes {
	const struct random_case *c;
	const struct plan *plan;
	double b, h, q, k, layers, slots, batches, prompt;
	double p_kv, p_x, p_w;		/* [B] of an element */
	double host;			/* share of the requests */
	bool cpu, flexgen, separate;
};

static struct shapes find_shapes(const struct random_case *c,
				 const struct plan *plan)
{
	const struct llm *m = &c->model;
	const double *d = plan->decision;

	return (struct shapes){
		.c = c, .plan = plan,
		.b = (double)c->w.batch, .h = (double)m->hidden,
		.q = (double)(m->heads * m->head_dim),
		.k = (double)(m->kv_heads * m->head_dim),
		.layers = (double)m->layers,
		.batches = (double)c->w.num_batches,
		.slots = (double)(m->layers * c->w.num_batches),
		.prompt = (double)c->w.prompt,
		.p_kv = element_bytes(c->w.kv),
		.p_x = element_bytes(c->w.activations),
		.p_w = element_bytes(c->w.weights),
		.host = 1.0 - d[DECISION_CACHE_ON_GPU],
		.cpu = d[DECISION_ATTENTION] == ATTENTION_CPU,
		.flexgen = plan->policy->build == flexgen_graph,
		.separate = d[DECISION_SEP_LAYER] == SEP_LAYER_YES,
	};
}

/* [B] of weights that one step streams. */
static double weight_bytes(const struct shapes *s)
{
	const struct llm *m = &s->c->model;
	double on_gpu = s->plan->decision[DECISION_WEIGHTS_ON_GPU], all;
	double placed[LAYER_PARTS];

	if (!s->flexgen)
		return (1.0 - on_gpu) * s->layers * llm_layer_elements(m) *
		       s->p_w;
	if (on_gpu == 1.0)
		return 0.0;
	flexgen_times_placed(m, on_gpu, placed);
	all = s->layers * (placed[LAYER_KV] + placed[LAYER_QO] +
			   placed[LAYER_FFN]);
	if (on_gpu < 0.5)	/* the embedding, and the head */
		all += 2.0 * (double)m->vocab * s->h;
	return all * s->p_w;
}

/* [B] of the hidden state, one way: between FlexGen's layers. */
static double hidden_bytes(const struct shapes *s, double tokens)
{
	double units = s->layers * (s->separate ? 2.0 : 1.0);

	if (!s->flexgen ||
	    s->plan->decision[DECISION_HIDDEN] == HIDDEN_GPU)
		return 0.0;
	return (units + 1.0) * s->batches * s->b * s->h * 2.0 * tokens;
}

/* Products of `tokens` new tokens, attention and head left out. */
static double layer_flop(const struct shapes *s, double tokens)
{
	const struct llm *m = &s->c->model;
	double ffn = (m->ffn_gated ? 3.0 : 2.0) * s->h * (double)m->ffn *
		     (double)m->experts_per_token;

	return 2.0 * s->b * tokens *
	       (s->h * (s->q + 2.0 * s->k) + s->q * s->h + ffn);
}

static double head_flop(const struct shapes *s)
{
	return s->batches * 2.0 * s->b * s->h * (double)s->c->model.vocab;
}

static void add_decode(const struct shapes *s, size_t step,
		       struct traffic *t)
{
	enum split_rule split = s->plan->policy->split;
	double cached = s->prompt + (double)step;
	double l = (double)s->plan->split[step];
	double kv = s->slots * s->host * 2.0 * s->b * s->k * s->p_kv;
	double x = s->slots * s->host * s->b * s->h * s->p_x;
	double wide = s->slots * s->host * s->b * 2.0;	/* 16 bits */
	bool gpu = !s->cpu && split != SPLIT_ALL;
	bool all = s->plan->policy == &policy_offloaded_cache;

	t->h2d += weight_bytes(s) + hidden_bytes(s, 1.0) + x * l +
		  (gpu ? kv * (cached - l) : 0.0) +
		  (s->cpu ? wide * s->q : 0.0);
	t->d2h += hidden_bytes(s, 1.0) +
		  (gpu ? kv * (all ? cached + 1.0 : 1.0) : 0.0) +
		  (s->plan->whole_sequence && split != SPLIT_NONE ? x
								  : 0.0) +
		  (s->cpu ? wide * (s->q + 2.0 * s->k) : 0.0);
	t->cpu += s->cpu ? kv * (cached + 1.0) : 0.0;
	if (s->flexgen && gpu &&
	    s->plan->decision[DECISION_HOME] == HOME_PAGEABLE)
		t->copy += kv * cached;
	t->flop += s->slots * (layer_flop(s, 1.0) +
			       s->host * 4.0 * s->b * l * s->h * s->k +
			       (s->cpu ? 1.0 - s->host : 1.0) * 4.0 * s->b *
				       s->q * (cached + 1.0)) +
		   head_flop(s);
}

/* X of as many tokens of the prompt as some step recomputes. */
static struct traffic prefill_traffic(const struct shapes *s)
{
	enum split_rule split = s->plan->policy->split;
	double kept = 0.0, each = s->slots * s->host * s->b, n = s->prompt;

	for (size_t i = 0; i < s->plan->steps; i++)
		kept = fmax(kept, (double)s->plan->split[i]);
	kept = fmin(kept, n);
	return (struct traffic){
		.h2d = weight_bytes(s) + hidden_bytes(s, n),
		.d2h = hidden_bytes(s, n) +
		       (split == SPLIT_ALL ? 0.0 :
			each * 2.0 * s->k * s->p_kv * n) +
		       (split == SPLIT_NONE ? 0.0 :
			each * s->h * s->p_x * kept),
		.flop = s->slots * (layer_flop(s, n) +
				    4.0 * s->b * s->q * n * (n + 1.0) *
					    0.5) + head_flop(s),
	};
}

static void check_traffic(const struct run_oracle *r,
			  const struct traffic *t)
{
	const struct {
		enum engine engine;
		double bytes;
	} engines[] = {
		{ ENGINE_H2D, t->h2d }, { ENGINE_D2H, t->d2h },
		{ ENGINE_CPU, t->cpu }, { ENGINE_COPY, t->copy },
	};

	for (size_t i = 0; i < 4; i++) {
		double found = r->result.engine[engines[i].engine].bytes;

		if (!run_oracle_close(found, engines[i].bytes))
			ck_abort_msg("%s, %s: %.17g B, expected %.17g",
				     r->plan->policy->name,
				     engine_name(engines[i].engine), found,
				     engines[i].bytes);
	}
	if (!run_oracle_close(r->result.engine[ENGINE_SM].flop, t->flop))
		ck_abort_msg("%s: %.17g FLOP, expected %.17g",
			     r->plan->policy->name,
			     r->result.engine[ENGINE_SM].flop, t->flop);
}

/* A run of `span` of `plan`, checked, and against first come, first served. */
static struct run_oracle run(const struct random_case *c,
			     const struct plan *plan, enum span span)
{
	struct run_oracle r = run_check_begin(c, plan, span);

	run_check(&r);
	if (c->hw.duplex_bytes_per_s <= 0.0)
		run_oracle_compare(&r, run_oracle_first_come);
	return r;
}

/* A random case of policy `done`, its decisions drawn. */
static struct random_case draw(gsl_rng *rng, size_t done, struct plan *plan)
{
	size_t n;
	const struct policy *const *list = policy_list(&n);
	struct random_case c = random_case_draw(rng);

	random_case_hand_over(&c.hw);
	c.model.layers = random_case_size(rng, 1, 3);
	c.w.gen = random_case_size(rng, 2, 5);
	random_case_widen(rng, &c);
	*plan = random_case_plan(rng, &c, list[done % n],
				 (size_t)list[done % n]
					 ->rules[DECISION_PREFETCH].value);
	random_case_decide(rng, plan);
	if (gsl_rng_uniform_int(rng, 4) == 0)
		c.hw.duplex_bytes_per_s =
			random_case_log(rng, 0.2, 1.2) *
			fmin(c.hw.h2d.bytes_per_s, c.hw.d2h.bytes_per_s);
	return c;
}

/* What a run cannot be faster than. */
static double floor_s(const struct run_oracle *r)
{
	double sum = 0.0;

	for (size_t i = 0; i < r->end_step; i++)
		sum += bound_step(r->graph, r->hw,
				  (double)(r->w->prompt + i),
				  (double)r->plan->split[i]);
	return sum;
}

START_TEST(decodes_move_and_compute_what_the_shapes_say)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, tasks = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct traffic t = { .flop = 0.0 };
		struct run_oracle r;
		struct plan plan;
		struct random_case c = draw(rng, done, &plan);
		struct shapes s = find_shapes(&c, &plan);

		r = run(&c, &plan, SPAN_STEP);
		for (size_t i = 0; i < plan.steps; i++)
			add_decode(&s, i, &t);
		check_traffic(&r, &t);
		tasks += r.timeline.n;
		run_check_end(&r);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(tasks, 50 * CASES);
	gsl_rng_free(rng);
}
END_TEST

START_TEST(prefills_move_and_compute_what_the_shapes_say)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, tasks = 0;

	gsl_rng_set(rng, SEED + 1);
	for (; done < CASES; done++) {
		struct run_oracle r;
		struct plan plan;
		struct random_case c = draw(rng, done, &plan);
		struct shapes s = find_shapes(&c, &plan);
		struct traffic t = prefill_traffic(&s);

		r = run(&c, &plan, SPAN_PREFILL);
		check_traffic(&r, &t);
		ck_assert_double_ge(r.result.makespan_s,
				    floor_s(&r) * (1.0 - 1e-12));
		tasks += r.timeline.n;
		run_check_end(&r);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(tasks, 15 * CASES);
	gsl_rng_free(rng);
}
END_TEST

/* "The step takes the sum of everything", and so does prefill. */
START_TEST(accelerate_sequential_never_overlaps)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0;

	gsl_rng_set(rng, SEED + 2);
	for (; done < CASES / 3; done++) {
		struct random_case c = random_case_draw(rng);
		double sum = 0.0;
		struct run_oracle r;
		struct plan plan;

		random_case_widen(rng, &c);
		plan = random_case_plan(rng, &c,
					&policy_accelerate_sequential, 0);
		random_case_decide(rng, &plan);
		r = run(&c, &plan, done % 2 ? SPAN_STEP : SPAN_PREFILL);
		for (int e = 0; e < ENGINE_COUNT; e++)
			sum += r.result.engine[e].busy_s;
		if (!run_oracle_close(r.result.makespan_s, sum))
			ck_abort_msg("case %zu: %.17g s, expected %.17g",
				     done, r.result.makespan_s, sum);
		run_check_end(&r);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES / 3);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/run, policies");
	TCase *tc = tcase_create("random");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, decodes_move_and_compute_what_the_shapes_say);
	tcase_add_test(tc, prefills_move_and_compute_what_the_shapes_say);
	tcase_add_test(tc, accelerate_sequential_never_overlaps);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
