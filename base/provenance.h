/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * provenance.h - how a result was made: which version, which command line,
 * which inputs.
 *
 * Every result that is written as JSON says it, mostly as "made_by".
 */
#ifndef BASE_PROVENANCE_H
#define BASE_PROVENANCE_H

#include <cjson/cJSON.h>

/**
 * Keep the command line as it was typed, which getopt reorders; drop it at
 * the end.
 */
void provenance_keep(int argc, char **argv);
void provenance_drop(void);

/** The command line that is kept, with NULL behind it; NULL if none is. */
char **provenance_command(void);

/**
 * An object with "version" and "command", the words of the command line.  The
 * caller deletes it.
 */
cJSON *provenance_json(void);

/**
 * Add an input to the "inputs" of `made_by`: its name (or NULL) and the
 * fingerprint of `text`.
 */
void provenance_add_input(cJSON *made_by, const char *what, const char *name,
			  const char *text);

/**
 * The same of JSON, printed without white space: the same data have the same
 * fingerprint, whether they came from a profile or out of a plan file.
 */
void provenance_add_json(cJSON *made_by, const char *what, const char *name,
			 const cJSON *data);

#endif
