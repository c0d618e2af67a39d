/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/host_attention.h"

#include <math.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAVE_VECTORS 1
#else
#define HAVE_VECTORS 0
#endif

#include "cuda_validate/half.h"

/* One query head's softmax so far. */
struct state {
	float max, sum;
	float *out;
};

int host_attention_is_vectorised(void)
{
#if HAVE_VECTORS
	/* clang cannot ask for f16c; no CPU has avx2 and fma without it */
	return __builtin_cpu_supports("avx2") &&
	       __builtin_cpu_supports("fma");
#else
	return 0;
#endif
}

static float dot_portable(const float *q, const uint16_t *k, size_t n)
{
	float sum = 0.0f;

	for (size_t i = 0; i < n; i++)
		sum += q[i] * half_to_float(k[i]);
	return sum;
}

/* out = out * keep + v * weight */
static void add_portable(float *out, const uint16_t *v, size_t n, float keep,
			 float weight)
{
	for (size_t i = 0; i < n; i++)
		out[i] = out[i] * keep + half_to_float(v[i]) * weight;
}

#if HAVE_VECTORS
#define VECTORS __attribute__((target("avx2,fma,f16c")))

VECTORS static float dot_vector(const float *q, const uint16_t *k, size_t n)
{
	__m256 a = _mm256_setzero_ps(), b = _mm256_setzero_ps();
	__m128 half;
	size_t i = 0;

	for (; i + 16 <= n; i += 16) {
		__m256 x = _mm256_cvtph_ps(
			_mm_loadu_si128((const __m128i *)(k + i)));
		__m256 y = _mm256_cvtph_ps(
			_mm_loadu_si128((const __m128i *)(k + i + 8)));

		a = _mm256_fmadd_ps(x, _mm256_loadu_ps(q + i), a);
		b = _mm256_fmadd_ps(y, _mm256_loadu_ps(q + i + 8), b);
	}
	for (; i < n; i += 8)
		a = _mm256_fmadd_ps(_mm256_cvtph_ps(_mm_loadu_si128(
					    (const __m128i *)(k + i))),
				    _mm256_loadu_ps(q + i), a);
	a = _mm256_add_ps(a, b);
	half = _mm_add_ps(_mm256_castps256_ps128(a),
			  _mm256_extractf128_ps(a, 1));
	half = _mm_add_ps(half, _mm_movehl_ps(half, half));
	half = _mm_add_ss(half, _mm_movehdup_ps(half));
	return _mm_cvtss_f32(half);
}

VECTORS static void add_vector(float *out, const uint16_t *v, size_t n,
			       float keep, float weight)
{
	__m256 old = _mm256_set1_ps(keep), new = _mm256_set1_ps(weight);

	for (size_t i = 0; i < n; i += 8) {
		__m256 x = _mm256_mul_ps(_mm256_loadu_ps(out + i), old);
		__m256 y = _mm256_cvtph_ps(
			_mm_loadu_si128((const __m128i *)(v + i)));

		_mm256_storeu_ps(out + i, _mm256_fmadd_ps(y, new, x));
	}
}
#endif

/* Take in one token: its score against q, then its V. */
static void take(const struct host_attention *a, struct state *s,
		 const float *q, const uint16_t *k, const uint16_t *v,
		 int vectors)
{
	size_t n = a->cache.head_dim;
	float score, top, keep, weight;

#if HAVE_VECTORS
	score = a->scale * (vectors ? dot_vector(q, k, n)
				    : dot_portable(q, k, n));
#else
	score = a->scale * dot_portable(q, k, n);
#endif
	top = fmaxf(s->max, score);
	keep = score > s->max ? expf(s->max - top) : 1.0f;
	weight = score > s->max ? 1.0f : expf(score - top);
	s->max = top;
	s->sum = s->sum * keep + weight;
#if HAVE_VECTORS
	if (vectors) {
		add_vector(s->out, v, n, keep, weight);
		return;
	}
#else
	(void)vectors;
#endif
	add_portable(s->out, v, n, keep, weight);
}

/*
 * The KV heads [first, last) of one request.  Tokens outside and heads
 * inside: the cache is read once and in the order in which it lies.
 */
static void attend(const struct host_attention *a, size_t request,
		   size_t first, size_t last, int vectors)
{
	const struct cache *c = &a->cache;
	size_t width = cache_kv_width(c), group = c->heads / c->kv_heads;
	const float *q = a->q + request * cache_query_width(c);
	float *out = a->out + request * cache_query_width(c);
	struct state states[512];

	for (size_t h = first * group; h < last * group; h++) {
		states[h - first * group] = (struct state){
			.max = -INFINITY, .out = out + h * c->head_dim };
		for (size_t i = 0; i < c->head_dim; i++)
			out[h * c->head_dim + i] = 0.0f;
	}
	for (size_t t = 0; t < a->tokens; t++) {
		const uint16_t *k = a->kv + (t * c->batch + request) *
					    2 * width;

		for (size_t h = first * group; h < last * group; h++) {
			size_t at = h / group * c->head_dim;

			take(a, &states[h - first * group],
			     q + h * c->head_dim, k + at, k + width + at,
			     vectors);
		}
	}
	for (size_t h = first * group; h < last * group; h++)
		for (size_t i = 0; i < c->head_dim; i++)
			out[h * c->head_dim + i] /=
				states[h - first * group].sum;
}

/* Thread `i` of `n`: every n-th piece, a piece being some heads of one
 * request. */
static void work(void *context, size_t i, size_t n)
{
	const struct host_attention *a = context;
	size_t pieces = 1, heads = a->cache.kv_heads;
	int vectors = !a->portable && host_attention_is_vectorised();

	/* no more states than attend() has room for, no idle threads */
	while (pieces < heads &&
	       (a->cache.batch * pieces < n ||
		a->cache.heads / pieces > 512))
		pieces *= 2;
	if (pieces > heads)
		pieces = heads;
	for (size_t p = i; p < a->cache.batch * pieces; p += n) {
		size_t part = p % pieces;

		attend(a, p / pieces, part * heads / pieces,
		       (part + 1) * heads / pieces, vectors);
	}
}

void host_attention_run(struct host_attention *a, struct threads *t)
{
	threads_run(t, work, a);
}
