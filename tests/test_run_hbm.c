/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run.h"

#include <math.h>
#include <string.h>

#include "schedule/kvpr_row.h"
#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/run_oracle.h"

enum { CASES = 400, SEED = 60493 };

/*
 * A kernel beside two copies from time 0 on, by hand: device memory of 100 B/s,
 * 8 B/s in and 6 B/s out, 5 FLOP/s, launches of 0.25 s.
 */
struct by_hand {
	double weight;			/* HBM bytes of a copied byte */
	double bytes, flop;		/* of the kernel */
	double gemm_rows;		/* 1 x 1 products of 8-byte elements */
	double in, out;			/* [B] */
	double kernel_s, in_s, out_s;	/* when they end */
};

static const struct by_hand cases[] = {
	/* alone; and beside copies that take nothing */
	{ 2.5, 400, 0, 0, 0, 0, 4.25, 0, 0 },
	{ 0.0, 400, 0, 0, 16, 6, 4.25, 2, 1 },
	/* in takes 20: 1.75 s at 80, 260 B are left */
	{ 2.5, 400, 0, 0, 16, 0, 4.6, 2, 0 },
	/* both take 35: 0.75 s at 65, 1 s at 80, 271.25 B are left */
	{ 2.5, 400, 0, 0, 16, 6, 4.7125, 2, 1 },
	/* the copy outlasts the kernel: 400 B at 80 */
	{ 2.5, 400, 0, 0, 80, 0, 5.25, 10, 0 },
	/* a byte for a byte: 1.75 s at 92, 239 B are left */
	{ 1.0, 400, 0, 0, 16, 0, 4.39, 2, 0 },
	/* 4 s of FLOP, 3 s of bytes: bound by FLOP, not slowed */
	{ 2.5, 300, 20, 0, 16, 6, 4.25, 2, 1 },
	/* 5 products, 2 s, of no bytes to speak of: then 400 B, from 2.25 on */
	{ 2.5, 400, 0, 5, 24, 0, 6.4, 3, 0 },
	/* copies could take 80: half of it each, until 3.05; 260 B are left */
	{ 10.0, 400, 0, 0, 16, 0, 5.65, 3.05, 0 },
};

static void add(struct graph *g, enum op op, struct work w)
{
	graph_add_task(g, op, 0, graph_add_work(g, w));
}

static void run(const struct graph *g, const struct random_case *c,
		const struct plan *plan, struct timeline *t)
{
	struct run_options options = run_whole(plan);
	struct run_result r;
	struct diag d;

	options.timeline = t;
	ck_assert_int_eq(run_graph(g, &c->w, plan, &c->hw, &options, &r, &d),
			 STATUS_OK);
}

/* [B] of device memory by its rates, none above `most_bytes_per_s`. */
static double carried(const struct timeline *t, double most_bytes_per_s)
{
	double sum = 0.0, rate = 0.0, since_s = 0.0;

	for (size_t i = 0; i < t->nrates; i++) {
		const struct rate *x = &t->rates[i];

		if (strcmp(x->link, "device memory") != 0)
			continue;
		ck_assert(!x->shared && x->gpu == 0);
		sum += rate * (x->time_s - since_s);
		rate = x->bytes_per_s;
		since_s = x->time_s;
		ck_assert_double_le(rate, most_bytes_per_s * (1.0 + 1e-12));
	}
	ck_assert_double_eq(rate, 0.0);
	return sum;
}

START_TEST(copies_slow_what_device_memory_binds)
{
	const struct by_hand *x = &cases[_i];
	struct random_case c = {
		.w = { .batch = 3, .prompt = 5, .gen = 2, .num_batches = 1,
		       .gpus = 1 },
		.hw = { .flop_per_s = 10.0, .gemm_derate = 0.5,
			.hbm_bytes_per_s = 400.0, .hbm_derate = 0.25,
			.launch_s = 0.25, .copy_hbm_bytes = x->weight,
			.h2d = { .bytes_per_s = 8.0 },
			.d2h = { .bytes_per_s = 6.0 } },
	};
	size_t split = 0;
	struct plan plan = { .policy = &policy_kvpr_row, .steps = 1,
			     .split = &split };
	struct graph *g = graph_new(1, 1);
	struct timeline t = { 0 };
	double expected[3], moved = x->flop > 0.0 ? 0.0 : x->bytes;

	expected[0] = x->kernel_s;
	expected[1] = x->in_s;
	expected[2] = x->out_s;
	add(g, OP_ATTEND, (struct work){
		.engine = ENGINE_SM, .bytes = { .fixed = x->bytes },
		.flop = { .fixed = x->flop }, .launches = 1.0,
		.gemm = { { .m = { .fixed = 1.0 }, .n = 1.0, .k = 1.0,
			    .count = x->gemm_rows } },
		.element_bytes = 8.0, .ngemms = x->gemm_rows > 0.0 });
	add(g, OP_LOAD_CACHE, (struct work){
		.engine = ENGINE_H2D, .bytes = { .fixed = x->in } });
	add(g, OP_STORE_CACHE, (struct work){
		.engine = ENGINE_D2H, .bytes = { .fixed = x->out } });
	graph_finish(g);
	run(g, &c, &plan, &t);
	ck_assert_uint_eq(t.n, 1u + (x->in > 0.0) + (x->out > 0.0));
	for (size_t i = 0; i < t.n; i++)
		ck_assert_double_eq_tol(t.slices[i].end_s,
					expected[t.slices[i].task], 1e-12);
	moved += x->weight * (x->in + x->out);
	ck_assert_double_eq_tol(carried(&t, 100.0),
				x->weight > 0.0 ? moved : 0.0, 1e-12 * moved);
	timeline_clear(&t);
	graph_free(g);
}
END_TEST

static const struct work *work_of(const struct run_oracle *r,
				  const struct slice *s)
{
	return &r->graph->works[r->graph->tasks[s->task].work];
}

static double at(const struct run_oracle *r, const struct amount *a,
		 size_t step)
{
	return a->fixed + a->per_token * (double)(r->w->prompt + step) +
	       a->per_split * (double)r->plan->split[step];
}

/* [B] of the parts of a kernel that bytes bind, from the roofline. */
static double bound_bytes(const struct run_oracle *r, const struct slice *s)
{
	const struct work *w = work_of(r, s);
	double balance = r->hw->flop_per_s * r->hw->gemm_derate /
			 (r->hw->hbm_bytes_per_s * r->hw->hbm_derate);
	double bytes = at(r, &w->bytes, s->step), sum = 0.0;

	if (bytes * balance >= at(r, &w->flop, s->step))
		sum += bytes;
	for (size_t i = 0; i < w->ngemms; i++) {
		const struct gemm *g = &w->gemm[i];
		double m = at(r, &g->m, s->step);

		bytes = w->element_bytes *
			(m * g->k + g->k * g->n + m * g->n);
		if (bytes * balance >= 2.0 * m * g->n * g->k)
			sum += g->count * bytes;
	}
	return sum;
}

static bool is_copy(const struct run_oracle *r, const struct slice *s)
{
	enum engine e = work_of(r, s)->engine;

	return e == ENGINE_H2D || e == ENGINE_D2H;
}

/* [B] that copies move from `from_s` to `to_s`, none ever slowed. */
static double copied(const struct run_oracle *r, double from_s, double to_s)
{
	double sum = 0.0;

	for (size_t i = 0; i < r->timeline.n; i++) {
		const struct slice *s = &r->timeline.slices[i];
		struct run_copy c;

		if (!is_copy(r, s))
			continue;
		c = run_oracle_copy(r, s->task, s->step);
		sum += c.bytes_per_s *
		       fmax(0.0, fmin(to_s, s->end_s) -
				 fmax(from_s, s->start_s + c.latency_s));
	}
	return sum;
}

/* What binds moves, with what copies take, all that device memory can. */
static bool check_slice(const struct run_oracle *r, const struct slice *s)
{
	double rate = r->hw->hbm_bytes_per_s * r->hw->hbm_derate;
	double alone_s = run_oracle_seconds(r, s->task, s->step), bytes, from;
	double length = s->end_s - s->start_s, taken;

	if (work_of(r, s)->engine != ENGINE_SM) {
		ck_assert_double_eq_tol(length, alone_s, 1e-9 * s->end_s);
		return false;
	}
	bytes = bound_bytes(r, s);
	from = s->start_s + alone_s - bytes / rate;
	taken = bytes > 0.0 ? r->hw->copy_hbm_bytes *
			      copied(r, from, s->end_s) : 0.0;
	ck_assert_double_eq_tol(bytes + taken, rate * (s->end_s - from),
				1e-9 * rate * s->end_s);
	return length > 1.001 * alone_s;
}

/* [B] of what tasks move through device memory as flows. */
static double flowed(const struct run_oracle *r)
{
	double sum = 0.0;

	for (size_t i = 0; i < r->timeline.n; i++) {
		const struct slice *s = &r->timeline.slices[i];

		if (work_of(r, s)->engine == ENGINE_SM)
			sum += bound_bytes(r, s);
		else if (is_copy(r, s))
			sum += r->hw->copy_hbm_bytes *
			       at(r, &work_of(r, s)->bytes, s->step);
	}
	return sum;
}

/* Any graph, on links of at most a third of what device memory has. */
START_TEST(device_memory_carries_all_that_it_can)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t slowed = 0, slices = 0;

	gsl_rng_set(rng, SEED);
	for (size_t done = 0; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = random_case_plan(rng, &c,
						    &policy_kvpr_row, 0);
		struct graph *g = random_case_graph(rng);
		struct run_oracle r = { .graph = g, .w = &c.w, .plan = &plan,
					.hw = &c.hw };
		double rate = c.hw.hbm_bytes_per_s * c.hw.hbm_derate, sum;

		c.hw.copy_hbm_bytes = rate /
			(random_case_log(rng, 3.0, 30.0) *
			 fmax(c.hw.h2d.bytes_per_s, c.hw.d2h.bytes_per_s));
		run(g, &c, &plan, &r.timeline);
		for (size_t i = 0; i < r.timeline.n; i++, slices++)
			slowed += check_slice(&r, &r.timeline.slices[i]);
		sum = flowed(&r);
		ck_assert_double_eq_tol(carried(&r.timeline, rate), sum,
					1e-9 * (1.0 + sum));
		timeline_clear(&r.timeline);
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_gt(slowed, slices / 50);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/run, device memory");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, copies_slow_what_device_memory_binds, 0,
			    sizeof cases / sizeof cases[0]);
	tcase_add_test(tc, device_memory_carries_all_that_it_can);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
