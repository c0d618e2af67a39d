/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * program.h - what a program of kvplan does around its commands: the command
 * line as a command and its arguments, help, signals, standard output that
 * cannot be written, one line for a failure, and the exit code.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include <stddef.h>

#include "base/diag.h"

/*
 * A command parses argv (argv[0] is its own name), prints its result to
 * standard output and returns.
 */
struct command {
	const char *name;
	const char *summary;
	enum status (*run)(int argc, char **argv, struct diag *d);
};

struct program {
	const char *name;
	const char *purpose;		/* of --help: a sentence */
	const char *more;		/* its last lines */
	const struct command *const *commands;
	size_t ncommands;
	/* Whether `c` can be run here; NULL: all can. */
	enum status (*admit)(const struct command *c, struct diag *d);
};

/* Exit codes; doc/kvplan.1 and cuda_validate/README.md list them. */
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NO_GPU = 3 };

/**
 * The whole of main(): run the command that argv[1] names, or --help or
 * --version; returns the exit code.  While it runs, the command line is kept
 * (base/provenance.h), files are claimed (base/claim.h), cJSON allocates or
 * dies, and a signal that ends the program removes what is half written.
 */
int program_main(const struct program *p, int argc, char **argv);

#endif
