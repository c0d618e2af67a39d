/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/topology.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "model/workload.h"

_Static_assert((size_t)TOPOLOGY_OF_GPU * WORKLOAD_MOST_GPUS +
		       TOPOLOGY_LINKS - TOPOLOGY_OF_GPU <= MAX_MIN_MOST_LINKS,
	       "the links of the most GPUs are too many for a set");

size_t topology_index(enum topology_link which, size_t gpu, size_t gpus)
{
	if (which < TOPOLOGY_OF_GPU)
		return gpu * TOPOLOGY_OF_GPU + (size_t)which;
	return gpus * TOPOLOGY_OF_GPU + (size_t)which - TOPOLOGY_OF_GPU;
}

static uint64_t bit(enum topology_link which, size_t gpu, size_t gpus)
{
	return UINT64_C(1) << topology_index(which, gpu, gpus);
}

static double limit(double bytes_per_s)
{
	return bytes_per_s > 0.0 ? bytes_per_s : INFINITY;
}

struct links *topology_new(const struct hardware *hw, size_t gpus)
{
	struct max_min_link all[MAX_MIN_MOST_LINKS];
	const double of_gpu[TOPOLOGY_OF_GPU] = {
		[TOPOLOGY_H2D] = hw->h2d.bytes_per_s,
		[TOPOLOGY_D2H] = hw->d2h.bytes_per_s,
		[TOPOLOGY_DUPLEX] = hw->duplex_bytes_per_s,
	};
	const double of_all[] = { hw->host_root_bytes_per_s,
				  hw->host_memory_bytes_per_s,
				  hw->host_attention_bytes_per_s };
	size_t n = 0;

	assert(gpus >= 1 && gpus <= WORKLOAD_MOST_GPUS);
	for (size_t gpu = 0; gpu < gpus; gpu++)
		for (size_t i = 0; i < TOPOLOGY_OF_GPU; i++)
			all[n++] = (struct max_min_link){
				.bytes_per_s = limit(of_gpu[i]),
				.while_busy = i != TOPOLOGY_DUPLEX ? 0 :
					bit(TOPOLOGY_H2D, gpu, gpus) |
					bit(TOPOLOGY_D2H, gpu, gpus),
			};
	for (size_t i = 0; i < sizeof of_all / sizeof of_all[0]; i++)
		all[n++] = (struct max_min_link){
			.bytes_per_s = limit(of_all[i]) };
	return links_new(all, n);
}

/* The links of its GPU, and what there is of that kind once. */
static uint64_t own_links(const struct work *w, size_t gpu, size_t gpus)
{
	uint64_t link = bit(TOPOLOGY_DUPLEX, gpu, gpus) |
			bit(TOPOLOGY_ROOT, gpu, gpus);

	switch (w->engine) {
	case ENGINE_H2D:
		return link | bit(TOPOLOGY_H2D, gpu, gpus);
	case ENGINE_D2H:
		return link | bit(TOPOLOGY_D2H, gpu, gpus);
	case ENGINE_CPU:
		return bit(TOPOLOGY_CPU, gpu, gpus);
	case ENGINE_COPY:
		return 0;
	case ENGINE_SM:
	case ENGINE_ISSUE:
	case ENGINE_COUNT:
		break;
	}
	assert(false);		/* kernels cross no link */
	return 0;
}

/* What a thread that copies does alone: the CPU's or the driver's. */
static double most(const struct work *w, const struct hardware *hw)
{
	if (w->engine == ENGINE_COPY)
		return hw->host_copy_bytes_per_s;
	if (!w->pageable)
		return 0.0;
	return w->engine == ENGINE_H2D ? hw->h2d.pageable_bytes_per_s
				       : hw->d2h.pageable_bytes_per_s;
}

struct max_min_path topology_path(const struct work *w,
				  const struct hardware *hw, size_t gpu,
				  size_t gpus)
{
	uint64_t memory = bit(TOPOLOGY_MEMORY, gpu, gpus);
	unsigned times = work_crossings(w);

	return (struct max_min_path){
		.once = own_links(w, gpu, gpus) | memory,
		.twice = times > 1 ? memory : 0,
		.thrice = times > 2 ? memory : 0,
		.most_bytes_per_s = most(w, hw),
	};
}

const char *topology_name(enum topology_link which)
{
	static const char *const names[TOPOLOGY_LINKS] = {
		[TOPOLOGY_H2D] = "h2d", [TOPOLOGY_D2H] = "d2h",
		[TOPOLOGY_DUPLEX] = "both directions",
		[TOPOLOGY_ROOT] = "root complex",
		[TOPOLOGY_MEMORY] = "host memory", [TOPOLOGY_CPU] = "CPU",
	};

	return names[which];
}
