/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/power_limit.h"

#include <math.h>

/* Where the profile states none: the voltage goes with the clock. */
#define CLOCK_EXPONENT 0.5

struct settling {
	const struct hardware *hw;
	power_limit_load *find_load;
	void *of;
};

bool power_limit_has(const struct hardware *hw)
{
	return hw->gemm_sustained_derate > 0.0 &&
	       hw->gemm_sustained_derate < hw->gemm_derate;
}

struct hardware power_limit_machine(const struct hardware *hw, double clock)
{
	struct hardware slower = *hw;

	slower.full_gemm_derate = hw->gemm_derate;
	slower.gemm_derate *= clock;
	return slower;
}

double power_limit_sustained(const struct hardware *hw)
{
	return hw->gemm_sustained_derate / hw->gemm_derate;
}

static double clock_exponent(const struct hardware *hw)
{
	return hw->clock_exponent > 0.0 ? hw->clock_exponent : CLOCK_EXPONENT;
}

/* Of what c_1 R_0 draws, a byte: w over c_1^g [FLOP/B]. */
static double flop_of_byte(const struct hardware *hw)
{
	if (!(hw->byte_flop > 0.0))
		return 0.0;	/* whatever c_1^g is, 0 with the largest g */
	return hw->byte_flop *
	       pow(power_limit_sustained(hw), -1.0 / clock_exponent(hw));
}

static double sustained_flop_per_s(const struct hardware *hw)
{
	return power_limit_sustained(hw) * hardware_gemm_flop_per_s(hw);
}

double power_limit_slowest(const struct hardware *hw)
{
	double memory = flop_of_byte(hw) * hardware_hbm_bytes_per_s(hw) /
			sustained_flop_per_s(hw);
	double e = clock_exponent(hw);

	return fmax(POWER_LIMIT_SLOWEST, power_limit_sustained(hw) *
		    pow(fmax(0.0, 1.0 - memory), e / (1.0 + e)));
}

double power_limit_allowed(const struct hardware *hw,
			   const struct power_load *load)
{
	double left = sustained_flop_per_s(hw) -
		      flop_of_byte(hw) * load->bytes_per_s;

	if (!(load->flop_per_s > 0.0))
		return INFINITY;
	return power_limit_sustained(hw) *
	       pow(fmax(0.0, left) / load->flop_per_s, clock_exponent(hw));
}

/* Of logarithms, as c_1^g may be too small for a number. */
double power_limit_log_drawn(const struct hardware *hw, double clock,
			     const struct power_load *load)
{
	double c_1 = power_limit_sustained(hw), g = 1.0 / clock_exponent(hw);
	double products = g * log(clock / c_1) + log(load->flop_per_s);
	double memory = log(hw->byte_flop) + log(load->bytes_per_s) -
			g * log(c_1);
	double more = fmax(products, memory);

	return more + log1p(exp(fmin(products, memory) - more)) -
	       log(sustained_flop_per_s(hw));
}

/* By how much the limit allows more than `clock`; falls as that rises. */
static enum status slack(const struct settling *s, double clock,
			 double *more, struct diag *d)
{
	struct power_load load;
	enum status st = s->find_load(s->of, clock, &load, d);

	if (st == STATUS_OK)
		*more = power_limit_allowed(s->hw, &load) - clock;
	return st;
}

/* Regula falsi; one end's value is halved when it stays (Illinois). */
static enum status settle(const struct settling *s, double *clock,
			  struct diag *d)
{
	double slowest = power_limit_slowest(s->hw), low, high = 1.0;
	double at_low, at_high, at, more = 0.0;
	enum status st = slack(s, high, &at_high, d);
	int stayed = 0;

	*clock = high;
	if (st != STATUS_OK || at_high >= 0.0)
		return st;
	/* what is allowed beside the most load is allowed beside less */
	low = fmax(slowest, high + at_high);
	st = slack(s, low, &at_low, d);
	if (st == STATUS_OK && at_low < 0.0 && low > slowest) {
		low = slowest;
		st = slack(s, low, &at_low, d);
	}
	*clock = low;
	if (st != STATUS_OK || at_low <= 0.0)
		return st;
	while (st == STATUS_OK && high - low > POWER_LIMIT_TOLERANCE) {
		at = low + (high - low) * at_low / (at_low - at_high);
		st = slack(s, at, &more, d);
		*clock = at;
		if (st != STATUS_OK || fabs(more) <= POWER_LIMIT_TOLERANCE)
			break;
		if (more > 0.0) {
			low = at;
			at_low = more;
			at_high *= stayed > 0 ? 0.5 : 1.0;
			stayed = 1;
		} else {
			high = at;
			at_high = more;
			at_low *= stayed < 0 ? 0.5 : 1.0;
			stayed = -1;
		}
	}
	/* a step: what is done below it settles above, so at a higher clock */
	if (st == STATUS_OK && more < -POWER_LIMIT_TOLERANCE) {
		*clock = low;
		st = slack(s, low, &more, d);
	}
	return st;
}

enum status power_limit_settle(const struct hardware *hw,
			       power_limit_load *find_load, void *of,
			       double *clock, struct diag *d)
{
	const struct settling s = { .hw = hw, .find_load = find_load,
				   .of = of };

	*clock = 1.0;
	return power_limit_has(hw) ? settle(&s, clock, d) : STATUS_OK;
}
