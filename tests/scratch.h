/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scratch.h - a fresh folder for each test, and what it writes there.
 *
 * scratch_make() and scratch_remove() are a fixture of check.  In between it is
 * $TMPDIR, too, so what a program leaves behind there shows.  Whatever cannot
 * be done fails the test.
 */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <stddef.h>

enum { SCRATCH_PATH = 512, SCRATCH_MESSAGE = 2 * SCRATCH_PATH };

/** Path of the folder. */
extern char scratch_dir[SCRATCH_PATH / 2];

void scratch_make(void);

/** Remove the folder and all below it. */
void scratch_remove(void);

/** Path of `name` in it, until the next call. */
const char *scratch_path(const char *name);

/** Files and folders that lie in it. */
size_t scratch_entries(void);

/** Write a file there. */
void scratch_put(const char *name, const char *bytes, size_t n);
void scratch_put_text(const char *name, const char *text);

/** Make folders there, in their order, and files that hold their own names. */
void scratch_fill(const char *const *folders, size_t nfolders,
		  const char *const *files, size_t nfiles);

/** The file there holds `expected`. */
void scratch_check(const char *name, const char *expected);

/**
 * Let the descriptor `to` be the file `path`, opened with `flags` and O_CREAT;
 * returns what it was, for scratch_restore().
 */
int scratch_redirect(int to, const char *path, int flags);
void scratch_restore(int to, int saved);

#endif
