/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/flexgen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/layer.h"
#include "schedule/flexgen_tensors.h"
#include "schedule/kvpr_flexgen.h"
#include "tests/flexgen_times.h"
#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/run_check.h"

enum { GRAPHS = 10000, RUNS = 1500, SEED = 74207281 };

/* ---- placement ---- */

/* OPT-30B: 4 matrices of h^2 and 2 of 4 h^2, in that order. */
START_TEST(whole_tensors_are_placed)
{
	static const struct {
		double asked, twelfths;
	} cases[] = {
		{ 0.0, 0.0 }, { 0.1, 0.0 },
		{ 0.13, 1.0 },		/* W_O alone: its middle is at 7/8 */
		{ 0.25, 1.0 },		/* the FFN's second at 3/4, less
					 * what biases and norms take */
		{ 0.26, 5.0 }, { 0.38, 6.0 }, { 0.62, 6.0 }, { 0.63, 7.0 },
		{ 0.76, 11.0 }, { 0.88, 12.0 }, { 1.0, 12.0 },
	};
	struct llm m = harness_model("opt-30b");

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_assert_double_eq_tol(
			flexgen_tensors_on_gpu(&m, cases[i].asked),
			cases[i].twelfths / 12.0, 1e-12);
	/* no biases: 3/8 of Q, K, V, W_O lie before the middle of K */
	m = harness_model("llama-2-7b");
	ck_assert_double_eq_tol(flexgen_tensors_on_gpu(&m, 0.625),
				1.0 - (4096.0 + 11008.0) /
					      (4.0 * 4096.0 + 3.0 * 11008.0),
				1e-12);
}
END_TEST

START_TEST(placement_is_by_the_middle_of_each_tensor)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, partly = 0;

	gsl_rng_set(rng, SEED);
	for (; done < GRAPHS; done++) {
		struct random_case c = random_case_draw(rng);
		double asked = gsl_rng_uniform(rng), host[LAYER_PARTS];
		double all = llm_layer_elements(&c.model), sum = 0.0, found;

		flexgen_times_placed(&c.model, asked, host);
		for (int i = 0; i < LAYER_PARTS; i++)
			sum += host[i];
		found = flexgen_tensors_on_gpu(&c.model, asked);
		ck_assert_double_eq_tol(found, 1.0 - sum / all, 1e-12);
		partly += found > 0.01 && found < 0.99;
	}
	ck_assert_uint_eq(done, GRAPHS);
	ck_assert_uint_gt(partly, GRAPHS / 2);
	gsl_rng_free(rng);
}
END_TEST

/* ---- the schedule ---- */

static struct random_case draw_case(gsl_rng *rng)
{
	struct random_case c = random_case_draw(rng);

	c.model.layers = random_case_size(rng, 1, 3);
	c.w.num_batches = random_case_size(rng, 1, 3);
	c.w.gpus = random_case_size(rng, 1, 4);
	c.w.weights = (enum element)random_case_size(rng, 0, 2);
	c.w.kv = (enum element)random_case_size(rng, 0, 2);
	c.w.activations = (enum element)random_case_size(rng, 0, 2);
	return c;
}

static double draw_share(gsl_rng *rng)
{
	static const double shares[] = { 0.0, 1.0, 0.3, 0.75 };

	return shares[random_case_size(rng, 0, 3)];
}

static struct plan draw_plan(gsl_rng *rng, const struct random_case *c)
{
	static const enum decision words[] = {
		DECISION_ATTENTION, DECISION_HOME, DECISION_HIDDEN,
		DECISION_SEP_LAYER,
	};
	const struct policy *policy = random_case_size(rng, 0, 1)
		? &policy_kvpr_flexgen : &policy_flexgen;
	struct plan p = random_case_plan(rng, c, policy, 1);

	p.decision[DECISION_WEIGHTS_ON_GPU] = draw_share(rng);
	p.decision[DECISION_CACHE_ON_GPU] = draw_share(rng);
	for (size_t i = 0; i < 4; i++)
		if (policy->rules[words[i]].decider != DECIDED_BY_POLICY)
			p.decision[words[i]] =
				(double)random_case_size(rng, 0, 1);
	return p;
}

/* Tasks come in the order in which the main thread issues them. */
static size_t check_issue(const struct graph *g,
			  const struct flexgen_case *f)
{
	size_t next[PROCESS_COUNT] = { 0 }, n = 0;

	ck_assert_uint_eq(graph_slots(g), f->slots);
	for (size_t now = 0; now < f->slots; now++) {
		struct flexgen_issue issued[FLEXGEN_MOST_ISSUED];
		size_t k = flexgen_times_issued(f, now, issued);

		for (size_t i = 0; i < k; i++, n++) {
			enum process p = op_process(issued[i].op);
			const struct task *t;

			while (next[p] < g->ntasks &&
			       op_process(g->tasks[next[p]].op) != p)
				next[p]++;
			ck_assert_uint_lt(next[p], g->ntasks);
			t = &g->tasks[next[p]++];
			if (t->op != issued[i].op ||
			    t->layer * g->batches + t->batch !=
				    issued[i].slot)
				ck_abort_msg("slot %zu: found %s of layer "
					     "%zu, expected %s of slot %zu",
					     now, op_name(t->op), t->layer,
					     op_name(issued[i].op),
					     issued[i].slot);
		}
	}
	ck_assert_uint_eq(g->ntasks, n);
	return n;
}

START_TEST(tasks_are_issued_as_the_header_says)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, seen[OP_COUNT] = { 0 }, ops = 0;

	gsl_rng_set(rng, SEED + 1);
	for (; done < GRAPHS; done++) {
		struct random_case c = draw_case(rng);
		struct plan plan = draw_plan(rng, &c);
		enum span span = (enum span)random_case_size(rng, 0, 2);
		struct flexgen_case f = flexgen_times_case(&c, &plan, span);
		struct graph *g = plan.policy->build(&c.model, &c.w, &plan,
						     span);

		check_issue(g, &f);
		for (size_t i = 0; i < g->ntasks; i++)
			seen[g->tasks[i].op]++;
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, GRAPHS);
	for (int k = 0; k < OP_COUNT; k++)
		ops += seen[k] > GRAPHS / 20;
	/* all but one copy for K and V, append, issue */
	ck_assert_uint_eq(ops, OP_COUNT - 3);
	gsl_rng_free(rng);
}
END_TEST

/* ---- lockstep, and how long a slot takes ---- */

/* The slot in which the main thread issues each task of `g`. */
static size_t *find_issuing(const struct graph *g,
			    const struct flexgen_case *f)
{
	size_t *at = xcalloc(g->ntasks, sizeof *at);

	for (size_t now = 0; now < f->slots; now++) {
		struct flexgen_issue issued[FLEXGEN_MOST_ISSUED];
		size_t k = flexgen_times_issued(f, now, issued);

		for (size_t j = 0; j < k; j++)
			for (size_t i = 0; i < g->ntasks; i++)
				if (g->tasks[i].op == issued[j].op &&
				    g->tasks[i].layer * g->batches +
						    g->tasks[i].batch ==
					    issued[j].slot)
					at[i] = now;
	}
	return at;
}

/* When the slots of all steps end: the last of what they issue. */
static double *slot_ends(const struct run_oracle *r,
			 const struct flexgen_case *f, double *begin)
{
	size_t n = f->slots * r->end_step, *at = find_issuing(r->graph, f);
	double *end = xcalloc(n, sizeof *end), last = 0.0;

	for (size_t i = 0; i < n; i++)
		begin[i] = INFINITY;
	for (size_t i = 0; i < r->timeline.n; i++) {
		const struct slice *s = &r->timeline.slices[i];
		size_t slot = s->step * f->slots + at[s->task];

		end[slot] = fmax(end[slot], s->end_s);
		begin[slot] = fmin(begin[slot], s->start_s);
	}
	for (size_t i = 0; i < n; i++)	/* nothing to do: at once */
		last = end[i] = fmax(end[i], last);
	free(at);
	return end;
}

struct tally {
	size_t slots, exact;
};

/* SYNC: a slot begins when the one before has ended, no sooner or later. */
static void check_slots(const struct run_oracle *r,
			const struct flexgen_case *f, struct tally *tally)
{
	size_t n = f->slots * r->end_step;
	double *begin = xcalloc(n, sizeof *begin);
	double *end = slot_ends(r, f, begin), before = 0.0, slack;

	slack = 1e-9 * r->result.makespan_s;
	for (size_t i = 0; i < n; i++, tally->slots++) {
		double cached = (double)(r->w->prompt + i / f->slots);
		double expected;

		if (!isinf(begin[i]) && begin[i] != before)
			ck_abort_msg("slot %zu begins at %.17g, the one "
				     "before ends at %.17g", i, begin[i],
				     before);
		if (flexgen_times_known(f)) {
			expected = flexgen_times_slot(
				f, i % f->slots, cached,
				(double)r->plan->split[i / f->slots]);
			if (fabs(end[i] - before - expected) > slack)
				ck_abort_msg("slot %zu takes %.17g, expected "
					     "%.17g", i, end[i] - before,
					     expected);
			tally->exact++;
		}
		before = end[i];
	}
	free(begin);
	free(end);
}

/* The oracle knows one GPU. */
static struct random_case draw_alone(gsl_rng *rng)
{
	struct random_case c = draw_case(rng);

	c.w.gpus = 1;
	return c;
}

START_TEST(slots_go_in_step)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct tally tally = { 0 };
	size_t done = 0;

	gsl_rng_set(rng, SEED + 2);
	for (; done < RUNS; done++) {
		struct random_case c = draw_alone(rng);
		struct plan plan = draw_plan(rng, &c);
		enum span span = (enum span)random_case_size(rng, 0, 2);
		struct flexgen_case f = flexgen_times_case(&c, &plan, span);
		struct run_oracle r = run_check_begin(&c, &plan, span);

		run_check(&r);
		run_oracle_compare(&r, run_oracle_first_come);
		check_slots(&r, &f, &tally);
		run_check_end(&r);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, RUNS);
	ck_assert_uint_gt(tally.slots, 20 * RUNS);
	ck_assert_uint_gt(tally.exact, tally.slots / 2);
	gsl_rng_free(rng);
}
END_TEST

/* ---- by hand ---- */

/* 1 B takes 1 s wherever it goes; kernels take no time. */
static struct random_case by_hand(void)
{
	return (struct random_case){
		.model = {
			.name = "by hand", .family = "opt", .layers = 2,
			.hidden = 1, .heads = 1, .kv_heads = 1,
			.head_dim = 1, .ffn = 1, .experts = 1,
			.experts_per_token = 1, .vocab = 1,
			.max_positions = 99,
		},
		.hw = {
			.flop_per_s = 1e18, .gemm_derate = 1.0,
			.hbm_bytes_per_s = 1e18, .hbm_derate = 1.0,
			.h2d = { .bytes_per_s = 1.0 },
			.d2h = { .bytes_per_s = 1.0,
				 .pageable_bytes_per_s = 0.5 },
			.host_copy_bytes_per_s = 0.25,
			.host_attention_bytes_per_s = 2.0,
		},
		.w = { .batch = 1, .num_batches = 2, .prompt = 8, .gen = 2,
		       .gpus = 1 },
	};
}

static double step_s(const struct random_case *c, struct plan *plan)
{
	struct graph *g = plan->policy->build(&c->model, &c->w, plan,
					      SPAN_STEP);
	struct run_options whole = run_whole(plan);
	struct run_result result;
	struct diag d = { "" };

	ck_assert_int_eq(run_graph(g, &c->w, plan, &c->hw, &whole, &result,
				   &d), STATUS_OK);
	graph_free(g);
	return result.makespan_s;
}

/*
 * A step of two joined layers, two batches: slots E0 E1 A0 A1 B0 B1 O0 O1.
 * K and V of 8 tokens take 16 B each.  E1, A0, A1 and B0 load the cache of
 * the slot after, A1, B0, B1 and O0 store 4 B of the slot before.
 */
START_TEST(a_step_by_hand)
{
	struct random_case c = by_hand();
	size_t split[1] = { 0 };
	struct plan p = { .policy = &policy_flexgen, .steps = 1,
			  .split = split,
			  .decision[DECISION_WEIGHTS_ON_GPU] = 1 };

	/* pinned, hidden state on the GPU: 4 times K and V, 2 stores */
	ck_assert_double_eq_tol(step_s(&c, &p), 4.0 * 32.0 + 2.0 * 4.0,
				1e-9);
	/*
	 * pin K in 64, V in 64 while K is copied, then V: 144; or the store
	 * in 8 after 128.  B1 and O0 store without loading.
	 */
	p.decision[DECISION_HOME] = HOME_PAGEABLE;
	ck_assert_double_eq_tol(step_s(&c, &p), 4.0 * 144.0 + 2.0 * 8.0,
				1e-9);
	/* the hidden state, 2 B, out and in: 8 slots less the ends' */
	p.decision[DECISION_CACHE_ON_GPU] = 1;
	p.decision[DECISION_HIDDEN] = HIDDEN_HOST;
	ck_assert_double_eq_tol(step_s(&c, &p), 6.0 * 2.0 + 6.0 * 2.0, 1e-9);
	/* Q, K and V out, 6 B; KV of 9 tokens at 2 B/s; 2 B back */
	p.decision[DECISION_CACHE_ON_GPU] = 0;
	p.decision[DECISION_ATTENTION] = ATTENTION_CPU;
	ck_assert_double_eq_tol(step_s(&c, &p),
				24.0 + 4.0 * (6.0 + 18.0 + 2.0), 1e-9);
	/* weights: a layer 6 matrices of 2 B, the embedding 2, the head 2 */
	p.decision[DECISION_CACHE_ON_GPU] = 1;
	p.decision[DECISION_HIDDEN] = HIDDEN_GPU;
	p.decision[DECISION_WEIGHTS_ON_GPU] = 0;
	ck_assert_double_eq_tol(step_s(&c, &p), 2.0 * 12.0 + 2.0 + 2.0,
				1e-9);
}
END_TEST

/*
 * The same with 3 of 8 tokens recomputed: X takes 6 B, K and V of the other 5
 * take 10 B each.
 */
START_TEST(a_step_that_recomputes_by_hand)
{
	struct random_case c = by_hand();
	size_t split[1] = { 3 };
	struct plan p = { .policy = &policy_kvpr_flexgen, .steps = 1,
			  .split = split,
			  .decision[DECISION_WEIGHTS_ON_GPU] = 1 };

	ck_assert_double_eq_tol(step_s(&c, &p), 4.0 * 26.0 + 2.0 * 4.0,
				1e-9);
	/* a store of the new X, 2 B, behind that of K and V */
	p.whole_sequence = true;
	ck_assert_double_eq_tol(step_s(&c, &p), 4.0 * 26.0 + 2.0 * 6.0,
				1e-9);
	/*
	 * The hidden state slips in before V, which is not ready before K is
	 * there: 16 + 2 + 10, whatever the stores.  B1 and O0 store 2 + 4 B.
	 */
	p.whole_sequence = false;
	p.decision[DECISION_HIDDEN] = HIDDEN_HOST;
	ck_assert_double_eq_tol(step_s(&c, &p), 4.0 * 28.0 + 2.0 * 6.0,
				1e-9);
}
END_TEST

/* Weights are those of the placed tensors, buffers those of the rest. */
START_TEST(memory_is_of_what_is_placed)
{
	struct llm m = harness_model("opt-30b");
	struct workload w = harness_workload(4, 100, 5);
	size_t split[4] = { 0 };
	struct plan p = { .policy = &policy_flexgen, .steps = 4,
			  .split = split,
			  .decision[DECISION_WEIGHTS_ON_GPU] = 0.26 };
	double layer = 2.0 * llm_layer_elements(&m), found = 0.0;
	struct memory mem;

	policy_flexgen.memory(&m, &w, &p, &mem);
	for (size_t i = 0; i < mem.n; i++)
		if (strcmp(mem.items[i].what, "weights") == 0 &&
		    mem.items[i].place == MEMORY_HOST)
			found += mem.items[i].bytes;
	ck_assert_double_eq_tol(found, 7.0 / 12.0 * 48.0 * layer, 1.0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule/flexgen");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, whole_tensors_are_placed);
	tcase_add_test(tc, placement_is_by_the_middle_of_each_tensor);
	tcase_add_test(tc, tasks_are_issued_as_the_header_says);
	tcase_add_test(tc, slots_go_in_step);
	tcase_add_test(tc, a_step_by_hand);
	tcase_add_test(tc, a_step_that_recomputes_by_hand);
	tcase_add_test(tc, memory_is_of_what_is_placed);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
