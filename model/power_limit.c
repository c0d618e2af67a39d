/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/power_limit.h"

#include <math.h>

/* Where the profile states none: the voltage goes with the clock. */
#define CLOCK_EXPONENT 0.5

struct settling {
	const struct hardware *hw;
	power_limit_rate *rate;
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

double power_limit_least(const struct hardware *hw)
{
	return hw->gemm_sustained_derate / hw->gemm_derate;
}

double power_limit_allowed(const struct hardware *hw, double flop_per_s)
{
	double least = power_limit_least(hw);
	double sustained = least * hardware_gemm_flop_per_s(hw);
	double exponent = hw->clock_exponent > 0.0 ? hw->clock_exponent
						   : CLOCK_EXPONENT;

	return flop_per_s > 0.0
		? least * pow(sustained / flop_per_s, exponent) : INFINITY;
}

/* By how much the limit allows more than `clock`; falls as that rises. */
static enum status slack(const struct settling *s, double clock,
			 double *more, struct diag *d)
{
	double rate;
	enum status st = s->rate(s->of, clock, &rate, d);

	if (st == STATUS_OK)
		*more = power_limit_allowed(s->hw, rate) - clock;
	return st;
}

/* Regula falsi; one end's value is halved when it stays (Illinois). */
static enum status settle(const struct settling *s, double *clock,
			  struct diag *d)
{
	double low = power_limit_least(s->hw), high = 1.0;
	double at_low, at_high, at, more = 0.0;
	enum status st = slack(s, high, &at_high, d);
	int stayed = 0;

	*clock = high;
	if (st != STATUS_OK || at_high >= 0.0)
		return st;
	st = slack(s, low, &at_low, d);
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
			       power_limit_rate *rate, void *of,
			       double *clock, struct diag *d)
{
	const struct settling s = { .hw = hw, .rate = rate, .of = of };

	*clock = 1.0;
	return power_limit_has(hw) ? settle(&s, clock, d) : STATUS_OK;
}
