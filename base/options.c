/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/xalloc.h"

/* getopt_long returns these for long options; above any character. */
enum { FIRST_LONG = 1000, HELP = 999 };

enum { KEPT = 4 };		/* --output, --plot, --json, --csv */

/* `letter` is the short option that getopt did not know, or 0. */
static enum status unknown_option(const char *word, int letter,
				  const struct option_spec *specs, size_t n,
				  struct diag *d)
{
	const char **names = xcalloc(n + 1, sizeof *names), *near;
	size_t begin = 0;
	char bare[64], list[300] = "";

	for (size_t i = 0; i < n; i++)
		names[i] = specs[i].name;
	names[n] = "help";
	snprintf(bare, sizeof bare, "%s", word + strspn(word, "-"));
	bare[strcspn(bare, "=")] = '\0';
	for (size_t i = 0; i <= n && letter == 0; i++) {
		size_t len = strlen(list);

		if (strncmp(names[i], bare, strlen(bare)) != 0)
			continue;
		snprintf(list + len, sizeof list - len, "%s--%s",
			 begin++ > 0 ? ", " : "", names[i]);
	}
	near = letter == 0 ? nearest_name(bare, names, n + 1) : NULL;
	free(names);
	if (letter != 0)
		return diag_fail(d, STATUS_USAGE, "unknown option '-%c'",
				 letter);
	if (begin > 1)
		return diag_fail(d, STATUS_USAGE,
				 "option '%.60s' could be any of %s", word,
				 list);
	return diag_fail(d, STATUS_USAGE, "unknown option '%.60s'%s%s", word,
			 near ? ", the nearest is --" : "",
			 near ? near : "");
}

/* getopt's tables; the short ones start with ':' so that it is silent. */
static void build_tables(const struct option_spec *specs, size_t n,
			 struct option *longs, char *shorts)
{
	*shorts++ = ':';
	for (size_t i = 0; i < n; i++) {
		longs[i] = (struct option){
			.name = specs[i].name,
			.has_arg = specs[i].argument ? required_argument
						     : no_argument,
			.val = FIRST_LONG + (int)i,
		};
		if (specs[i].letter == '\0')
			continue;
		*shorts++ = specs[i].letter;
		if (specs[i].argument != NULL)
			*shorts++ = ':';
	}
	longs[n] = (struct option){ .name = "help", .val = HELP };
	*shorts++ = 'h';
	*shorts = '\0';
}

static size_t find_letter(const struct option_spec *specs, size_t n, int c)
{
	size_t i = 0;

	while (i < n && specs[i].letter != c)
		i++;
	return i;
}

/* The options that are kept, behind all others. */
static size_t add_kept(const struct option_set *set, struct option_spec *to)
{
	const struct option_spec kept[KEPT] = {
		{ "output", 'o', "FILE", set->output },
		{ "plot", '\0', "FILE", set->plot },
		{ "json", '\0', NULL, set->json },
		{ "csv", '\0', NULL, set->csv },
	};
	size_t n = 0;

	for (size_t i = 0; i < KEPT; i++)
		if (kept[i].help != NULL)
			to[n++] = kept[i];
	return n;
}

static enum status keep(const char *name, const char *text,
			struct option_result *out, struct diag *d)
{
	enum table_format format = strcmp(name, "json") == 0 ? TABLE_JSON
							      : TABLE_CSV;

	if (text != NULL && text[0] == '\0')
		return diag_fail(d, STATUS_USAGE, "found '', expected the name "
				 "of a file");
	if (strcmp(name, "output") == 0)
		out->output = text;
	else if (strcmp(name, "plot") == 0)
		out->plot = text;
	else if (out->format != TABLE_TEXT && out->format != format)
		return diag_fail(d, STATUS_USAGE,
				 "expected one of --json and --csv");
	else
		out->format = format;
	return STATUS_OK;
}

static enum status parse_all(int argc, char **argv,
			     const struct option_spec *specs, size_t n,
			     size_t nhandled, const struct option *longs,
			     const char *shorts, option_handler *handle,
			     void *context, struct option_result *out,
			     struct diag *d)
{
	enum status s;
	int c;

	optind = 0;		/* glibc: scan a new argv */
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const char *word = argv[optind - 1];
		size_t i;

		if (c == 'h' || c == HELP) {
			out->done = true;
			return STATUS_OK;
		}
		if (c == ':')
			return diag_fail(d, STATUS_USAGE,
					 "option '%.60s' needs a value",
					 word);
		if (c == '?' && optopt >= HELP)
			return diag_fail(d, STATUS_USAGE,
					 "option '%.60s' takes no value",
					 word);
		if (c == '?')
			return unknown_option(word, optopt, specs, n, d);
		i = c >= FIRST_LONG ? (size_t)(c - FIRST_LONG)
				    : find_letter(specs, n, c);
		s = i < nhandled ? handle(context, i, optarg, d)
				 : keep(specs[i].name, optarg, out, d);
		if (s != STATUS_OK)
			return diag_prefix(d, s, "--%s", specs[i].name);
	}
	out->noperands = argc - optind;
	out->operands = argv + optind;
	return STATUS_OK;
}

/* "  -o, --output FILE" */
static void write_synopsis(const struct option_spec *o, char *text,
			   size_t size)
{
	char letter[8] = "   ";

	if (o->letter != '\0')
		snprintf(letter, sizeof letter, "-%c,", o->letter);
	snprintf(text, size, "  %s --%s%s%s", letter, o->name,
		 o->argument ? " " : "", o->argument ? o->argument : "");
}

static void print_option(const struct option_spec *o, int width, FILE *out)
{
	const char *line = o->help;
	char synopsis[80];

	write_synopsis(o, synopsis, sizeof synopsis);
	fprintf(out, "%-*s  ", width, synopsis);
	for (;;) {
		size_t len = strcspn(line, "\n");

		fprintf(out, "%.*s\n", (int)len, line);
		if (line[len] == '\0')
			return;
		line += len + 1;
		fprintf(out, "%*s", width + 2, "");
	}
}

static void print_help(const char *usage, const struct option_spec *specs,
		       size_t n)
{
	static const struct option_spec help = {
		"help", 'h', NULL, "print this text"
	};
	size_t width = 0;

	printf("%s\n", usage);
	for (size_t i = 0; i < n; i++) {
		char synopsis[80];

		write_synopsis(&specs[i], synopsis, sizeof synopsis);
		if (strlen(synopsis) > width)
			width = strlen(synopsis);
	}
	for (size_t i = 0; i < n; i++)
		print_option(&specs[i], (int)width, stdout);
	print_option(&help, (int)width, stdout);
}

enum status options_parse(int argc, char **argv,
			  const struct option_set *set,
			  option_handler *handle, void *context,
			  struct option_result *out, struct diag *d)
{
	size_t nhandled = set->nshared + set->nown, n;
	struct option_spec *specs = xcalloc(nhandled + KEPT, sizeof *specs);
	struct option *longs = xcalloc(nhandled + KEPT + 2, sizeof *longs);
	char *shorts = xcalloc(2 * (nhandled + KEPT) + 3, 1);
	enum status s;

	for (size_t i = 0; i < nhandled; i++)
		specs[i] = i < set->nshared ? set->shared(i)
					    : set->own[i - set->nshared];
	n = nhandled + add_kept(set, specs + nhandled);
	*out = (struct option_result){ .format = TABLE_TEXT };
	build_tables(specs, n, longs, shorts);
	s = parse_all(argc, argv, specs, n, nhandled, longs, shorts, handle,
		      context, out, d);
	if (s == STATUS_OK && out->done)
		print_help(set->usage, specs, n);
	else if (s == STATUS_OK && out->noperands > set->most_operands)
		s = diag_fail(d, STATUS_USAGE,
			      "unexpected '%.60s'; '%s %s --help' tells "
			      "what %s takes",
			      out->operands[set->most_operands],
			      set->program ? set->program : "kvplan",
			      argv[0], argv[0]);
	free(specs);
	free(longs);
	free(shorts);
	return s;
}

enum status options_one_output(enum table_format format, const char *path,
			       struct diag *d)
{
	if (format == TABLE_TEXT || path == NULL || strcmp(path, "-") != 0)
		return STATUS_OK;
	return diag_fail(d, STATUS_USAGE, "expected one of --%s and a file "
			 "'-': both are for standard output",
			 format == TABLE_JSON ? "json" : "csv");
}

enum status options_size(const char *text, size_t min, size_t max,
			 size_t *out, struct diag *d)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (isdigit((unsigned char)text[0]) && *end == '\0' && errno == 0 &&
	    value >= min && value <= max) {
		*out = (size_t)value;
		return STATUS_OK;
	}
	if (max == SIZE_MAX)
		return diag_fail(d, STATUS_USAGE, "found '%.40s', expected a "
				 "whole number, %zu or more", text, min);
	return diag_fail(d, STATUS_USAGE, "found '%.40s', expected a whole "
			 "number from %zu to %zu", text, min, max);
}

enum status options_word(const char *text, const char *const *words,
			 size_t n, size_t *out, struct diag *d)
{
	char list[160] = "";

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list);

		if (strcmp(words[i], text) == 0) {
			*out = i;
			return STATUS_OK;
		}
		snprintf(list + len, sizeof list - len, "%s%s",
			 i == 0 ? "" : i + 1 == n ? " or " : ", ", words[i]);
	}
	return diag_fail(d, STATUS_USAGE, "found '%.40s', expected %s", text,
			 list);
}
