/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file.h - a sweep's file, which grows as points are done, and the one
 * beside it, FILE.json, that says what they are the points of.
 *
 * A file ends where its sweep was stopped, were it in the middle of a line:
 * the whole lines stand for themselves, and a resumed sweep goes on behind
 * them.
 */
#ifndef SWEEP_FILE_H
#define SWEEP_FILE_H

#include <stdio.h>

#include "sweep/row.h"

/* Shard `index` of 1 .. `of`, and its points first .. end - 1. */
struct sweep_shard {
	size_t index, of;
	uint64_t first, end;
};

enum { SWEEP_MOST_SHARDS = 1 << 15 };

/** Shard `index` of `of` of the points of `s`, of sizes that differ by 1. */
struct sweep_shard sweep_file_shard(const struct sweep *s, size_t index,
				  size_t of);

/** Plain data; filled by sweep_file_open(). */
struct sweep_file {
	FILE *stream;			/* write rows here */
	const char *path;		/* borrowed */
	uint64_t next;			/* the first point that is missing */
};

/**
 * Begin to write `path` ("-": standard output) with the points of `shard`.
 * With `resume` go on with what is there, or begin if nothing is;
 * STATUS_INVALID if that is of another sweep, and what differs.
 */
MUST_CHECK enum status sweep_file_open(const struct sweep *s,
				       const struct sweep_shard *shard,
				       const char *path, bool resume,
				       struct sweep_file *out,
				       struct diag *d);

/** Finish; STATUS_IO if any write failed. */
MUST_CHECK enum status sweep_file_close(struct sweep_file *f, struct diag *d);

/** Write the file beside `path`, `json` in it. */
MUST_CHECK enum status sweep_file_describe(const char *path,
					   const cJSON *json,
					   struct diag *d);

/** Read that file: an object of the schema; the caller deletes `*out`. */
MUST_CHECK enum status sweep_file_read_about(const char *path, cJSON **out,
					     struct diag *d);

/**
 * STATUS_INVALID if `found`, of the file `path`, differs from `expected`:
 * which member, and both values.
 */
MUST_CHECK enum status sweep_file_compare(const char *path,
					  const cJSON *found,
					  const cJSON *expected,
					  struct diag *d);

/* How much of a file is there. */
struct sweep_extent {
	uint64_t next;			/* after its last whole row */
	long long header, bytes;	/* up to the first row, and up to there;
					 * 0: not even a header */
};

/**
 * Read the rows of `stream`, which should be those of `first` .. `end` - 1,
 * of `shape`.  If `s` is not NULL their inputs should be those of its points,
 * and the last whole row just what it says of that.  STATUS_INVALID, with
 * `path` and line, if one is not.
 */
MUST_CHECK enum status sweep_file_scan(FILE *stream, const char *path,
				       const struct sweep_shape *shape,
				       const struct sweep *s, uint64_t first,
				       uint64_t end,
				       struct sweep_extent *out,
				       struct diag *d);

#endif
