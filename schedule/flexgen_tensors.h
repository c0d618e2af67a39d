/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flexgen_tensors.h - which weights FlexGen keeps on the host.
 *
 * Whole tensors: one is on the GPU if its middle, as a share of its layer's
 * bytes (biases and norms counted), is not below the share that is to be on
 * the host.
 */
#ifndef SCHEDULE_FLEXGEN_TENSORS_H
#define SCHEDULE_FLEXGEN_TENSORS_H

#include <stdbool.h>

#include "model/layer.h"

struct flexgen_tensors {
	double part[LAYER_PARTS];	/* elements of matrices on the host,
					 * by the part that they are sent in */
	bool embedding;			/* on the host, and the head with it */
};

/** What is on the host where `on_gpu` (0 to 1) is asked to be on the GPU. */
struct flexgen_tensors flexgen_tensors_place(const struct llm *m,
					     double on_gpu);

/**
 * Share of the layers' weights that is on the GPU when `asked` (0 to 1) is
 * to be.
 */
double flexgen_tensors_on_gpu(const struct llm *m, double asked);

#endif
