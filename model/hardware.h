/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hardware.h - one machine: a GPU, its link to the host, and the host.
 *
 * Plain data, read from a profile (doc/FORMATS.md, "hardware"); copy freely,
 * as copies borrow the calibration; call hardware_clear() once, after the last
 * use.
 * All figures are SI.  One table of fields (hardware_fields()) drives the
 * parser, `kvplan show hardware` and `--set`: a new figure is one line there
 * and one member here.
 */
#ifndef MODEL_HARDWARE_H
#define MODEL_HARDWARE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/table.h"
#include "model/calibration.h"
#include "model/figures.h"
#include "model/profile.h"

struct hardware_direction {
	double bytes_per_s;		/* [B/s] pinned host memory */
	double latency_s;		/* [s] before the first byte */
	double pageable_bytes_per_s;	/* [B/s]; 0: not known */
};

struct hardware {
	char name[PROFILE_NAME_SIZE];
	char title[128];
	double flop_per_s;		/* [FLOP/s] fp16 dense peak */
	double gemm_derate;		/* achieved / peak, large GEMM */
	double hbm_bytes_per_s;		/* [B/s] device memory, peak */
	double hbm_derate;		/* achieved / peak */
	double memory_bytes;		/* [B] device memory */
	double launch_s;		/* [s] overhead of one kernel */
	double gemm_sustained_derate;	/* gemm_derate at the power limit
					 * (model/power_limit.h); 0: not
					 * stated */
	double clock_exponent;		/* of that limit; 0: not stated */
	double byte_flop;		/* [FLOP/B] energy of a byte of device
					 * memory at that limit, over a FLOP's;
					 * 0: it is not counted */
	double full_gemm_derate;	/* gemm_derate at the full clock, where
					 * a lower one is in it (of the same
					 * limit); 0: it is the same; in no
					 * profile */
	double event_s;			/* [s] that an event holds up the
					 * kernels behind it; 0: not stated */
	double handoff_s;		/* [s] from there, or the end of a
					 * copy, to the start of what waits
					 * for it on another engine; 0: not
					 * stated */
	double copy_hbm_bytes;		/* [B] of device memory's traffic that a
					 * copied byte keeps from kernels; 0:
					 * none */
	struct hardware_direction h2d, d2h;
	double duplex_bytes_per_s;	/* [B/s] both directions; 0: no limit */
	double link_crossings;		/* of the host's memory by a copied
					 * byte, 1 to 3, whole; 0: 1 */
	double host_memory_bytes;	/* [B]; 0: not known */
	double host_gpus_per_switch;	/* whole; 0: none shares a switch */
	double host_switch_bytes_per_s;	/* [B/s] each way, between a switch and
					 * the host; 0: no limit */
	double host_root_bytes_per_s;	/* [B/s] copies of all GPUs together;
					 * 0: no limit */
	double host_root_h2d_bytes_per_s;	/* [B/s] of these, those to the
						 * GPUs, while each GPU copies
						 * both ways, two or more;
						 * 0: no limit */
	double host_memory_bytes_per_s;	/* [B/s] read and written by copies and
					 * CPU together; 0: no limit */
	double host_attention_bytes_per_s;	/* [B/s] of KV that the CPU's
						 * cores together attend to;
						 * 0: not known */
	double host_copy_bytes_per_s;	/* [B/s] one thread, pageable to
					 * pinned; 0: not known */
	double host_issue_s;		/* [s] of a thread, to issue a kernel
					 * or a copy; 0: it costs nothing */
	const struct calibration *calibration;	/* NULL: a data sheet */
};

/*
 * How often a byte copied from or to pageable memory crosses the host's: read
 * from there, written to the pinned buffer through which CUDA passes it, and
 * fetched from that (CUDA C++ Best Practices Guide, "Pinned Memory").
 */
enum { HARDWARE_PAGEABLE_CROSSINGS = 3 };

enum { HARDWARE_MOST_FIELDS = 32 };

/** The table of figures; `*n` <= HARDWARE_MOST_FIELDS of them. */
const struct figure *hardware_fields(size_t *n);

/** Where figure `f` stands in `hw`. */
double *hardware_figure(struct hardware *hw, const struct figure *f);

/**
 * Parse the profile text `json` into `*out`, whose calibration, if it has
 * one, is released with hardware_clear().  STATUS_INVALID, naming the path,
 * if a figure is missing, out of range, without source or confidence, or not
 * known to the table, or if the calibration is not as it should be.
 */
MUST_CHECK enum status hardware_parse(const char *json, struct hardware *out,
				      struct diag *d);

/**
 * STATUS_INVALID, naming the path, if figures of `hw` that are each in their
 * range do not go together, as hardware_parse() sees to it.
 */
MUST_CHECK enum status hardware_check(const struct hardware *hw,
				      struct diag *d);

/** Release the calibration of `hw`, and of all copies, and empty `hw`. */
void hardware_clear(struct hardware *hw);

/**
 * Set figure `path` in the profile text `*json` to a text such as
 * "64 GB/s", with "set by the user" as its source; `*json` is replaced.
 * STATUS_UNKNOWN if there is no such figure, STATUS_INVALID if its value is
 * out of range; `*json` is then unchanged.
 */
MUST_CHECK enum status hardware_set(char **json, const char *path,
				    const char *text, struct diag *d);

/**
 * Add a row to `t` for each figure of the profile text `json`, which
 * hardware_parse() accepts: path, value with unit, confidence, source.
 */
void hardware_describe(const char *json, struct table *t);

/**
 * Paths of the figures of the profile text `json`, which hardware_parse()
 * accepts, that are only recalled or guessed, into `paths` (room for all
 * fields); returns how many.
 */
size_t hardware_unsure(const char *json, const char **paths);

/**
 * How many of `gpus` GPUs that copy at once a full switch, if there is any, has
 * behind it; 1 where none is stated.
 */
double hardware_switch_sharers(const struct hardware *hw, double gpus);

/** [FLOP/s] that a large GEMM achieves: flop_per_s * gemm_derate. */
double hardware_gemm_flop_per_s(const struct hardware *hw);

/** The same at the full clock. */
double hardware_full_gemm_flop_per_s(const struct hardware *hw);

/** [B/s] that a memory-bound kernel achieves. */
double hardware_hbm_bytes_per_s(const struct hardware *hw);

/** [B/s] of copies that would leave such a kernel nothing; 0: no limit. */
double hardware_hbm_copies_per_s(const struct hardware *hw);

#endif
