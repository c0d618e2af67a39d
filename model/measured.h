/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measured.h - what work takes on a machine that was calibrated.
 *
 * By the curves of model/calibration.h, with nothing added:
 *
 *     copy:      pinned(bytes) or pageable(bytes); never less than bytes over
 *                the link's rate
 *     host:      attention on the CPU(bytes of KV), or a thread's copy(bytes);
 *                never less than bytes over the rate that the profile states
 *     kernels:   sum over GEMMs of  count * product(n, k)(m)
 *                + attention(sequences)(bytes of KV)
 *                + sum over small kernels of  kernel(bytes)
 *
 * Where work_rate() gives a copy or a host task less than the rate R that it
 * has alone, as where GPUs share the host, it takes
 *
 *     bytes * (1 / work_rate() - 1 / R)
 *
 * longer.  A small kernel without a curve takes launch_s + bytes / HBM rate.
 * Works that no curve is for take what the figures say.
 *
 * Figures that differ from those of the calibration change the curves.  Of a
 * time its launch or latency, or all if that is less, goes with that figure,
 * and the rest with the rates: that of the link, of the host or of device
 * memory, or, of a GEMM, as its roofline.  Nothing falls below its roofline
 * that was not measured below it.  So all rates doubled and all latencies
 * halved halve each time.  A GPU's lower clock (hardware.h) slows a GEMM with
 * its launch.
 */
#ifndef MODEL_MEASURED_H
#define MODEL_MEASURED_H

#include <stdbool.h>
#include <stddef.h>

#include "model/work.h"

/** Whether `w` takes what curves of `hw` say, and not its figures. */
bool measured_has(const struct work *w, const struct hardware *hw);

/*
 * A work on a machine, so that what it takes can be asked for many sizes: its
 * curves are found once.  Borrows both.  Open: plain data, of this module.
 */
struct measured_work {
	struct measured_part {
		const struct curve *curve;	/* NULL: scale and
						 * launch_now_s are all */
		struct amount size;
		double count, scale, ratio;
		double launch_s, launch_now_s;
		double least_s, roofline_s;	/* per unit of size */
		double more_s;			/* the same: what sharing
						 * adds, 1 / work_rate()
						 * - 1 / R */
		const struct gemm *gemm;	/* whose roofline, and ratio,
						 * it is */
		double element_bytes;
		double spread;
		const char *what;
	} part[WORK_MOST_GEMMS + WORK_MOST_KERNELS];
	size_t n;
	double gemm_then, gemm_full, gemm_now;	/* [FLOP/s] */
	double hbm_then, hbm_now;		/* [B/s] */
	double event_s;				/* work_event_s() */
};

/** `w`, for which measured_has(), on `hw`. */
struct measured_work measured_make(const struct work *w,
				   const struct hardware *hw);

/** Time [s] of the work, which is not empty: work_seconds(). */
double measured_at(const struct measured_work *m, double cached, double split);

/**
 * No more [s] than measured_at() at any split of `low` to `high`, none of which
 * leaves it empty; the same if that is one.
 */
double measured_least(const struct measured_work *m, double cached, double low,
		      double high);

/**
 * The same as a convex function of the split: exact for parts of the work that
 * it does not change; for the others the larger of the least time of their
 * curve and a line at its best rate.  Nowhere above measured_at().
 */
struct work_duration measured_duration(const struct measured_work *m,
				       double cached);

/**
 * Relative error of work_seconds(), one standard deviation: the spreads of the
 * curves weighted by their times, as if all of them erred together; 0 if `hw`
 * is a data sheet.
 */
double measured_spread(const struct work *w, const struct hardware *hw,
		       double cached, double split);

/* A curve that was asked for a size outside its range. */
struct measured_outside {
	const char *what;		/* "product", "norm", ...; static */
	double n, k;			/* of a product */
	double size, least, most;	/* what was asked, what was measured */
};

/** Whether a curve of `w` is asked outside its range, and the first. */
bool measured_is_outside(const struct work *w, const struct hardware *hw,
			 double cached, double split,
			 struct measured_outside *out);

#endif
