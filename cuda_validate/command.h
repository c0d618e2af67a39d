/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.h - the commands of kvplan-gpu, one for each cmd_NAME.c.
 */
#ifndef CUDA_VALIDATE_COMMAND_H
#define CUDA_VALIDATE_COMMAND_H

#include <cjson/cJSON.h>

#include "base/program.h"

extern const struct command command_profile;
extern const struct command command_check;
extern const struct command command_run;

/**
 * provenance_json() with the date (UTC), and paths from the root shortened to
 * their last part; the caller deletes it.
 */
cJSON *command_provenance(void);

#endif
