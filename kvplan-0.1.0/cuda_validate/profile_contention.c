/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/profile.h"

#include "cuda_validate/contention.h"

/* What can go on at the same time. */
enum actor { ACTOR_H2D, ACTOR_D2H, ACTOR_GEMM, ACTOR_MEMORY, ACTORS };

static const char *const actor_names[ACTORS] = { "h2d", "d2h", "gemm",
						 "memory" };

struct cast {
	struct profile_copy copies[PROFILE_DIRECTIONS];
	struct profile_product product;
	struct profile_move move;
	struct timing_job jobs[ACTORS];
};

static void fill(struct cast *c, struct profile *p)
{
	for (int d = 0; d < PROFILE_DIRECTIONS; d++) {
		c->copies[d] = (struct profile_copy){
			.p = p, .direction = (enum profile_direction)d };
		c->jobs[d] = (struct timing_job){
			.issue = profile_issue_copy,
			.context = &c->copies[d] };
	}
	c->product = (struct profile_product){
		.p = p, .shape = { .m = 4096, .n = 8192, .k = 4096,
				   .row = 8192 } };
	c->move = (struct profile_move){ .p = p, .bytes = 512 << 20 };
	c->jobs[ACTOR_GEMM] = (struct timing_job){
		.issue = profile_issue_product, .context = &c->product };
	c->jobs[ACTOR_MEMORY] = (struct timing_job){
		.issue = profile_issue_move, .context = &c->move };
}

static const struct timing_plan plan = {
	.sample_s = 2e-3, .most_chain = 100, .samples = 7
};

/* Copies of all sizes while `n` loads go on. */
static bool copy_against(struct profile *p, struct cast *c,
			 enum actor copy, const enum actor *loads, size_t n,
			 size_t load_bytes)
{
	static const char *const keys[] = { "bytes" };
	struct timing_job against[CONTENTION_MOST_LOADS];
	cJSON *a = cJSON_CreateObject(), *list;

	cJSON_AddStringToObject(a, "direction", actor_names[copy]);
	list = cJSON_AddArrayToObject(a, "against");
	for (size_t i = 0; i < n; i++) {
		cJSON_AddItemToArray(list,
				     cJSON_CreateString(actor_names[loads[i]]));
		against[i] = c->jobs[loads[i]];
		if (loads[i] < ACTOR_GEMM)
			c->copies[loads[i]].bytes = load_bytes;
	}
	if (load_bytes != 0)
		cJSON_AddNumberToObject(a, "against_bytes",
					(double)load_bytes);
	samples_begin(p->samples, "transfer_contended", a, keys, 1);
	for (size_t bytes = 64 << 10; bytes <= 512 << 20; bytes *= 2) {
		struct timing t;

		c->copies[copy].bytes = bytes;
		if (!contention_measure(p->g, p->timer, &c->jobs[copy], &plan,
					against, n, &t))
			return false;
		if (t.n > 0)
			samples_add(p->samples, &(double){ (double)bytes },
				    &t);
	}
	return true;
}

/* A kernel while copies go on; with no load, alone. */
static bool kernel_against(struct profile *p, struct cast *c,
			   enum actor kernel, const enum actor *loads,
			   size_t n)
{
	struct timing_job against[CONTENTION_MOST_LOADS];
	cJSON *a = cJSON_CreateObject(), *list;
	struct timing t;

	cJSON_AddStringToObject(a, "kernel", actor_names[kernel]);
	if (kernel == ACTOR_GEMM) {
		cJSON_AddNumberToObject(a, "m", (double)c->product.shape.m);
		cJSON_AddNumberToObject(a, "n", (double)c->product.shape.n);
		cJSON_AddNumberToObject(a, "k", (double)c->product.shape.k);
	} else {
		cJSON_AddNumberToObject(a, "bytes", (double)c->move.bytes);
	}
	list = cJSON_AddArrayToObject(a, "against");
	for (size_t i = 0; i < n; i++) {
		cJSON_AddItemToArray(list,
				     cJSON_CreateString(actor_names[loads[i]]));
		against[i] = c->jobs[loads[i]];
		c->copies[loads[i]].bytes = 64 << 20;
	}
	samples_begin(p->samples, "kernel_contended", a, NULL, 0);
	if (n == 0 ? !timer_device(p->timer, &c->jobs[kernel], &plan, &t)
		   : !contention_measure(p->g, p->timer, &c->jobs[kernel],
					 &plan, against, n, &t))
		return false;
	if (t.n > 0)
		samples_add(p->samples, NULL, &t);
	return true;
}

bool profile_contention(struct profile *p)
{
	static const enum actor both[] = { ACTOR_H2D, ACTOR_D2H };
	static const size_t sizes[] = { 1 << 20, 16 << 20, 256 << 20 };
	static const enum actor kernels[] = { ACTOR_GEMM, ACTOR_MEMORY };
	struct cast c;
	const double parts = 2.0 * 6.0 + 2.0;
	double done = 0.0;

	fill(&c, p);
	/* kernels first, and rests: always at the same clocks */
	timer_rest(p->timer, 2.0);
	for (size_t i = 0; i < 2; i++) {
		if (!kernel_against(p, &c, kernels[i], NULL, 0) ||
		    !kernel_against(p, &c, kernels[i], &both[0], 1) ||
		    !kernel_against(p, &c, kernels[i], &both[1], 1) ||
		    !kernel_against(p, &c, kernels[i], both, 2))
			return false;
		profile_progress(p, ++done / parts);
	}
	for (int d = ACTOR_H2D; d <= ACTOR_D2H; d++) {
		enum actor mine = (enum actor)d;
		enum actor other = mine == ACTOR_H2D ? ACTOR_D2H : ACTOR_H2D;

		for (size_t i = 0; i < 3; i++) {
			if (!copy_against(p, &c, mine, &other, 1, sizes[i]))
				return false;
			profile_progress(p, ++done / parts);
		}
		for (size_t i = 0; i < 2; i++) {
			if (!copy_against(p, &c, mine, &kernels[i], 1, 0))
				return false;
			profile_progress(p, ++done / parts);
		}
		if (!copy_against(p, &c, mine, (const enum actor[]){
					other, ACTOR_GEMM }, 2, 16 << 20))
			return false;
		profile_progress(p, ++done / parts);
	}
	timer_rest(p->timer, 0.0);
	return true;
}
