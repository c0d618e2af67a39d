/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/topology.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "model/workload.h"

/* A switch has two GPUs at least. */
enum { FEWEST_OF_SWITCH = 2, OF_SWITCH = 2,
       MOST_SWITCHES = (WORKLOAD_MOST_GPUS + FEWEST_OF_SWITCH - 1) /
		       FEWEST_OF_SWITCH };

_Static_assert((int)TOPOLOGY_OF_GPU * WORKLOAD_MOST_GPUS +
		       (int)TOPOLOGY_OF_ALL + OF_SWITCH * MOST_SWITCHES <=
		       MAX_MIN_MOST_LINKS,
	       "the links of the most GPUs are too many for a set");

size_t topology_switch(const struct topology *t, size_t gpu)
{
	return gpu / (size_t)t->hw->host_gpus_per_switch;
}

size_t topology_switches(const struct topology *t)
{
	return t->hw->host_gpus_per_switch > 0.0
		? topology_switch(t, t->gpus - 1) + 1 : 0;
}

/* GPU by GPU, then what all share, then switch by switch. */
size_t topology_index(const struct topology *t, enum topology_link which,
		      size_t gpu)
{
	size_t shared = t->gpus * TOPOLOGY_OF_GPU;

	if (which < TOPOLOGY_ROOT)
		return gpu * TOPOLOGY_OF_GPU + (size_t)which;
	if (which < TOPOLOGY_SWITCH_H2D)
		return shared + (size_t)which - TOPOLOGY_ROOT;
	return shared + TOPOLOGY_OF_ALL + gpu * OF_SWITCH + (size_t)which -
	       TOPOLOGY_SWITCH_H2D;
}

static uint64_t bit(const struct topology *t, enum topology_link which,
		    size_t gpu)
{
	return UINT64_C(1) << topology_index(t, which, gpu);
}

static double limit(double bytes_per_s)
{
	return bytes_per_s > 0.0 ? bytes_per_s : INFINITY;
}

/* One GPU has its duplex limit for that. */
static bool has_root_h2d(const struct topology *t)
{
	return t->gpus > 1 && t->hw->host_root_h2d_bytes_per_s > 0.0;
}

/* The limit of `which`, where it is there all the time. */
static double limit_of(const struct hardware *hw, enum topology_link which)
{
	switch (which) {
	case TOPOLOGY_H2D:
		return hw->h2d.bytes_per_s;
	case TOPOLOGY_D2H:
		return hw->d2h.bytes_per_s;
	case TOPOLOGY_DUPLEX:
		return limit(hw->duplex_bytes_per_s);
	case TOPOLOGY_HBM:
		return limit(hardware_hbm_copies_per_s(hw));
	case TOPOLOGY_ROOT:
		return limit(hw->host_root_bytes_per_s);
	case TOPOLOGY_ROOT_H2D:
		return limit(hw->host_root_h2d_bytes_per_s);
	case TOPOLOGY_MEMORY:
		return limit(hw->host_memory_bytes_per_s);
	case TOPOLOGY_CPU:
		return limit(hw->host_attention_bytes_per_s);
	case TOPOLOGY_SWITCH_H2D:
	case TOPOLOGY_SWITCH_D2H:
	case TOPOLOGY_LINKS:
		break;
	}
	return limit(hw->host_switch_bytes_per_s);
}

/* A limit that there is only while all of the result carry flows. */
static uint64_t while_busy(const struct topology *t, enum topology_link which,
			   size_t gpu)
{
	uint64_t links = 0;

	if (which == TOPOLOGY_DUPLEX)
		return bit(t, TOPOLOGY_H2D, gpu) | bit(t, TOPOLOGY_D2H, gpu);
	if (which == TOPOLOGY_ROOT_H2D)
		for (size_t g = 0; g < t->gpus; g++)
			links |= bit(t, TOPOLOGY_H2D, g) |
				 bit(t, TOPOLOGY_D2H, g);
	return links;
}

/* Of `n` GPUs or switches, the links from `first` on and before `end`. */
static void fill(const struct topology *t, enum topology_link first,
		 enum topology_link end, size_t n, struct max_min_link *all)
{
	for (size_t i = 0; i < n; i++)
		for (int k = (int)first; k < (int)end; k++) {
			enum topology_link which = (enum topology_link)k;
			struct max_min_link *link =
				&all[topology_index(t, which, i)];

			link->bytes_per_s = limit_of(t->hw, which);
			link->while_busy = while_busy(t, which, i);
		}
}

struct links *topology_new(const struct topology *t)
{
	struct max_min_link all[MAX_MIN_MOST_LINKS];
	size_t switches = topology_switches(t);

	assert(t->gpus >= 1 && t->gpus <= WORKLOAD_MOST_GPUS);
	fill(t, TOPOLOGY_H2D, TOPOLOGY_ROOT, t->gpus, all);
	fill(t, TOPOLOGY_ROOT, TOPOLOGY_SWITCH_H2D, 1, all);
	fill(t, TOPOLOGY_SWITCH_H2D, TOPOLOGY_LINKS, switches, all);
	return links_new(all, topology_index(t, TOPOLOGY_SWITCH_H2D,
					     switches));
}

/* A copy's way between GPU and host memory. */
static uint64_t way(const struct topology *t, size_t gpu,
		    enum topology_link direction,
		    enum topology_link at_switch)
{
	uint64_t links = bit(t, direction, gpu) |
			 bit(t, TOPOLOGY_DUPLEX, gpu) |
			 bit(t, TOPOLOGY_ROOT, 0);

	if (hardware_hbm_copies_per_s(t->hw) > 0.0)
		links |= bit(t, TOPOLOGY_HBM, gpu);
	if (direction == TOPOLOGY_H2D && has_root_h2d(t))
		links |= bit(t, TOPOLOGY_ROOT_H2D, 0);
	if (topology_switches(t) > 0)
		links |= bit(t, at_switch, topology_switch(t, gpu));
	return links;
}

/* All but the host's memory. */
static uint64_t links_of(const struct topology *t, const struct work *w,
			 size_t gpu)
{
	switch (w->engine) {
	case ENGINE_H2D:
		return way(t, gpu, TOPOLOGY_H2D, TOPOLOGY_SWITCH_H2D);
	case ENGINE_D2H:
		return way(t, gpu, TOPOLOGY_D2H, TOPOLOGY_SWITCH_D2H);
	case ENGINE_CPU:
		return bit(t, TOPOLOGY_CPU, 0);
	case ENGINE_COPY:
		return 0;
	case ENGINE_SM:
		return bit(t, TOPOLOGY_HBM, gpu);
	case ENGINE_ISSUE:
	case ENGINE_COUNT:
		break;
	}
	assert(false);		/* what issues crosses no link */
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

struct max_min_path topology_path(const struct topology *t,
				  const struct work *w, size_t gpu)
{
	uint64_t memory = bit(t, TOPOLOGY_MEMORY, 0);
	double times = work_crossings(w, t->hw);

	return (struct max_min_path){
		.once = links_of(t, w, gpu) | (times > 0.0 ? memory : 0),
		.twice = times > 1.0 ? memory : 0,
		.thrice = times > 2.0 ? memory : 0,
		.most_bytes_per_s = most(w, t->hw),
	};
}

const char *topology_name(enum topology_link which)
{
	static const char *const names[TOPOLOGY_LINKS] = {
		[TOPOLOGY_H2D] = "h2d", [TOPOLOGY_D2H] = "d2h",
		[TOPOLOGY_DUPLEX] = "both directions",
		[TOPOLOGY_HBM] = "device memory",
		[TOPOLOGY_ROOT] = "root complex",
		[TOPOLOGY_ROOT_H2D] = "root complex h2d",
		[TOPOLOGY_MEMORY] = "host memory", [TOPOLOGY_CPU] = "CPU",
		[TOPOLOGY_SWITCH_H2D] = "switch h2d",
		[TOPOLOGY_SWITCH_D2H] = "switch d2h",
	};

	return names[which];
}
