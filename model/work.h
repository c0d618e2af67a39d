/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * work.h - what a task asks of an engine, before any clock is known.
 *
 * Bytes, FLOP and GEMM shapes are affine functions of the number of cached
 * tokens s' and the split l, so one graph serves every step of a decode and
 * every split: readers evaluate it at (s', l).  Given a machine, work takes
 * time (work_seconds).
 */
#ifndef MODEL_WORK_H
#define MODEL_WORK_H

#include <stdbool.h>
#include <stddef.h>

#include "model/hardware.h"

/* What a task occupies while it runs. */
enum engine {
	ENGINE_H2D,		/* copy engine, host to device */
	ENGINE_D2H,		/* copy engine, device to host */
	ENGINE_SM,		/* the streaming multiprocessors */
	ENGINE_CPU,		/* the host's cores, all together */
	ENGINE_COPY,		/* a host thread that copies into pinned
				 * memory */
	ENGINE_ISSUE,		/* the host thread that issues a GPU's copies
				 * and kernels */
	ENGINE_COUNT
};

/* fixed + per_token * s' + per_split * l; never negative where used. */
struct amount {
	double fixed, per_token, per_split;
};

/* `count` products of an m x k by a k x n matrix. */
struct gemm {
	struct amount m;
	double n, k;
	double count;
};

/* A kernel beside the GEMMs. */
struct work_kernel {
	enum kernel kind;
	struct amount bytes;	/* [B] read and written; of attention: K, V */
	double sequences;	/* of attention: requests * KV heads */
};

enum { WORK_MOST_GEMMS = 2, WORK_MOST_KERNELS = 2 };

struct work {
	enum engine engine;
	struct amount bytes;	/* [B] over the link, through HBM outside the
				 * GEMMs, or of the host's memory */
	struct amount flop;	/* [FLOP] outside the GEMMs */
	struct gemm gemm[WORK_MOST_GEMMS];
	size_t ngemms;
	double element_bytes;	/* [B] of the GEMMs' matrices */
	/* All kernels but the GEMMs, for a machine that they were measured
	 * on; 0 with no GEMM either: they are not told apart. */
	struct work_kernel kernel[WORK_MOST_KERNELS];
	size_t nkernels;
	double launches;	/* kernels, or copies */
	bool pageable;		/* a copy from or to pageable memory */
	bool awaited;		/* by another engine: kernels then end
				 * with an event */
	double sharers;		/* GPUs that share the host evenly; 0 means
				 * 1 */
};

/** Value of `a` at `cached` tokens and split `split`. */
double amount_at(const struct amount *a, double cached, double split);

/** Short name of `e`: "h2d", "d2h", "sm", "cpu", "copy", "issue". */
const char *engine_name(enum engine e);

/** What a person calls `e`: "host-to-GPU link", ... */
const char *engine_title(enum engine e);

/** Whether `e` is a direction of the link. */
bool engine_is_link(enum engine e);

/**
 * [B] that `w` moves: over the link, or through device memory; 0 of work that
 * issues.
 */
double work_bytes(const struct work *w, double cached, double split);

/** [FLOP] of `w`; 2*m*n*k for a GEMM. */
double work_flop(const struct work *w, double cached, double split);

/**
 * What the issuing thread does for `w`, a copy or kernels: nothing where `w`
 * is empty.
 */
struct work work_issue(const struct work *w);

/** Whether there is anything to do: an empty copy is never issued. */
int work_is_empty(const struct work *w, double cached, double split);

/**
 * [s] of an event after `w`, which kernels end with where another engine waits
 * for them; a copy engine goes on with its queue meanwhile.
 */
double work_event_s(const struct work *w, const struct hardware *hw);

/**
 * Overhead [s] of `w` before its bytes flow or its kernels run, by the
 * figures: the link's latency or the launches and the event; of issuing, all
 * of it.
 */
double work_overhead_s(const struct work *w, const struct hardware *hw);

/**
 * The same [s] of a copy at `cached` tokens and `split`: what is left of
 * work_seconds() when its bytes have flowed at work_rate().
 */
double work_latency_s(const struct work *w, const struct hardware *hw,
		      double cached, double split);

/**
 * Of work_seconds(), what kernels spend at the rate of device memory: the bytes
 * of those GEMMs, and of the rest, that by the roofline are bound by it, over
 * that rate; not more than is left beside work_overhead_s().  0 of all else.
 */
double work_memory_s(const struct work *w, const struct hardware *hw,
		     double cached, double split);

/**
 * How often a byte of `w` crosses the host's memory: a kernel's not at all; one
 * that the CPU attends to once; one that a host thread copies is read and
 * written (STREAM counts a copy so too); one that a GPU fetches or stores as
 * `hw` says, once if it says nothing; one of a copy from or to pageable memory
 * HARDWARE_PAGEABLE_CROSSINGS times.  Whole where the figures of `hw` are.
 */
double work_crossings(const struct work *w, const struct hardware *hw);

/**
 * [B/s] at which `w`, not a kernel, moves its bytes on `hw`, nothing else
 * there; 0 if `hw` does not state it.
 */
double work_rate(const struct work *w, const struct hardware *hw);

/**
 * The figure that `w` needs and `hw` does not state, or NULL: the rates of
 * pageable memory and of the host are optional.  What asks for nothing, a
 * barrier, needs none.
 */
const char *work_unstated(const struct work *w, const struct hardware *hw);

/** STATUS_INVALID, naming the figure, if there is a work_unstated(). */
MUST_CHECK enum status work_check(const struct work *w,
				  const struct hardware *hw, struct diag *d);

/* The larger of two affine functions of the split: FLOP time, byte time. */
enum { WORK_ARMS = 2,
       WORK_MOST_PIECES = WORK_MOST_GEMMS + WORK_MOST_KERNELS };

struct work_piece {
	double fixed_s[WORK_ARMS], per_split_s[WORK_ARMS];
};

/* overhead + sum of the pieces, each at its larger arm: convex in l. */
struct work_duration {
	double overhead_s;
	struct work_piece pieces[WORK_MOST_PIECES];
	size_t npieces;
};

/**
 * Time [s] of `w` on `hw` at `cached` tokens, with its engine and link to
 * itself, as a function of the split; work_check() must hold:
 *
 *     copy:    latency + bytes / bandwidth
 *     host:    bytes / (rate / sharers)
 *     issue:   launches * issue_s
 *     kernels: launches * launch_s
 *              + sum over GEMMs of  max(FLOP / gemm rate, bytes / HBM rate)
 *              + max(FLOP / gemm rate, bytes / HBM rate) of the rest
 *              (+ event_s, if awaited)
 *
 * where a GEMM reads both factors and writes the product once (roofline:
 * Williams, Waterman, Patterson 2009).  With a calibration it is what
 * model/measured.h says instead: exact where the split does not change `w`,
 * else a convex function that is nowhere above work_seconds().  Pure; cannot
 * fail.
 */
struct work_duration work_duration(const struct work *w,
				   const struct hardware *hw, double cached);

/**
 * The same, in proportion so that it is exact at `near`; where work_duration()
 * is exact anyway, the same.
 */
struct work_duration work_duration_near(const struct work *w,
					const struct hardware *hw,
					double cached, double near);

/** Value [s] of `d` at `split`. */
double work_duration_at(const struct work_duration *d, double split);

/**
 * Time [s] of `w` on `hw`, exact, with its engine and link to itself; 0 if
 * there is nothing to do.
 */
double work_seconds(const struct work *w, const struct hardware *hw,
		    double cached, double split);

#endif
