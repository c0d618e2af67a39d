/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file.h - whole-file reads, and writes that appear whole or not at all.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdio.h>

#include "base/diag.h"

/**
 * Read `path` ("-" is standard input) into a NUL-terminated `*text`, which
 * the caller frees.  STATUS_IO with the path and the reason in `d`; a file
 * that holds a NUL byte, or more than 256 MiB, is refused.
 */
MUST_CHECK enum status file_read(const char *path, char **text,
				 struct diag *d);

/** As file_read(), of files of up to `most_mib` MiB. */
MUST_CHECK enum status file_read_large(const char *path, size_t most_mib,
				       char **text, struct diag *d);

/**
 * Open `path` ("-" is standard input) for reading; file_close() closes it.
 * STATUS_IO with the path and the reason in `d`.
 */
MUST_CHECK enum status file_open(const char *path, FILE **out,
				 struct diag *d);

/** Close what file_open() gave; standard input stays open. */
void file_close(FILE *f);

/** `path`, or "standard input" for "-": for messages about what was read. */
const char *file_source(const char *path);

/** The last part of `path`, without its folders. */
const char *file_name(const char *path);

/* A file being written: plain data, filled by file_create(). */
struct file_writer {
	FILE *stream;		/* write here */
	char *path;		/* where the file will stand */
	char *temporary;	/* where it is until then; NULL: at `path` */
};

/**
 * Begin to write `path`, one file at a time.  A regular file (through a
 * symbolic link, the one that it points at) is written beside its place and
 * takes it, and its mode, at file_commit(), so a reader never sees half of
 * it; a device, a pipe or "-" (standard output) is written directly.
 * STATUS_USAGE for what claim_check() refuses.
 */
MUST_CHECK enum status file_create(const char *path, struct file_writer *w,
				   struct diag *d);

/** As file_create() would fail; nothing is left, of a device not even asked. */
MUST_CHECK enum status file_can_create(const char *path, struct diag *d);

/** Finish and publish what was written; STATUS_IO if any write failed. */
MUST_CHECK enum status file_commit(struct file_writer *w, struct diag *d);

/** Unlink the file that is being written; safe in a signal handler. */
void file_remove_pending(void);

/** Drop what was written; after file_commit() a no-op. */
void file_abandon(struct file_writer *w);

#endif
