/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/value_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "base/xalloc.h"

void value_set_clear(struct value_set *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->text[i]);
	free(v->text);
	free(v->number);
	free(v->slots);
	*v = (struct value_set){ .n = 0 };
}

static uint32_t hash(const char *text)
{
	uint32_t h = 2166136261u;	/* FNV-1a */

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return h;
}

static void grow_slots(struct value_set *v)
{
	v->nslots = v->nslots ? 2 * v->nslots : 64;
	free(v->slots);
	v->slots = xcalloc(v->nslots, sizeof *v->slots);
	for (size_t i = 0; i < v->n; i++) {
		uint32_t k = hash(v->text[i]) % v->nslots;

		while (v->slots[k] != 0)
			k = (k + 1) % v->nslots;
		v->slots[k] = (uint32_t)i + 1;
	}
}

double value_set_number(const char *text)
{
	struct diag unused;
	double x;

	return quantity_parse(text, QUANTITY_NUMBER, &x, &unused) == STATUS_OK
		? x : NAN;
}

uint32_t value_set_add(struct value_set *v, const char *text)
{
	uint32_t k;

	if (2 * (v->n + 1) > v->nslots)
		grow_slots(v);
	k = hash(text) % v->nslots;
	for (; v->slots[k] != 0; k = (k + 1) % v->nslots)
		if (strcmp(v->text[v->slots[k] - 1], text) == 0)
			return v->slots[k] - 1;
	if (v->n == v->room) {
		v->room = v->room ? 2 * v->room : 16;
		v->text = xrealloc_array(v->text, v->room, sizeof *v->text);
		v->number = xrealloc_array(v->number, v->room,
					   sizeof *v->number);
	}
	v->text[v->n] = xstrdup(text);
	v->number[v->n] = value_set_number(text);
	v->slots[k] = (uint32_t)++v->n;
	return (uint32_t)v->n - 1;
}
