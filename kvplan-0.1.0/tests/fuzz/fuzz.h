/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz.h - what a fuzz target and its driver know of each other.
 *
 * A target is one file fuzz_PARSER.c with fuzz_one(); driver.c is linked to
 * each.  It runs the target on files and on mutations of them or, compiled
 * by clang with -DFUZZ_LIBFUZZER and -fsanitize=fuzzer, under libFuzzer.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>

/** Whether the target's parser accepts `text`; aborts on a broken promise. */
bool fuzz_one(const char *text);

/** Abort, saying `what` should hold, unless `ok`. */
void fuzz_check(bool ok, const char *what);

#define FUZZ_CHECK(condition) fuzz_check(condition, #condition)

#endif
