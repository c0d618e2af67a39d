/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * name.h - what can be varied, by name.
 *
 * An option of a case (batch, or workload.batch, prompt, split, prefetch,
 * ...), model, hardware and policy; a figure of the hardware by its path, as
 * with --set (link.h2d.bytes_per_s); a field of the model as model.KEY of its
 * config.json (model.num_hidden_layers).
 */
#ifndef SWEEP_NAME_H
#define SWEEP_NAME_H

#include <stdbool.h>

#include "base/quantity.h"
#include "evaluate/request.h"
#include "model/hardware.h"

enum sweep_kind {
	SWEEP_OPTION,			/* of a case, with a handler */
	SWEEP_MODEL, SWEEP_HARDWARE, SWEEP_POLICY,
	SWEEP_FIGURE,			/* of the hardware */
	SWEEP_FIELD			/* of the model's config.json */
};

/* Plain data. */
struct sweep_name {
	char text[64];			/* as the user wrote it */
	enum sweep_kind kind;
	size_t option;			/* CASE_..., of the first four */
	const struct figure *figure;	/* of SWEEP_FIGURE */
	bool numeric;			/* ranges have a meaning, */
	bool whole;			/* of whole numbers */
	enum quantity quantity;		/* of a number */
};

/** Find `text`; STATUS_USAGE, with the nearest name, if it is none. */
MUST_CHECK enum status sweep_name_find(const char *text,
				       struct sweep_name *out,
				       struct diag *d);

/** Whether both are one thing, however it was written. */
bool sweep_name_same(const struct sweep_name *a, const struct sweep_name *b);

/** The part of a SWEEP_FIELD's name that is the key. */
const char *sweep_name_key(const struct sweep_name *n);

#endif
