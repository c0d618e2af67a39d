/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/reference.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "cuda_validate/half.h"

double reference_dot(const uint16_t *x, const uint16_t *w, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += (double)half_to_float(x[i]) *
		       (double)half_to_float(w[i]);
	return sum;
}

void reference_project(const uint16_t *x, const uint16_t *w, size_t h,
		       size_t head_dim, double base, size_t position,
		       double *out)
{
	size_t half = head_dim / 2;

	for (size_t j = 0; j < head_dim; j++)
		out[j] = reference_dot(x, w + j * h, h);
	if (!(base > 0.0))
		return;
	for (size_t i = 0; i < half; i++) {
		double angle = (double)position *
			       pow(base, -(double)i / (double)half);
		double a = out[i], b = out[half + i];

		out[i] = a * cos(angle) - b * sin(angle);
		out[half + i] = b * cos(angle) + a * sin(angle);
	}
}

void reference_attention(const double *q, const double *k, const double *v,
			 size_t tokens, size_t head_dim, double scale,
			 double *out)
{
	double *score = xcalloc(tokens, sizeof *score);
	double top = -INFINITY, sum = 0.0;

	for (size_t t = 0; t < tokens; t++) {
		for (size_t j = 0; j < head_dim; j++)
			score[t] += scale * q[j] * k[t * head_dim + j];
		top = fmax(top, score[t]);
	}
	for (size_t j = 0; j < head_dim; j++)
		out[j] = 0.0;
	for (size_t t = 0; t < tokens; t++) {
		double p = exp(score[t] - top);

		sum += p;
		for (size_t j = 0; j < head_dim; j++)
			out[j] += p * v[t * head_dim + j];
	}
	for (size_t j = 0; j < head_dim; j++)
		out[j] /= sum;
	free(score);
}

void reference_add(struct reference_error *e, double found, double right)
{
	if (isnan(found)) {
		e->nans++;
		return;
	}
	e->difference_squared += (found - right) * (found - right);
	e->reference_squared += right * right;
}

double reference_relative(const struct reference_error *e)
{
	if (!(e->reference_squared > 0.0))
		return 0.0;
	return sqrt(e->difference_squared / e->reference_squared);
}
