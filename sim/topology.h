/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * topology.h - which limits the flows of a machine share.
 *
 * Each GPU has its link: a limit for each direction, and the duplex limit
 * while both directions are busy.  All GPUs share the root complex, the host's
 * memory and the CPU.  A copy from or to pageable memory, and a thread that
 * stages one, have a limit of their own.  What the profile does not state
 * limits nothing.
 */
#ifndef SIM_TOPOLOGY_H
#define SIM_TOPOLOGY_H

#include <stddef.h>
#include <stdint.h>

#include "model/hardware.h"
#include "model/work.h"
#include "sim/links.h"

/* What limits the flows of one GPU, and then of all together. */
enum topology_link {
	TOPOLOGY_H2D, TOPOLOGY_D2H,
	TOPOLOGY_DUPLEX,
	TOPOLOGY_OF_GPU,
	TOPOLOGY_ROOT = TOPOLOGY_OF_GPU,
	TOPOLOGY_MEMORY,
	TOPOLOGY_CPU,
	TOPOLOGY_LINKS
};

/** Links of `gpus` GPUs of `hw` on one host; links_free() releases them. */
struct links *topology_new(const struct hardware *hw, size_t gpus);

/** Index in the result of `which`, of GPU `gpu` where it is one GPU's. */
size_t topology_index(enum topology_link which, size_t gpu, size_t gpus);

/**
 * The path of work `w` of GPU `gpu` on `hw`, for links_route(): the host's
 * memory is on it as often as work_crossings() says.  `w` is no kernel, and
 * work_check() holds for it.
 */
struct max_min_path topology_path(const struct work *w,
				  const struct hardware *hw, size_t gpu,
				  size_t gpus);

/** "h2d", "root", ...: what people call `which`. */
const char *topology_name(enum topology_link which);

#endif
