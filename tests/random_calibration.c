/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/random_calibration.h"

#include <math.h>

#include "base/xalloc.h"
#include "tests/random_case.h"

/* fixed + slope * size, times steps of up to a half. */
static struct curve draw_curve(gsl_rng *rng, double first, double last,
			       double fixed, double slope)
{
	struct curve c = { .n = random_case_size(rng, 1, 40),
			   .spread = 0.1 * gsl_rng_uniform(rng) };

	c.size = xcalloc(c.n, sizeof *c.size);
	c.time_s = xcalloc(c.n, sizeof *c.time_s);
	for (size_t i = 0; i < c.n; i++) {
		double at = c.n == 1 ? 0.5
				     : (double)i / (double)(c.n - 1);

		c.size[i] = first * pow(last / first, at);
		c.time_s[i] = (fixed + slope * c.size[i]) *
			      (1.0 + 0.5 * gsl_rng_uniform(rng));
	}
	return c;
}

static struct curve draw_copies(gsl_rng *rng,
				const struct hardware_direction *d)
{
	return draw_curve(rng, 1e3, 1e9, d->latency_s + 1e-7,
			  1.0 / d->bytes_per_s);
}

static void draw_lists(gsl_rng *rng, const struct hardware *hw,
		       struct calibration *c)
{
	c->nproducts = random_case_size(rng, 1, 4);
	c->products = xcalloc(c->nproducts, sizeof *c->products);
	for (size_t i = 0; i < c->nproducts; i++) {
		struct calibration_product *p = &c->products[i];

		p->n = (double)random_case_size(rng, 64, 20000);
		p->k = (double)random_case_size(rng, 64, 20000);
		p->rows = draw_curve(rng, 1.0, 1e4, hw->launch_s + 1e-7,
				     2.0 * p->n * p->k /
					     hardware_gemm_flop_per_s(hw));
	}
	c->nattention = random_case_size(rng, 0, 3);
	c->attention = xcalloc(c->nattention + 1, sizeof *c->attention);
	for (size_t i = 0; i < c->nattention; i++) {
		c->attention[i].sequences =
			(double)random_case_size(rng, 1, 1000);
		c->attention[i].bytes = draw_curve(
			rng, 1e4, 1e9, hw->launch_s + 1e-7,
			1.0 / hardware_hbm_bytes_per_s(hw));
	}
}

/* Curves of both, or of neither; a call takes a tenth of a millisecond.  What
 * is drawn next from `from` does not depend on them. */
static void draw_host(const gsl_rng *from, const struct hardware *hw,
		      struct calibration *c)
{
	gsl_rng *rng = gsl_rng_clone(from);
	const double rates[CALIBRATION_HOST] = {
		hw->host_attention_bytes_per_s, hw->host_copy_bytes_per_s };
	bool has = gsl_rng_uniform(rng) < 0.5;

	for (int i = 0; i < CALIBRATION_HOST; i++) {
		if (!has || !(rates[i] > 0.0))
			continue;
		c->host[i] = draw_curve(rng, 1e6, 1e9, 1e-4, 1.0 / rates[i]);
		c->at.host_bytes_per_s[i] = rates[i];
	}
	gsl_rng_free(rng);
}

void random_calibration_draw(gsl_rng *rng, struct hardware *hw)
{
	struct calibration *c = xcalloc(1, sizeof *c);

	c->at = (struct calibration_figures){
		.bytes_per_s = { hw->h2d.bytes_per_s, hw->d2h.bytes_per_s },
		.latency_s = { hw->h2d.latency_s, hw->d2h.latency_s },
		.gemm_flop_per_s = hardware_gemm_flop_per_s(hw),
		.hbm_bytes_per_s = hardware_hbm_bytes_per_s(hw),
		.launch_s = hw->launch_s,
	};
	c->pinned[0] = draw_copies(rng, &hw->h2d);
	if (gsl_rng_uniform(rng) < 0.8)
		c->pinned[1] = draw_copies(rng, &hw->d2h);
	draw_lists(rng, hw, c);
	for (int i = 0; i < KERNEL_CURVES; i++)
		if (gsl_rng_uniform(rng) < 0.8)
			c->kernels[i] = draw_curve(
				rng, 1e4, 1e8, hw->launch_s + 1e-7,
				1.0 / hardware_hbm_bytes_per_s(hw));
	draw_host(rng, hw, c);
	hw->calibration = c;
}
