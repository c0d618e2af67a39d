/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/placement.h"

#include <math.h>
#include <stdio.h>

#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/random_place.h"

enum { CASES = 500, SEED = 30322 };

/* Relative; sums of a few products in another order. */
#define CLOSE 1e-12

static struct placement_costs at_point(const struct placement_case *c,
				       const struct placement *p)
{
	const struct placement_box x = { p->batch, p->batch, p->num_batches,
					 p->num_batches };

	return placement_costs_make(c, &x);
}

/* FlexGen's published policy: 20 80 0 100 0 100, 48 x 3. */
static const struct placement published = {
	.batch = 48, .num_batches = 3,
	.share = { [SHARE_WEIGHTS_GPU] = 0.2, [SHARE_WEIGHTS_HOST] = 0.8,
		   [SHARE_KV_HOST] = 1.0, [SHARE_HIDDEN_HOST] = 1.0 },
};

START_TEST(flexgen_has_its_known_times)
{
	struct placement_case c = random_place_opt30b(true).c;
	struct placement_costs costs = at_point(&c, &published);
	struct placement_outcome o = placement_evaluate(&costs, &published);

	ck_assert_double_eq_tol(o.prefill_s, 210.670413, 5e-7);
	ck_assert_double_eq_tol(o.decode_s, 435.093665, 5e-7);
	ck_assert_double_eq_tol(o.total_s, 645.764078, 1e-6);
	ck_assert_double_eq_tol(o.request_s, o.total_s / 144.0, CLOSE);
	ck_assert_double_eq_tol(o.tokens_per_s, 144.0 * 32.0 / o.total_s,
				CLOSE);
	/* 0.8 of 16, 200 and 1500 GiB */
	ck_assert_double_eq(costs.capacity[ROOM_GPU_PREFILL],
			    0.8 * 17179869184.0);
	ck_assert_double_eq(costs.capacity[ROOM_HOST_DECODE],
			    0.8 * 214748364800.0);
	ck_assert_double_eq(costs.capacity[ROOM_DISK],
			    0.8 * 1610612736000.0);
}
END_TEST

static void close_to(double found, double expected, const char *what,
		     size_t at)
{
	if (!(fabs(found - expected) <= CLOSE * fabs(expected)))
		ck_abort_msg("case %zu, %s: found %.17g, expected %.17g", at,
			     what, found, expected);
}

/* Shares by the letters of the formulas: w, c, h on g, c (host), n (disk). */
struct letters {
	double wg, wc, wn, cg, cc, cn, hg, hc, hn;
	double s, n, l, h, f, heads, g, b, w;
};

static struct letters letters_of(const struct placement_case *c,
				 const struct placement *p)
{
	const double *x = p->share;
	double h = (double)c->model.hidden, f = (double)c->model.ffn;

	return (struct letters){
		x[0], x[1], x[2], x[SHARE_KV_GPU], x[SHARE_KV_HOST],
		x[SHARE_KV_DISK_HOST], x[SHARE_HIDDEN_GPU],
		x[SHARE_HIDDEN_HOST], x[SHARE_HIDDEN_DISK],
		(double)c->prompt, (double)c->gen, (double)c->model.layers, h,
		f, (double)c->model.heads, (double)p->batch,
		(double)p->batch * (double)p->num_batches,
		8.0 * h * h + 4.0 * h * f,
	};
}

/* The times of FlexGen, each term written out as its planner has it. */
static void flexgen_times(const struct letters *z, const struct offload *o,
			  double *prefill_s, double *decode_s)
{
	double off = z->wc + z->wn, kv = z->cc + z->cn, hid = z->hc + z->hn;
	double s = z->s, h = z->h, b = z->b, m = s + z->n / 2.0;
	double lg = fmax(0.0, log2(64.0 / z->g));
	double lh = fmax(0.0, log2(4096.0 / h));
	double cpu = o->host_attention_flop_per_s *
		     fmax(0.1, 1.0 + 0.0168 * lg * lh - 0.0328 * lg -
				       0.0621 * lh);
	double ctog = (z->w * off + 2 * s * h * b * hid) / o->h2d_bytes_per_s;
	double gtoc = 4 * (s + 1) * h * b * kv / o->d2h_cache_bytes_per_s +
		      2 * s * h * b * hid / o->d2h_hidden_bytes_per_s;
	double dtoc = (z->w * z->wn + 2 * s * h * b * z->hn) /
		      o->disk_read_bytes_per_s;
	double ctod = 4 * b * (s + 1) * h * z->cn /
			      o->disk_write_cache_prefill_bytes_per_s +
		      2 * s * h * b * z->hn /
			      o->disk_write_hidden_prefill_bytes_per_s;
	double comp = b * (8 * s * h * h + 4 * s * h * z->f) /
			      o->gemm_prefill_flop_per_s +
		      4 * b * s * s * h / o->attention_prefill_flop_per_s;

	*prefill_s = z->l * fmax(ctog + dtoc, fmax(gtoc + ctod, comp));
	ctog = (z->w * off + 2 * h * b * hid) / o->h2d_bytes_per_s;
	gtoc = 2 * h * b * hid / o->d2h_hidden_bytes_per_s;
	dtoc = (4 * b * m * h * z->cn + 2 * h * b * z->hn) /
		       o->disk_read_bytes_per_s +
	       z->w * z->wn / (0.95 * o->disk_read_bytes_per_s);
	ctod = (4 * b * h * z->cn + 2 * h * b * z->hn) /
	       o->disk_write_decode_bytes_per_s;
	comp = b * (8 * h * h + 4 * h * z->f) / o->gemm_decode_flop_per_s +
	       4 * b * m * h * z->cg / o->attention_decode_flop_per_s +
	       4 * b * m * h * kv / cpu;
	*decode_s = z->l * (z->n - 1) *
		    (ctog + fmax(fmax(gtoc, dtoc), fmax(ctod, comp)));
}

/* What it says that they need, GPU, host and disk. */
static void flexgen_memory(const struct letters *z, double room[ROOM_COUNT])
{
	double s = z->s, n = z->n, h = z->h, b = z->b, g = z->g;
	double home = z->w * z->l * z->wg +
		      4 * (s + n) * h * b * z->l * z->cg +
		      2 * z->w * (1 - z->wg);

	room[ROOM_GPU_PREFILL] = home + 2 * s * h * b * z->hg +
		2 * s * h * g * (1 - z->hg) + 8 * g * s * h +
		g * (2 * s * h + 2 * z->heads * s * s) + g * 2 * s * h +
		4 * g * s * h + 2 * g * s * z->f + 2 * g * s * h;
	room[ROOM_GPU_DECODE] = home + 2 * h * b * z->hg +
		2 * h * g * (1 - z->hg) + 4 * g * (s + n) * h * z->cg +
		8 * g * h +
		g * (2 * h + 2 * (s + n) * h + 2 * z->heads * (s + n)) *
			z->cg +
		g * (2 * (s + n) * h + 2 * h) * z->cg + 4 * g * h +
		2 * g * z->f + 2 * g * h;
	room[ROOM_HOST_PREFILL] = z->w * z->l * z->wc +
		2 * s * h * b * z->hc + 4 * s * h * b * z->l * z->cc +
		z->w * (1 - z->wg) + 2 * s * h * g * (1 - z->hg);
	room[ROOM_HOST_DECODE] = z->w * z->l * z->wc + 2 * h * b * z->hc +
		4 * (s + n) * h * b * z->l * z->cc + z->w * z->wn +
		4 * h * g * z->hn + 8 * (s + n) * h * g * z->cn +
		2 * z->heads * (s + n) * g + 2 * h * g;
	room[ROOM_DISK] = z->w * z->l * z->wn + 2 * s * h * b * z->hn +
			  4 * (s + n) * h * b * z->l * z->cn;
}

START_TEST(flexgen_is_its_formulas)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, SEED);
	for (size_t i = 0; i < CASES; i++) {
		struct placement_case c = random_place_case(rng, true);
		struct placement p = {
			.batch = random_case_size(rng, 1, 200),
			.num_batches = random_case_size(rng, 1, 20),
		};
		struct placement_costs costs = at_point(&c, &p);
		struct placement_outcome o;
		double prefill_s, decode_s, room[ROOM_COUNT];
		struct letters z;

		/* hidden state on disk too, which only a user can ask for */
		costs.may[SHARE_HIDDEN_DISK] = true;
		random_place_shares(rng, &costs, p.share);
		o = placement_evaluate(&costs, &p);
		z = letters_of(&c, &p);
		flexgen_times(&z, &c.machine, &prefill_s, &decode_s);
		flexgen_memory(&z, room);
		close_to(o.prefill_s, prefill_s, "prefill", i);
		close_to(o.decode_s, decode_s, "decode", i);
		for (int m = 0; m < ROOM_COUNT; m++)
			close_to(o.memory[m], room[m],
				 placement_memory_title(
					 (enum placement_memory)m), i);
	}
	gsl_rng_free(rng);
}
END_TEST

/*
 * VALIDATION.md's case: opt-6.7b on a T4 behind 9.7 GB/s, 64 x 1 requests,
 * prompt 512, 32 tokens, 30 % of the KV sent and 70 % recomputed.
 */
START_TEST(kvplan_by_hand)
{
	struct hardware hw = harness_hardware("t4");
	struct placement_case c = { .model = harness_model("opt-6.7b"),
				    .prompt = 512, .gen = 32,
				    .machine = offload_from_hardware(&hw) };
	struct placement p = {
		.batch = 64, .num_batches = 1,
		.share = { [SHARE_WEIGHTS_GPU] = 0.75,
			   [SHARE_WEIGHTS_HOST] = 0.25, [SHARE_KV_SENT] = 0.3,
			   [SHARE_KV_RECOMPUTED] = 0.7,
			   [SHARE_HIDDEN_GPU] = 1.0 },
	};
	struct placement_costs costs = at_point(&c, &p);
	struct placement_outcome o = placement_evaluate(&costs, &p);
	const double *t = o.term_s[PHASE_DECODE];

	/* 402 653 184 B * 0.25, 64 * 527 * (0.3 * 16384 + 0.7 * 8192) */
	ck_assert_double_eq_tol(t[TERM_H2D],
				(100663296.0 + 359189708.8) / 9.7e9, 1e-12);
	/* 64 * (0.3 * 16384 + 0.7 * 8192) B back, at 11.1 GB/s */
	ck_assert_double_eq_tol(t[TERM_D2H], 681574.4 / 11.1e9, 1e-15);
	/* 402 653 184 B at 320 * 0.75 GB/s, more than 25.8 GFLOP at 41.6 T;
	 * and of the head, 50272 * 4096 * 2 B, one part in 32 */
	ck_assert_double_eq_tol(t[TERM_GEMM],
				(402653184.0 + 411828224.0 / 32.0) / 240e9,
				1e-12);
	/* 64 * 528 * 16384 B at 240 GB/s */
	ck_assert_double_eq_tol(t[TERM_ATTEND], 553648128.0 / 240e9, 1e-12);
	/* 0.7 * 64 * 527 * 4 * 4096^2 FLOP at 41.6 T */
	ck_assert_double_eq_tol(t[TERM_RECOMPUTE],
				0.7 * 2263447764992.0 / 41.6e12, 1e-12);
	ck_assert_double_eq(t[TERM_CPU], 0.0);
	ck_assert_double_eq(o.layer_s[PHASE_DECODE], t[TERM_H2D]);
	ck_assert_double_eq_tol(o.total_s,
				32.0 * o.layer_s[PHASE_PREFILL] +
					31.0 * 32.0 * t[TERM_H2D], 1e-9);
	/* causal: 64 * 4 * 4096 * 512 * 513 / 2 FLOP at 41.6 T, less than
	 * 64 * 512 * 32768 B at 240 GB/s */
	ck_assert_double_eq_tol(o.term_s[PHASE_PREFILL][TERM_ATTEND],
				1073741824.0 / 240e9, 1e-12);
	/* K and V of 30 % of 64 * 543 tokens, X of the others' 542 */
	ck_assert_double_eq_tol(
		o.memory[ROOM_HOST_DECODE] - 0.25 * 32.0 * 402653184.0,
		32.0 * 64.0 * (0.3 * 543.0 * 16384.0 + 0.7 * 542.0 * 8192.0),
		1.0);
	/* embeddings, 24 layers and two quarters; 543 tokens of K and V, 527
	 * of X; hidden states, activations and logits */
	ck_assert_double_eq_tol(
		o.memory[ROOM_GPU_DECODE],
		2.0 * 52320.0 * 4096.0 + 24.5 * 402653184.0 +
			64.0 * (543.0 * 16384.0 + 0.7 * 527.0 * 8192.0) +
			128.0 * (5.0 * 4096.0 + 16384.0 + 50272.0), 1.0);
}
END_TEST

/*
 * Without what FlexGen leaves out, kvplan's terms are FlexGen's: what is
 * more is the queries and results on the link, the KV written back, and the
 * head; what is less, the pairs of tokens that are not causal.
 */
static double without(const struct placement_case *c, double requests,
		      int phase, int term, double seconds)
{
	double s = (double)c->prompt;

	if (term == TERM_GEMM)
		return seconds - requests * 2.0 * (double)c->model.hidden *
				 (double)c->model.vocab /
				 c->machine.gemm_decode_flop_per_s /
				 (double)c->model.layers;
	if (term == TERM_ATTEND && phase == PHASE_PREFILL)
		return seconds * 2.0 * s / (s + 1.0);
	return seconds;
}

/* Of the disk: one token less, whose K and V no step reads. */
static void check_disk(const struct placement_case *c,
		       const struct placement *p, double found,
		       double flexgens, size_t at)
{
	close_to(found + 4.0 * (double)c->model.hidden *
				 (double)c->model.layers *
				 (double)(p->batch * p->num_batches) *
				 p->share[SHARE_KV_DISK_HOST],
		 flexgens, "disk", at);
}

START_TEST(kvplan_has_flexgen_within_it)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, SEED + 1);
	for (size_t i = 0; i < CASES; i++) {
		struct placement_case c = random_place_case(rng, true);
		struct placement p = {
			.batch = random_case_size(rng, 1, 200),
			.num_batches = random_case_size(rng, 1, 20),
		};
		struct placement_costs theirs, ours;
		struct placement_outcome a, b;
		double requests = (double)(p.batch * p.num_batches);
		double h = (double)c.model.hidden, host;

		c.machine.hbm_bytes_per_s = 0.0;
		theirs = at_point(&c, &p);
		random_place_shares(rng, &theirs, p.share);
		a = placement_evaluate(&theirs, &p);
		c.flexgen = false;
		ours = at_point(&c, &p);
		b = placement_evaluate(&ours, &p);
		host = requests * (p.share[SHARE_KV_HOST] +
				   p.share[SHARE_KV_DISK_HOST]);
		for (int t = TERM_GEMM; t <= TERM_CPU; t++)
			for (int f = 0; f < PHASE_COUNT; f++)
				close_to(without(&c, requests, f, t,
						 b.term_s[f][t]),
					 a.term_s[f][t],
					 placement_term_title(
						 (enum placement_term)t), i);
		close_to(b.term_s[PHASE_DECODE][TERM_H2D],
			 a.term_s[PHASE_DECODE][TERM_H2D] +
				 2.0 * h * host / c.machine.h2d_bytes_per_s,
			 "load", i);
		close_to(b.term_s[PHASE_DECODE][TERM_D2H],
			 a.term_s[PHASE_DECODE][TERM_D2H] +
				 6.0 * h * host /
					 c.machine.d2h_cache_bytes_per_s,
			 "store", i);
		check_disk(&c, &p, b.memory[ROOM_DISK], a.memory[ROOM_DISK],
			   i);
		for (int m = ROOM_HOST_PREFILL; m <= ROOM_HOST_DECODE; m++)
			ck_assert_double_le(b.memory[m], a.memory[m]);
	}
	gsl_rng_free(rng);
}
END_TEST

/* No time and no memory within a box is below what its costs say. */
START_TEST(a_box_is_a_floor)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t below = 0;

	gsl_rng_set(rng, SEED + 2);
	for (size_t i = 0; i < 4 * CASES; i++) {
		struct placement_case c = random_place_case(rng, i % 2);
		struct placement_box x = { .batch_low = 1, .num_low = 1 };
		struct placement p;
		struct placement_costs box, point;
		struct placement_outcome floor, exact;

		x.batch_low = random_case_size(rng, 1, 100);
		x.batch_high = x.batch_low + random_case_size(rng, 0, 100);
		x.num_low = random_case_size(rng, 1, 3);
		x.num_high = x.num_low + random_case_size(rng, 0, 9);
		p.batch = random_case_size(rng, x.batch_low, x.batch_high);
		p.num_batches = random_case_size(rng, x.num_low, x.num_high);
		box = placement_costs_make(&c, &x);
		point = at_point(&c, &p);
		random_place_shares(rng, &point, p.share);
		floor = placement_evaluate(&box, &p);
		exact = placement_evaluate(&point, &p);
		below += floor.total_s < exact.total_s * (1.0 - CLOSE);
		if (floor.total_s > exact.total_s * (1.0 + CLOSE))
			ck_abort_msg("case %zu: %.17g above %.17g", i,
				     floor.total_s, exact.total_s);
		for (int m = 0; m < ROOM_COUNT; m++)
			ck_assert_double_le(floor.memory[m],
					    exact.memory[m] * (1.0 + CLOSE));
	}
	ck_assert_uint_gt(below, CASES / 4);
	gsl_rng_free(rng);
}
END_TEST

static void check_refused(const struct placement_case *c, const char *message)
{
	struct diag d = { "" };

	ck_assert_int_eq(placement_check(c, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, message);
}

START_TEST(what_has_no_answer_is_refused)
{
	struct placement_case c = random_place_opt30b(true).c;
	struct hardware hw = harness_hardware("t4");
	struct diag d = { "untouched" };

	ck_assert_int_eq(placement_check(&c, &d), STATUS_OK);
	c.gen = 1;
	check_refused(&c, "gen: found 1, expected 2 or more");
	c.gen = 1538;
	check_refused(&c, "a prompt of 512 and 1538 tokens generated take "
		      "2049 positions, opt-30b has 2048");
	c.gen = 1537;
	ck_assert_int_eq(placement_check(&c, &d), STATUS_OK);
	c.model = harness_model("llama-3.1-8b");
	check_refused(&c, "FlexGen's cost model is for multi-head attention "
		      "and two FFN matrices, which llama-3.1-8b does not "
		      "have");
	c.machine = offload_from_hardware(&hw);
	check_refused(&c, "t4 has not the figures of FlexGen's cost model, "
		      "which an offload profile states");
	c.flexgen = false;
	ck_assert_int_eq(placement_check(&c, &d), STATUS_OK);
	ck_assert_str_eq(d.text, "untouched");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/placement");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, flexgen_has_its_known_times);
	tcase_add_test(tc, flexgen_is_its_formulas);
	tcase_add_test(tc, kvplan_by_hand);
	tcase_add_test(tc, kvplan_has_flexgen_within_it);
	tcase_add_test(tc, a_box_is_a_floor);
	tcase_add_test(tc, what_has_no_answer_is_refused);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
