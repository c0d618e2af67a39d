/* SPDX-License-Identifier: GPL-3.0-or-later */
/* toy_hardware.h - a profile that states every figure, no two alike. */
#ifndef TESTS_TOY_HARDWARE_H
#define TESTS_TOY_HARDWARE_H

enum { TOY_HARDWARE_FIGURES = 29 };

extern const char toy_hardware[];

/** It with one thing changed, as json_edit() does.  The caller frees. */
char *toy_hardware_edit(const char *path, const char *key, const char *value);

#endif
