/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * options.h - the options of a subcommand, from one table.
 *
 * getopt_long parses; the table also gives --help and, for an unknown
 * option, the nearest one.
 */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/table.h"

struct option_spec {
	const char *name;		/* long, without dashes */
	char letter;			/* short, or '\0' */
	const char *argument;		/* what follows, or NULL */
	const char *help;		/* lines are separated by '\n' */
};

/* Of --json where it prints what the table says. */
#define OPTIONS_ONE_OBJECT "print one JSON object, SI units"

/*
 * What a command accepts: options 0 .. nshared - 1, then its own, then those
 * that are kept for it (struct option_result), if their help is not NULL.
 */
struct option_set {
	const char *program;	/* NULL: kvplan */
	const char *usage;	/* printed above the options by --help */
	struct option_spec (*shared)(size_t i);
	size_t nshared;
	const struct option_spec *own;
	size_t nown;
	const char *output, *plot;	/* help of --output and --plot FILE, */
	const char *json, *csv;		/* of --json and --csv */
	int most_operands;
};

/**
 * Called for each option but those kept, by its index in the set; `text` may
 * be NULL.
 */
typedef enum status option_handler(void *context, size_t index,
				   const char *text, struct diag *d);

struct option_result {
	bool done;			/* --help was asked for and printed */
	const char *output, *plot;	/* NULL: not given */
	enum table_format format;
	int noperands;
	char **operands;		/* into argv */
};

/**
 * Parse argv[1..] by `set`; --help is always there.  STATUS_USAGE for an
 * unknown option, a missing argument, an operand too many, or both --json and
 * --csv, or what the handler returned, with the option's name before its
 * message.  `handle` may be NULL where nothing is left for it.
 */
MUST_CHECK enum status options_parse(int argc, char **argv,
				     const struct option_set *set,
				     option_handler *handle, void *context,
				     struct option_result *out,
				     struct diag *d);

/**
 * STATUS_USAGE if a file takes standard output, `path` being "-" (NULL: there
 * is none), and so does --json or --csv, which `format` says.
 */
MUST_CHECK enum status options_one_output(enum table_format format,
					  const char *path, struct diag *d);

/** `text` as a whole number in [min, max]; STATUS_USAGE otherwise. */
MUST_CHECK enum status options_size(const char *text, size_t min, size_t max,
				    size_t *out, struct diag *d);

/**
 * The index of `text` among the `n` `words`; STATUS_USAGE, listing them,
 * otherwise.
 */
MUST_CHECK enum status options_word(const char *text,
				    const char *const *words, size_t n,
				    size_t *out, struct diag *d);

#endif
