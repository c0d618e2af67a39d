/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sampled.h - the points of each curve of a machine, out of its samples.
 *
 * Which series go where:
 *
 *   pinned, pageable    transfer, mode queued
 *   duplex              transfer_contended against the other direction, and
 *                       products at most; copies of 64 MiB or more against
 *                       16 MiB or more: bytes -> [s] at the rate of both
 *                       directions together
 *   products            gemm; gemm_sustained's later half for the rate
 *   attention           attention, by requests times KV heads
 *   kernels             elementwise of all models together, points of like
 *                       size merged and made to rise; copy is device_memory's
 *                       copy_kernel, by bytes read and written
 *   small               elementwise as it was measured
 *   event               execute, events in a chain
 *   handoff             relay, a kernel and a copy of up to 1 MiB on two
 *                       streams that wait for one another: bytes -> half of
 *                       what is left of the time without the two and the
 *                       kernel's event
 *   hbm                 device_memory, read
 *   host_copy           host_copy by one thread, pageable to pinned
 *   host_attention      host_attention, of the code and threads that are best
 *   host                what the host does as a run does it, alone, points of
 *                       like size merged and made to rise: host_attend, by the
 *                       most threads and without a pause, and host_stage
 *   links               links, each row
 *   power               power, the later half of each series.  What a burst's
 *                       time has before its products begin is taken off: the
 *                       least by which any burst at the rested clock is longer
 *                       than its rested products.  Older samples are timed from
 *                       before the first product is issued; now a product that
 *                       is not timed comes first, and little is left
 */
#ifndef MODEL_SAMPLED_H
#define MODEL_SAMPLED_H

#include <stdbool.h>

#include "model/calibration.h"
#include "model/fit.h"
#include "model/measurements.h"

struct sampled_product {
	double n, k;
	struct fit_points rows;		/* m -> [s] */
	double sustained_flop_per_s;	/* 0: not measured */
};

struct sampled_attention {
	double sequences;
	struct fit_points bytes;
};

/* A GPU's copies in one direction while other GPUs do the same. */
struct sampled_link {
	size_t gpus;			/* at once, this one too */
	double gpu;			/* its number */
	size_t way;			/* CALIBRATION_H2D, _D2H */
	bool both;			/* the other direction is busy too */
	double bytes_per_s;
};

/* Products with rests between, once the clock has settled. */
struct sampled_power {
	double n, k;
	double duty, burst_s;		/* asked for; NAN: not known */
	double flop_per_s, bytes_per_s;	/* of rested ones that never pause:
					 * FLOP, and bytes of the three
					 * matrices; NAN: not known */
	double share;			/* of the time that they ran */
	double speed;			/* rested time over the time: c */
	double clock;			/* of the SMs, over the rested one; NAN:
					 * not known */
};

struct sampled {
	struct fit_points pinned[CALIBRATION_DIRECTIONS];
	struct fit_points pageable[CALIBRATION_DIRECTIONS];
	struct fit_points duplex;
	struct sampled_product *products;
	size_t nproducts;
	struct sampled_attention *attention;
	size_t nattention;
	struct fit_points kernels[KERNEL_CURVES];
	struct fit_points small, hbm, host_copy, host_attention;
	struct fit_points host[CALIBRATION_HOST];
	struct fit_points handoff;
	double event_s;			/* 0: not measured */
	struct sampled_link *links;
	size_t nlinks;
	struct sampled_power *power;
	size_t npower;
};

/** Sort out `m`; sampled_clear() releases what `s` owns. */
void sampled_make(const struct measurements *m, struct sampled *s);
void sampled_clear(struct sampled *s);

#endif
