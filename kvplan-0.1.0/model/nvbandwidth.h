/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nvbandwidth.h - reads what NVIDIA's nvbandwidth writes with --format json:
 * the rates of the first GPU's link with copy engines.
 */
#ifndef MODEL_NVBANDWIDTH_H
#define MODEL_NVBANDWIDTH_H

#include <stdbool.h>

#include "base/diag.h"

/* [B/s]; 0: that test was not run, or did not pass. */
struct nvbandwidth {
	double h2d, d2h;		/* one direction alone */
	double h2d_both, d2h_both;	/* the same while the other is busy */
	char version[32];
};

/** Whether the JSON text `json` looks like nvbandwidth's. */
bool nvbandwidth_is(const char *json);

/**
 * Parse `json`.  STATUS_INVALID, naming the path, if it is not as nvbandwidth
 * writes it, or has neither direction's rate.
 */
MUST_CHECK enum status nvbandwidth_parse(const char *json,
					 struct nvbandwidth *out,
					 struct diag *d);

#endif
