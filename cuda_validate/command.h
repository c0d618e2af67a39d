/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.h - the subcommands of kvplan-gpu, as a table in main.c.
 *
 * A command parses argv (argv[0] is its own name), prints its result and
 * returns; main() prints the message of a failure.
 */
#ifndef CUDA_VALIDATE_COMMAND_H
#define CUDA_VALIDATE_COMMAND_H

#include <cjson/cJSON.h>

#include "base/diag.h"

struct command {
	const char *name;
	const char *summary;
	enum status (*run)(int argc, char **argv, struct diag *d);
};

extern const struct command command_profile;
extern const struct command command_check;
extern const struct command command_run;

/**
 * How this run was started, for its results: an object with version, command
 * (the words as typed, paths from the root shortened to their last part) and
 * date (UTC); the caller deletes it.
 */
cJSON *command_provenance(void);

#endif
