/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * row_times.h - what a layer's tasks take, from the formulas alone.
 *
 * Written out from PAPER: KVPR, arXiv 2411.17089, section 3 (the terms M_X,
 * M_KV and N), the roofline and latency + bytes / bandwidth, in place of
 * model/layer.h and model/work.h, which are held against it.
 */
#ifndef TESTS_ROW_TIMES_H
#define TESTS_ROW_TIMES_H

#include "tests/random_case.h"

/* One layer, and the head, in one step [s]. */
struct row_times {
	double load_x, load_kv;
	double project, recompute;
	double rest;			/* attention, output, FFN */
	double head;
	double store_kv, store_x;	/* of the new token */
};

/** At `cached` tokens and split `split`; what falls away takes 0. */
struct row_times row_times_at(const struct random_case *c, size_t cached,
			      size_t split);

#endif
