/* SPDX-License-Identifier: GPL-3.0-or-later */
/* random_block.h - cases that schedule/block.h has a schedule for. */
#ifndef TESTS_RANDOM_BLOCK_H
#define TESTS_RANDOM_BLOCK_H

#include "schedule/block.h"
#include "tests/block_table.h"
#include "tests/random_case.h"

/** Up to three batches and four GPUs; weights, KV and X in any bits. */
struct random_case random_block_case(gsl_rng *rng);

/** A plan of any decisions, whether a policy offers them or not. */
struct plan random_block_plan(gsl_rng *rng, const struct random_case *c);

/** Any style that can go with `plan`: see enum block_style. */
enum block_style random_block_style(gsl_rng *rng, const struct plan *plan);

/** Of any span and style of `plan` the table, and the graph: caller frees. */
struct block_case random_block_table(gsl_rng *rng, const struct random_case *c,
				     const struct plan *plan,
				     struct graph **g);

#endif
