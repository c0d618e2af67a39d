/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sweep.h - what a sweep asks: the points, and all that they share.
 *
 * Everything that is read from files is read here, once; a point is then the
 * base with some values in the place of others (sweep/worker.h).
 */
#ifndef SWEEP_SWEEP_H
#define SWEEP_SWEEP_H

#include <cjson/cJSON.h>

#include "evaluate/request.h"
#include "sweep/columns.h"
#include "sweep/point.h"
#include "sweep/space.h"
#include "sweep/uncertain.h"

enum sweep_format { SWEEP_CSV, SWEEP_JSON_LINES };

struct sweep_machine {
	char *text;			/* JSON, --set applied */
	struct hardware hardware;
};

/* Plain data; read only once sweep_load() is done. */
struct sweep {
	struct case_request request;	/* what is not varied */
	char **given;			/* "NAME=VALUE" of options, sorted */
	size_t ngiven;
	struct sweep_space space;
	struct llm *models;
	size_t nmodels;
	struct sweep_machine *machines;
	size_t nmachines;
	const struct policy **policies;	/* NULL in it: auto */
	size_t npolicies;
	struct sweep_uncertain uncertain;
	struct sweep_columns columns;
	enum sweep_format format;
	bool simulate;
	enum sweep_objective objective;
	bool has_objective, has_draws, has_seed;	/* they were given */
};

/** Nothing asked for yet. */
struct sweep sweep_new(void);

/**
 * Note the option `index` of a case, as request_option(); of models, machines
 * or policies that are separated by commas each in turn, as sweep_space_vary().
 */
MUST_CHECK enum status sweep_option(struct sweep *s, size_t index,
				    const char *text, struct diag *d);

/**
 * Read what the options name, and check what can be checked before the first
 * point.  `columns` is the argument of --columns, or NULL.
 */
MUST_CHECK enum status sweep_load(struct sweep *s, const char *columns,
				  struct diag *d);

/** Release what `s` owns. */
void sweep_clear(struct sweep *s);

/**
 * All that makes the rows what they are, inputs by their fingerprints; two
 * sweeps with the same have the same rows.  The caller deletes it.
 */
cJSON *sweep_identity(const struct sweep *s);

#endif
