/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decision.h - what a plan decides besides the split, as a table.
 *
 * A decision is a number: a count, a share of 0 to 1, or the index of a
 * word.  The table drives the options of the command line, plan files and
 * `kvplan list policies`; a policy says of each who decides it (policy.h).
 */
#ifndef SCHEDULE_DECISION_H
#define SCHEDULE_DECISION_H

#include <stddef.h>

#include "base/diag.h"

enum decision {
	DECISION_PREFETCH,	/* slots that loads run ahead of compute */
	DECISION_WEIGHTS_ON_GPU,	/* share; the rest is streamed */
	DECISION_CACHE_ON_GPU,	/* share of the requests whose KV stays */
	DECISION_PIPELINE,	/* enum pipeline */
	DECISION_ATTENTION,	/* enum attention */
	DECISION_HOME,		/* enum home */
	DECISION_HIDDEN,	/* enum hidden */
	DECISION_SEP_LAYER,	/* enum sep_layer */
	DECISION_COUNT
};

/* How much of a streamed layer must be there before recomputation begins. */
enum pipeline {
	PIPELINE_COARSE,	/* W_Q, W_K, W_V and W_O */
	PIPELINE_FINE,		/* W_K and W_V, which are sent first */
	PIPELINES
};

/* Who attends to the KV on the host. */
enum attention { ATTENTION_GPU, ATTENTION_CPU, ATTENTIONS };

/* Which memory the host keeps the KV in. */
enum home {
	HOME_PINNED,
	HOME_PAGEABLE,		/* staged through pinned memory */
	HOMES
};

/* Where the hidden state waits between layers. */
enum hidden { HIDDEN_GPU, HIDDEN_HOST, HIDDENS };

/* Whether attention and FFN are layers of their own (FlexGen's sep_layer). */
enum sep_layer { SEP_LAYER_NO, SEP_LAYER_YES, SEP_LAYERS };

struct decision_spec {
	const char *name;		/* "weights_on_gpu" */
	const char *option;		/* "weights-on-gpu" */
	const char *argument;		/* "SHARE" */
	const char *help;		/* lines are separated by '\n' */
	const char *const *words;	/* of a word, or NULL */
	double most;			/* values are 0 .. most */
	int whole;			/* a count, or a word */
};

/** DECISION_COUNT of them. */
extern const struct decision_spec decision_specs[DECISION_COUNT];

/**
 * `text` as a value of `which`; STATUS_INVALID, with what was found and what
 * is expected, otherwise.
 */
MUST_CHECK enum status decision_parse(enum decision which, const char *text,
				      double *out, struct diag *d);

/** STATUS_INVALID, with the same words, unless `which` may be `value`. */
MUST_CHECK enum status decision_check(enum decision which, double value,
				      struct diag *d);

enum { DECISION_SIZE = 32 };

/** `value` of `which` as text that decision_parse() reads back. */
void decision_format(enum decision which, double value,
		     char out[DECISION_SIZE]);

#endif
