/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/check.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include <cuda_runtime_api.h>

#include "base/xalloc.h"
#include "cuda_validate/check_step.h"
#include "cuda_validate/compare.h"
#include "cuda_validate/half.h"
#include "cuda_validate/reference.h"

/* A rounding to fp16, 10 bits of fraction, moves a number by this share. */
static const double rounding = 0x1p-11;

struct findings {
	struct check_step step;
	struct check_result *results;
	size_t n;
};

const char *check_mistake_name(enum check_mistake m)
{
	static const char *const names[CHECK_MISTAKES] = {
		"none", "split", "tail", "length"
	};

	return names[m];
}

static void add(struct findings *f, const char *what, double error,
		double allowed, size_t unwritten, size_t compared)
{
	f->results[f->n++] = (struct check_result){
		.what = what, .error = error, .allowed = allowed,
		.unwritten = unwritten, .compared = compared,
		.passed = unwritten == 0 && compared > 0 && error <= allowed,
	};
}

/* Compare on the GPU; with no roundings allowed, bit by bit. */
static bool compare(struct findings *f, const char *what,
		    const struct compare_span *span, double roundings)
{
	struct device *g = f->step.g;
	struct buffer sums = { .data = NULL };
	struct compare_sums found;
	double error = 0.0;
	bool ok;

	if (span->rows == 0)
		return true;
	ok = buffer_alloc(g, BUFFER_DEVICE, sizeof found, &sums) &&
	     device_ok(g, cudaMemset(sums.data, 0, sums.bytes),
		       "cudaMemset") &&
	     device_ok(g, compare_run(span, sums.data, NULL), "comparison") &&
	     device_ok(g, cudaMemcpy(&found, sums.data, sizeof found,
				     cudaMemcpyDeviceToHost), "cudaMemcpy");
	buffer_free(&sums);
	if (!ok)
		return false;
	if (found.reference_squared > 0.0)
		error = sqrt(found.difference_squared /
			     found.reference_squared);
	/* equal bits are asked for: say so even of a difference that the
	 * norm does not see */
	if (!(roundings > 0.0) && found.differ > 0 && !(error > 0.0))
		error = 1.0;
	add(f, what, error, roundings * rounding, found.nans,
	    span->rows * span->columns);
	return true;
}

/* Joined against whole, by part of the cache and in the output. */
static bool compare_parts(struct findings *f)
{
	const struct check_step *s = &f->step;
	const struct check_case *c = s->c;
	const struct cache *k = &c->cache;
	size_t width = cache_kv_width(k), b = k->batch;
	size_t prefix = c->split * b, rest = (c->length - c->split) * b;
	const char *joined = s->joined.data, *whole = s->whole.data;
	size_t split = cache_kv_bytes(k, c->split);
	size_t end = cache_kv_bytes(k, c->length);
	/* rows begin with K, then V */
	const struct compare_span spans[] = {
		{ prefix, width, 2 * width, joined, whole },
		{ prefix, width, 2 * width, joined + 2 * width,
		  whole + 2 * width },
		{ rest, 2 * width, 2 * width, joined + split, whole + split },
		{ b, 2 * width, 2 * width, joined + end, whole + end },
		{ b, cache_query_width(k), cache_query_width(k),
		  s->out_joined.data, s->out_whole.data },
	};
	double k_roundings = c->rotary ? 2.0 : 1.0;

	return compare(f, "K, recomputed and stored", &spans[0],
		       2.0 * k_roundings) &&
	       compare(f, "V, recomputed and stored", &spans[1], 2.0) &&
	       compare(f, "K and V, loaded and stored", &spans[2], 0.0) &&
	       compare(f, "new K and V, joined and whole", &spans[3], 0.0) &&
	       /* V and the output of each, and K by way of the scores */
	       compare(f, "attention, joined and whole", &spans[4],
		       4.0 + 2.0 * k_roundings);
}

/* What the step sent to the host is what it has on the GPU. */
static bool compare_stored(struct findings *f)
{
	const struct check_step *s = &f->step;
	const struct cache *k = &s->c->cache;
	size_t end = cache_kv_bytes(k, s->c->length);
	size_t n = cache_kv_bytes(k, 1) / CACHE_ELEMENT_BYTES, nans = 0;
	uint16_t *whole = xcalloc(n, sizeof *whole);
	const uint16_t *host = buffer_at(&s->kv_host, end);
	size_t differ = 0;
	bool ok = device_ok(s->g, cudaMemcpy(whole, buffer_at(&s->whole, end),
					     n * sizeof *whole,
					     cudaMemcpyDeviceToHost),
			    "cudaMemcpy");

	for (size_t i = 0; i < n && ok; i++) {
		differ += host[i] != whole[i];
		nans += isnan(half_to_float(host[i])) != 0;
	}
	if (ok)
		add(f, "new K and V, GPU and host",
		    (double)differ / (double)n, 0.0, nans, n);
	free(whole);
	return ok;
}

/* Numbers that are the same for the same seed, on every machine. */
static size_t draw(unsigned long long *state, size_t below)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (size_t)(*state >> 33) % below;
}

/* Read one head's columns of `tokens` tokens of the joined cache. */
static bool read_head(struct findings *f, size_t request, size_t column,
		      size_t tokens, uint16_t *to)
{
	const struct check_step *s = &f->step;
	const struct cache *k = &s->c->cache;
	size_t line = 2 * cache_kv_width(k);
	size_t width = k->head_dim * CACHE_ELEMENT_BYTES;

	return device_ok(s->g, cudaMemcpy2D(
			to, width, buffer_at(&s->joined,
				2 * (request * line + column)),
			cache_kv_bytes(k, 1), width, tokens,
			cudaMemcpyDeviceToHost), "cudaMemcpy2D");
}

static bool read_halves(struct findings *f, const struct buffer *b,
			size_t first, size_t n, uint16_t *to)
{
	return device_ok(f->step.g, cudaMemcpy(
			to, buffer_at(b, 2 * first), 2 * n,
			cudaMemcpyDeviceToHost), "cudaMemcpy");
}

/* Heads of K and V of any token against fp64. */
static bool reference_kv(struct findings *f)
{
	enum { HEADS = 96 };
	const struct check_step *s = &f->step;
	const struct check_case *c = s->c;
	const struct cache *k = &c->cache;
	size_t width = cache_kv_width(k), h = k->hidden, d = k->head_dim;
	uint16_t *w = xcalloc(d * h, sizeof *w), *found = xcalloc(d, 2);
	double *right = xcalloc(d, sizeof *right);
	struct reference_error errors[2] = { { 0.0, 0.0, 0 },
					     { 0.0, 0.0, 0 } };
	unsigned long long state = c->seed;
	bool ok = true;

	for (size_t i = 0; i < HEADS && ok; i++) {
		size_t token = draw(&state, c->length + 1), v = i % 2;
		size_t request = draw(&state, k->batch);
		size_t head = draw(&state, k->kv_heads);
		size_t line = token * k->batch + request;
		size_t column = v * width + head * d;

		ok = read_halves(f, &s->weights,
				 (cache_query_width(k) + column) * h, d * h,
				 w) &&
		     read_halves(f, &s->joined, line * 2 * width + column, d,
				 found);
		reference_project((uint16_t *)s->x_host.data + line * h, w, h,
				  d, v == 0 && c->rotary ?
				  CHECK_STEP_ROTARY_BASE : 0.0, token, right);
		for (size_t j = 0; j < d; j++)
			reference_add(&errors[v],
				      (double)half_to_float(found[j]),
				      right[j]);
	}
	free(w);
	free(found);
	free(right);
	if (!ok)
		return false;
	add(f, "K, joined and fp64", reference_relative(&errors[0]),
	    (c->rotary ? 2.0 : 1.0) * rounding, errors[0].nans,
	    HEADS / 2 * d);
	add(f, "V, joined and fp64", reference_relative(&errors[1]), rounding,
	    errors[1].nans, HEADS / 2 * d);
	return true;
}

static void to_doubles(const uint16_t *from, size_t n, double *to)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (double)half_to_float(from[i]);
}

/* The output of some heads against fp64 over the cache as it is. */
static bool reference_output(struct findings *f)
{
	enum { HEADS = 24 };
	const struct check_step *s = &f->step;
	const struct check_case *c = s->c;
	const struct cache *k = &c->cache;
	size_t tokens = c->length + 1, d = k->head_dim, n = tokens * d;
	size_t width = cache_kv_width(k), q_width = cache_query_width(k);
	uint16_t *raw = xcalloc(n, sizeof *raw);
	double *keys = xcalloc(n, sizeof *keys);
	double *values = xcalloc(n, sizeof *values);
	double *q = xcalloc(d, sizeof *q), *right = xcalloc(d, sizeof *right);
	struct reference_error e = { 0.0, 0.0, 0 };
	unsigned long long state = c->seed + 1;
	bool ok = true;

	for (size_t i = 0; i < HEADS && ok; i++) {
		size_t request = draw(&state, k->batch);
		size_t head = draw(&state, k->heads);
		size_t column = head / (k->heads / k->kv_heads) * d;

		ok = read_head(f, request, column, tokens, raw);
		to_doubles(raw, n, keys);
		ok = ok && read_head(f, request, width + column, tokens, raw);
		to_doubles(raw, n, values);
		ok = ok && read_halves(f, &s->qkv,
				       request * (q_width + 2 * width) +
					       head * d, d, raw);
		to_doubles(raw, d, q);
		reference_attention(q, keys, values, tokens, d,
				    1.0 / sqrt((double)d), right);
		ok = ok && read_halves(f, &s->out_joined,
				       request * q_width + head * d, d, raw);
		for (size_t j = 0; j < d; j++)
			reference_add(&e, (double)half_to_float(raw[j]),
				      right[j]);
	}
	if (ok)		/* one rounding, and what fp32 adds */
		add(f, "attention, joined and fp64", reference_relative(&e),
		    1.5 * rounding, e.nans, HEADS * d);
	free(raw);
	free(keys);
	free(values);
	free(q);
	free(right);
	return ok;
}

bool check_run(struct device *g, const struct check_case *c,
	       struct check_result results[CHECK_MOST_RESULTS], size_t *n)
{
	struct findings f = { .step = { .g = g, .c = c },
			      .results = results };
	bool ok = check_step_open(&f.step) && check_step_run(&f.step) &&
		  compare_parts(&f) && compare_stored(&f) &&
		  reference_kv(&f) && reference_output(&f);

	check_step_close(&f.step);
	*n = f.n;
	return ok && !device_failed(g);
}
