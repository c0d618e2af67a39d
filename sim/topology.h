/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * topology.h - which limits the flows of a machine share.
 *
 * Each GPU has its link: a limit for each direction, and the duplex limit
 * while both directions are busy.  Its memory is what copies and kernels share,
 * in copied bytes: hardware_hbm_copies_per_s(), of which a kernel moves so many
 * fewer than its own.  Behind a switch some share its link to the host, each
 * direction by itself: the first GPUs one switch, the next the next.  All share
 * the root complex, the host's memory and the CPU; of the root complex, copies
 * to two GPUs or more may have less while every GPU copies both ways.  A copy
 * from or to pageable memory, and a thread that stages one, have a limit of
 * their own.  What the profile does not state limits nothing.
 */
#ifndef SIM_TOPOLOGY_H
#define SIM_TOPOLOGY_H

#include <stddef.h>
#include <stdint.h>

#include "model/hardware.h"
#include "model/work.h"
#include "sim/links.h"

/* What limits the flows of one GPU, of those behind one switch, and of all. */
enum topology_link {
	TOPOLOGY_H2D, TOPOLOGY_D2H,
	TOPOLOGY_DUPLEX,
	TOPOLOGY_HBM,
	TOPOLOGY_ROOT,
	TOPOLOGY_ROOT_H2D,
	TOPOLOGY_MEMORY,
	TOPOLOGY_CPU,
	TOPOLOGY_SWITCH_H2D, TOPOLOGY_SWITCH_D2H,
	TOPOLOGY_LINKS,
	TOPOLOGY_OF_GPU = TOPOLOGY_ROOT,	/* how many are of one GPU */
	TOPOLOGY_OF_ALL = TOPOLOGY_SWITCH_H2D - TOPOLOGY_ROOT
};

/* Some GPUs of a machine on one host; borrows `hw`. */
struct topology {
	const struct hardware *hw;
	size_t gpus;
};

/** All links of `t`; links_free() releases them. */
struct links *topology_new(const struct topology *t);

/** Switches of `t`: 0 where the profile states none. */
size_t topology_switches(const struct topology *t);

/** The switch that GPU `gpu` is behind, if there are any. */
size_t topology_switch(const struct topology *t, size_t gpu);

/**
 * Index in the result of `which`, of GPU `gpu` where it is one GPU's or of
 * switch `gpu` where it is one's.
 */
size_t topology_index(const struct topology *t, enum topology_link which,
		      size_t gpu);

/**
 * The path of work `w` of GPU `gpu`, for links_route(): the host's memory is on
 * it as often as work_crossings() says.  `w` issues nothing, is a kernel only
 * where copies slow kernels, and work_check() holds for it.
 */
struct max_min_path topology_path(const struct topology *t,
				  const struct work *w, size_t gpu);

/** "h2d", "root", ...: what people call `which`. */
const char *topology_name(enum topology_link which);

#endif
