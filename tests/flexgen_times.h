/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flexgen_times.h - FlexGen's runtime as schedule/flexgen.h describes it.
 *
 * Which tensors are on the host, what the main thread issues in each slot,
 * and how long a slot takes, written from the text of that header.  Copies of
 * one direction go in the order of issue.
 */
#ifndef TESTS_FLEXGEN_TIMES_H
#define TESTS_FLEXGEN_TIMES_H

#include <stdbool.h>

#include "model/layer.h"
#include "schedule/policy.h"
#include "tests/random_case.h"

enum flexgen_unit {
	FLEXGEN_EMBED, FLEXGEN_ATTENTION, FLEXGEN_FFN, FLEXGEN_JOINED,
	FLEXGEN_OUTPUT
};

struct flexgen_case {
	const struct random_case *c;
	enum span span;
	bool separate, cpu, pageable, hidden_on_host;
	bool recomputes, stores_x;
	double kept;			/* tokens whose X is stored at once */
	double on_gpu, share;		/* weights; requests on the host */
	size_t batches, slots;
};

/** The case of `plan`, whose policy's runtime is FlexGen's. */
struct flexgen_case flexgen_times_case(const struct random_case *c,
				       const struct plan *plan,
				       enum span span);

/** What slot `slot` is. */
enum flexgen_unit flexgen_times_unit(const struct flexgen_case *f,
				     size_t slot);

/** [B] on the host of each part of a layer's weights, as stored. */
void flexgen_times_placed(const struct llm *m, double on_gpu,
			  double elements[LAYER_PARTS]);

struct flexgen_issue {
	enum op op;
	size_t slot;
};

enum { FLEXGEN_MOST_ISSUED = 24 };

/** All tasks that belong to slot `now`, in the order of issue; how many. */
size_t flexgen_times_issued(const struct flexgen_case *f, size_t now,
			    struct flexgen_issue out[FLEXGEN_MOST_ISSUED]);

/** [s] that slot `now` takes, of a step with `cached` tokens, `split` of
 * them recomputed. */
double flexgen_times_slot(const struct flexgen_case *f, size_t now,
			  double cached, double split);

#endif
