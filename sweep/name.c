/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/xalloc.h"

#define FIELD_PREFIX "model."
#define WORKLOAD_PREFIX "workload."

/* What stands in a profile, or has no single value, has other names. */
static bool is_sweepable(size_t option)
{
	return option != CASE_SET && option != CASE_HOST_MEMORY;
}

static bool is_count(size_t option)
{
	switch (option) {
	case CASE_BATCH:
	case CASE_PROMPT:
	case CASE_GEN:
	case CASE_NUM_BATCHES:
	case CASE_GPUS:
	case CASE_SPLIT:
		return true;
	}
	return option >= CASE_DECISIONS &&
	       decision_specs[option - CASE_DECISIONS].words == NULL &&
	       decision_specs[option - CASE_DECISIONS].whole;
}

static bool is_number(size_t option)
{
	return is_count(option) ||
	       (option >= CASE_DECISIONS &&
		decision_specs[option - CASE_DECISIONS].words == NULL);
}

/* num_batches is as good as num-batches. */
static bool same_name(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if (*a != *b && !((*a == '_' || *a == '-') &&
				  (*b == '_' || *b == '-')))
			return false;
	return *a == *b;
}

static void set_option(struct sweep_name *n, size_t option)
{
	n->option = option;
	n->kind = option == CASE_MODEL ? SWEEP_MODEL
		: option == CASE_HARDWARE ? SWEEP_HARDWARE
		: option == CASE_POLICY ? SWEEP_POLICY : SWEEP_OPTION;
	n->numeric = is_number(option);
	n->whole = is_count(option);
}

/* workload.batch, as a plan has it, is batch. */
static const char *bare_name(size_t option, const char *text)
{
	size_t prefix = strlen(WORKLOAD_PREFIX);

	return option >= CASE_BATCH && option <= CASE_ACTIVATIONS &&
			       strncmp(text, WORKLOAD_PREFIX, prefix) == 0
		? text + prefix : text;
}

static enum status unknown(const char *text, struct diag *d)
{
	size_t count = 0, nfields;
	const struct figure *fields = hardware_fields(&nfields);
	const char **names = xcalloc(CASE_OPTIONS + nfields, sizeof *names);
	const char *near;

	for (size_t i = 0; i < CASE_OPTIONS; i++)
		if (is_sweepable(i))
			names[count++] = request_spec(i).name;
	for (size_t i = 0; i < nfields; i++)
		names[count++] = fields[i].path;
	near = nearest_name(text, names, count);
	free(names);
	return diag_fail(d, STATUS_USAGE, "found '%.60s', expected an option "
			 "of a case, a figure of the hardware or model.KEY"
			 "%s%s", text, near ? "; the nearest is " : "",
			 near ? near : "");
}

enum status sweep_name_find(const char *text, struct sweep_name *out,
			    struct diag *d)
{
	struct sweep_name n = { .quantity = QUANTITY_NUMBER };
	size_t nfields;
	const struct figure *fields = hardware_fields(&nfields);

	snprintf(n.text, sizeof n.text, "%s", text);
	for (size_t i = 0; i < CASE_OPTIONS; i++)
		if (is_sweepable(i) &&
		    same_name(request_spec(i).name, bare_name(i, text))) {
			set_option(&n, i);
			*out = n;
			return STATUS_OK;
		}
	for (size_t i = 0; i < nfields; i++)
		if (strcmp(fields[i].path, text) == 0) {
			n.kind = SWEEP_FIGURE;
			n.figure = &fields[i];
			n.numeric = true;
			n.quantity = fields[i].quantity;
			*out = n;
			return STATUS_OK;
		}
	if (strncmp(text, FIELD_PREFIX, strlen(FIELD_PREFIX)) == 0 &&
	    strlen(text) < sizeof n.text) {
		n.kind = SWEEP_FIELD;
		n.numeric = n.whole = true;
		*out = n;
		return STATUS_OK;
	}
	return unknown(text, d);
}

bool sweep_name_same(const struct sweep_name *a, const struct sweep_name *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == SWEEP_FIGURE)
		return a->figure == b->figure;
	if (a->kind == SWEEP_FIELD)
		return strcmp(a->text, b->text) == 0;
	return a->option == b->option;
}

const char *sweep_name_key(const struct sweep_name *n)
{
	return n->text + strlen(FIELD_PREFIX);
}
