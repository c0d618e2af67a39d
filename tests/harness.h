/* SPDX-License-Identifier: GPL-3.0-or-later */
/* harness.h - what every unit test shares: its main() and its cases. */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <check.h>
#include <stdbool.h>

#include "model/hardware.h"
#include "model/llm.h"
#include "model/workload.h"

/** Exit status of a test that cannot be run here. */
enum { HARNESS_SKIPPED = 77 };

/** Whether a folder of $PATH holds `program`. */
bool harness_finds(const char *program);

/** Run `s` and return what main() should. */
int harness_run(Suite *s);

/** Load built-in profiles; the test fails if they do not parse. */
struct llm harness_model(const char *name);
struct hardware harness_hardware(const char *name);

/** The test fails unless every member is the same. */
void harness_same_model(const struct llm *a, const struct llm *b);

/** fp16 workload. */
struct workload harness_workload(size_t batch, size_t prompt, size_t gen);

#endif
