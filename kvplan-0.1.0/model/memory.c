/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/memory.h"

#include <assert.h>

void memory_add(struct memory *mem, enum memory_place place,
		const char *what, double bytes)
{
	assert(mem->n < MEMORY_MOST_ITEMS && bytes >= 0.0);
	mem->items[mem->n++] = (struct memory_item){ place, what, bytes };
}

double memory_used(const struct memory *mem, enum memory_place place)
{
	double sum = 0.0;

	for (size_t i = 0; i < mem->n; i++)
		if (mem->items[i].place == place)
			sum += mem->items[i].bytes;
	return sum;
}

double memory_capacity(const struct hardware *hw, enum memory_place place)
{
	return place == MEMORY_GPU ? hw->memory_bytes
				   : hw->host_memory_bytes;
}

const char *memory_place_name(enum memory_place place)
{
	return place == MEMORY_GPU ? "gpu" : "host";
}

static const struct memory_item *largest(const struct memory *mem,
					 enum memory_place place)
{
	const struct memory_item *most = NULL;

	for (size_t i = 0; i < mem->n; i++)
		if (mem->items[i].place == place &&
		    (most == NULL || mem->items[i].bytes > most->bytes))
			most = &mem->items[i];
	return most;
}

/* Below this use of what is there, four digits may not tell them apart. */
#define NEARLY 1.002

enum status memory_check(const struct memory *mem, const struct hardware *hw,
			 struct diag *d)
{
	for (int p = 0; p < MEMORY_PLACES; p++) {
		enum memory_place place = (enum memory_place)p;
		double used = memory_used(mem, place);
		double room = memory_capacity(hw, place);
		char need[QUANTITY_SIZE], have[QUANTITY_SIZE];
		char most[QUANTITY_SIZE], lack[QUANTITY_SIZE];
		const struct memory_item *item;

		if (room <= 0.0 || used <= room)
			continue;
		item = largest(mem, place);
		quantity_format(used, QUANTITY_BYTES, need);
		quantity_format(room, QUANTITY_BYTES, have);
		quantity_format(item->bytes, QUANTITY_BYTES, most);
		quantity_format(used - room, QUANTITY_BYTES, lack);
		return diag_fail(d, STATUS_INFEASIBLE,
				 "does not fit: %s needs %s of %s memory "
				 "(%s: %s), it has %s%s%s", hw->name, need,
				 place == MEMORY_GPU ? "GPU" : "host",
				 item->what, most, have,
				 used < NEARLY * room ? ", too little by "
						      : "",
				 used < NEARLY * room ? lack : "");
	}
	return STATUS_OK;
}
