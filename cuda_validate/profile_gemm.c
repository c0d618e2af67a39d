/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/profile.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"

/* A product that layers of some models need, M left open. */
struct shape {
	size_t n, k;
	bool many_rows;		/* M = b*l, not b */
	cJSON *uses;		/* array of "MODEL TASK" */
};

struct shapes {
	struct shape *list;
	size_t n;
};

static void need(struct shapes *all, const struct llm *m, const char *task,
		 size_t n, size_t k, bool many_rows)
{
	char use[PROFILE_NAME_SIZE + 16];
	size_t i = 0;

	while (i < all->n && (all->list[i].n != n || all->list[i].k != k))
		i++;
	if (i == all->n) {
		all->list = xrealloc_array(all->list, ++all->n,
					   sizeof *all->list);
		all->list[i] = (struct shape){
			.n = n, .k = k, .uses = cJSON_CreateArray() };
	}
	snprintf(use, sizeof use, "%s %s", m->name, task);
	cJSON_AddItemToArray(all->list[i].uses, cJSON_CreateString(use));
	all->list[i].many_rows = all->list[i].many_rows || many_rows;
}

/* The products of model/layer.c. */
static void need_model(struct shapes *all, const struct llm *m)
{
	size_t h = m->hidden, q = llm_query_width(m), k = llm_kv_width(m);

	need(all, m, "recompute", 2 * k, h, true);
	need(all, m, "project", q + 2 * k, h, false);
	need(all, m, "output", h, q, false);
	need(all, m, "ffn_up", m->ffn_gated ? 2 * m->ffn : m->ffn, h, false);
	need(all, m, "ffn_down", h, m->ffn, false);
	need(all, m, "head", m->vocab, h, false);
}

/*
 * The next M.  Tiles are 64 to 256 rows high, so time rises in steps; dense
 * enough to see each of them as long as a step matters.
 */
static size_t next_rows(size_t m, bool many_rows)
{
	if (m < 4)
		return m + 1;
	if (m < 16)
		return m + 4;
	if (m < 64)
		return m + 8;
	if (!many_rows)
		return m < 256 ? m + 32 : m + 128;
	if (m < 512)
		return m + 64;
	if (m < 8192)
		return m + 128;
	return m < 32768 ? m + 512 : m < 65536 ? m + 4096 : m + 8192;
}

static size_t most_rows(bool many_rows)
{
	return many_rows ? 131072 : 1024;
}

static size_t count_points(const struct shapes *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		for (size_t m = 1; m <= most_rows(all->list[i].many_rows);
		     m = next_rows(m, all->list[i].many_rows))
			n++;
	return n;
}

static cJSON *attributes(const struct shape *s)
{
	cJSON *a = cJSON_CreateObject();

	cJSON_AddNumberToObject(a, "n", (double)s->n);
	cJSON_AddNumberToObject(a, "k", (double)s->k);
	cJSON_AddStringToObject(a, "element", "fp16");
	cJSON_AddItemToObject(a, "uses", cJSON_Duplicate(s->uses, 1));
	return a;
}

/* Long products are few: the whole takes a minute. */
static struct timing_plan plan_for(const struct matmul_shape *s)
{
	double flop = 2.0 * (double)s->m * (double)s->n * (double)s->k;

	return (struct timing_plan){ .sample_s = 1e-3, .most_chain = 64,
				     .samples = flop > 1e13 ? 3 :
						flop > 2e12 ? 5 : 7 };
}

static bool curve(struct profile *p, const struct shape *s, size_t *done,
		  size_t points)
{
	static const char *const keys[] = { "m", "sm_mhz" };
	struct profile_product q = {
		.p = p, .shape = { .n = s->n, .k = s->k, .row = s->n } };
	struct timing_job job = { .issue = profile_issue_product,
				  .context = &q };

	samples_begin(p->samples, "gemm", attributes(s), keys, 2);
	for (size_t m = 1; m <= most_rows(s->many_rows);
	     m = next_rows(m, s->many_rows)) {
		struct timing_plan plan;
		struct timing t;
		double row[2] = { (double)m };

		q.shape.m = m;
		plan = plan_for(&q.shape);
		profile_progress(p, (double)(*done)++ / (double)points);
		if (!profile_product_fits(p, &q.shape))
			continue;
		if (!timer_device(p->timer, &job, &plan, &t))
			return false;
		row[1] = sensors_sm_mhz(p->sensors);
		samples_add(p->samples, row, &t);
	}
	return true;
}

/* One product over and over without a rest: whether the clocks stay. */
static bool sustained(struct profile *p, const struct shape *s)
{
	static const char *const keys[] = { "elapsed_s", "sm_mhz",
					    "power_w" };
	const double length_s = 2.5;
	struct profile_product q = {
		.p = p, .shape = { .m = 16384, .n = s->n, .k = s->k,
				   .row = s->n } };
	struct timing_job job = { .issue = profile_issue_product,
				  .context = &q };
	cJSON *a = attributes(s);
	double start, row[3];

	if (!profile_product_fits(p, &q.shape)) {
		cJSON_Delete(a);
		return true;
	}
	cJSON_AddNumberToObject(a, "m", (double)q.shape.m);
	samples_begin(p->samples, "gemm_sustained", a, keys, 3);
	start = timing_now_s();
	do {
		struct timing t;

		if (!timer_chain(p->timer, &job, 20, 1, &t))
			return false;
		row[0] = timing_now_s() - start;
		row[1] = sensors_sm_mhz(p->sensors);
		row[2] = sensors_power_w(p->sensors);
		samples_add(p->samples, row, &t);
	} while (row[0] < length_s);
	return true;
}

bool profile_gemm(struct profile *p)
{
	struct shapes all = { .n = 0 };
	size_t done = 0, points;
	bool ok = true;

	for (size_t i = 0; i < p->nmodels; i++)
		need_model(&all, &p->models[i]);
	points = count_points(&all);
	/* a product draws more power than a GPU may for long: measured at its
	 * full clocks, in a third of the time, and then as long as it goes */
	timer_rest(p->timer, 2.0);
	for (size_t i = 0; i < all.n && ok; i++)
		ok = curve(p, &all.list[i], &done, points);
	timer_rest(p->timer, 0.0);
	for (size_t i = 0; i < all.n && ok; i++)
		ok = !all.list[i].many_rows || sustained(p, &all.list[i]);
	for (size_t i = 0; i < all.n; i++)
		cJSON_Delete(all.list[i].uses);
	free(all.list);
	return ok;
}
