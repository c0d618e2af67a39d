/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain.h - a certificate, for people and for programs. */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include <stdio.h>

#include <cjson/cJSON.h>

#include "lp/certificate.h"

/** Print `c`, of one of `steps` decode steps, in some ten lines. */
void explain_print(const struct certificate *c, size_t steps, FILE *out);

/** `c` as a JSON object (doc/FORMATS.md); the caller deletes it. */
cJSON *explain_json(const struct certificate *c);

#endif
