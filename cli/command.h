/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.h - the commands of kvplan, one for each cmd_NAME.c.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/program.h"

extern const struct command command_plan;
extern const struct command command_simulate;
extern const struct command command_sweep;
extern const struct command command_merge;
extern const struct command command_plot;
extern const struct command command_worth;
extern const struct command command_fit_budget;
extern const struct command command_place;
extern const struct command command_calibrate;
extern const struct command command_validate;
extern const struct command command_diff;
extern const struct command command_reproduce;
extern const struct command command_list;
extern const struct command command_show;

#endif
