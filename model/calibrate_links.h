/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * calibrate_links.h - what the links of several GPUs on one host share.
 *
 * Copies of the first 1, 2, ... n GPUs at once, in one direction or in both.
 * A GPU alone has the rates that it has alone.  Several have these as well, or
 * share one limit max-min fairly, as the simulator's machine does
 * (sim/topology.h): one on all copies together (host.root_bytes_per_s), or one
 * each way for the first k GPUs, the next k, ... (host.switch_bytes_per_s with
 * host.gpus_per_switch = k).  Beside the former, copies to the GPUs may have a
 * limit of their own while all GPUs copy both ways (host.root_h2d_bytes_per_s).
 * Rates are those of model/link_chains.h.  Out of memory ends the program;
 * nothing else can fail.
 */
#ifndef MODEL_CALIBRATE_LINKS_H
#define MODEL_CALIBRATE_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/fit.h"
#include "model/fitted.h"
#include "model/sampled.h"

/*
 * By how much rates that share nothing may fall nevertheless: repeats, and
 * copies that do not begin and end together.
 */
#define CALIBRATE_LINKS_WITHIN 0.03

struct calibrate_links {
	size_t gpus;			/* at once, at most; 0: fewer than two
					 * were measured */
	size_t copies;			/* flows that the residual is of */
	size_t per_switch;		/* k; 0: all copies share the limit */
	double limit_bytes_per_s;	/* 0: none was found */
	double h2d_bytes_per_s;		/* of those to the GPUs, while all
					 * copy both ways; 0: none */
	double most_bytes_per_s;	/* of all GPUs together, measured */
	struct fit_residual residual;	/* of the flows' times, with the limit
					 * or without any */
	bool several;			/* rms over CALIBRATE_LINKS_WITHIN:
					 * they share more than one limit */
};

/**
 * What the links of `s` share.  A limit is taken for one if some group that
 * would share it has over CALIBRATE_LINKS_WITHIN less together than each alone;
 * it is the median of what such groups have.  Of root complex and switches of
 * 2, 3, ... GPUs it is the one that leaves the least residual.  If a root
 * complex's rms is over CALIBRATE_LINKS_WITHIN, the limit to the GPUs is the
 * median of what they have with both directions busy where that is so much less
 * than their part of the root's.
 */
struct calibrate_links calibrate_links_fit(const struct sampled *s);

/**
 * Put that into the profile: the figures of the limit, or none, whatever the
 * base says.  Nothing happens if links of several GPUs were not measured.
 */
void calibrate_links_set(struct fitted *k);

#endif
