/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compare.h - a plan beside the policies that it is held against. */
#ifndef EVALUATE_COMPARE_H
#define EVALUATE_COMPARE_H

#include <stdbool.h>

#include "base/table.h"
#include "evaluate/evaluate.h"
#include "lp/certificate.h"

enum { COMPARE_OTHERS = 2 };

/** The baselines: load-all, recompute-all. */
extern const char *const compare_others[COMPARE_OTHERS];

struct comparison {
	struct outcome plan;
	struct certificate certificate;	/* of the middle step */
	struct outcome other[COMPARE_OTHERS];
	bool has_other[COMPARE_OTHERS];	/* false: it does not fit */
	char why_not[COMPARE_OTHERS][200];
};

/**
 * Plan and simulate `c`, whose policy is filled in where it is "auto", and
 * the baselines with the same decisions.  The caller releases `*out`, on
 * failure too, with compare_clear().
 */
MUST_CHECK enum status compare_make(struct decode_case *c,
				    struct comparison *out, struct diag *d);

/** Release what `c` owns. */
void compare_clear(struct comparison *c);

/** Decode time [%] that `o` saves against load-all, which must fit. */
double compare_gain_pct(const struct comparison *c, const struct outcome *o);

/** A row for each policy; the caller frees it. */
struct table *compare_table(const struct comparison *c);

#endif
