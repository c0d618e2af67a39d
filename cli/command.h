/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.h - the subcommands, as a table in main.c.
 *
 * A command parses argv (argv[0] is its own name), prints its result to
 * standard output and returns; main() prints the message of a failure and
 * turns the status into the exit code.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/diag.h"

struct command {
	const char *name;
	const char *summary;
	enum status (*run)(int argc, char **argv, struct diag *d);
};

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

/**
 * Keep the command line as it was typed, which getopt reorders; drop it at the
 * end.
 */
void command_line_keep(int argc, char **argv);
void command_line_drop(void);

/**
 * The whole command line, for results that say how they were made; none where
 * none was kept.
 */
void command_line(int *argc, char ***argv);

#endif
