/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/claim.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/xalloc.h"
#include "cli/command.h"

/* Exit codes; doc/kvplan.1 lists them. */
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const struct command *const commands[] = {
	&command_plan,
	&command_simulate,
	&command_sweep,
	&command_merge,
	&command_plot,
	&command_worth,
	&command_fit_budget,
	&command_place,
	&command_calibrate,
	&command_validate,
	&command_diff,
	&command_reproduce,
	&command_list,
	&command_show,
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *out)
{
	fputs("Usage: kvplan COMMAND [OPTION]...\n"
	      "Plan and simulate LLM decoding with the KV cache in host "
	      "memory.\n\n", out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name,
			commands[i]->summary);
	fputs("\n'kvplan COMMAND --help' tells more; 'man kvplan' tells all."
	      "\n\nExample:\n"
	      "  kvplan plan --model opt-6.7b --hardware a100-40gb-pcie4 "
	      "\\\n"
	      "              --batch 64 --prompt 128 --gen 128\n", out);
}

static const struct command *find(const char *name, struct diag *d)
{
	const char *names[COMMANDS], *near;

	for (size_t i = 0; i < COMMANDS; i++) {
		names[i] = commands[i]->name;
		if (strcmp(names[i], name) == 0)
			return commands[i];
	}
	near = nearest_name(name, names, COMMANDS);
	diag_fail(d, STATUS_USAGE, "unknown %s '%.40s'%s%s; 'kvplan --help' "
		  "lists the commands", name[0] == '-' ? "option" : "command",
		  name, near ? ", the nearest is " : "", near ? near : "");
	return NULL;
}

static enum status alone(int argc, char **argv, struct diag *d)
{
	if (argc == 2)
		return STATUS_OK;
	return diag_fail(d, STATUS_USAGE, "unexpected '%.40s' after %s",
			 argv[2], argv[1]);
}

static enum status run(int argc, char **argv, struct diag *d)
{
	const struct command *c;
	enum status s;

	if (argc < 2)
		return diag_fail(d, STATUS_USAGE, "expected a command; "
				 "'kvplan --help' lists them");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		s = alone(argc, argv, d);
		if (s == STATUS_OK)
			print_help(stdout);
		return s;
	}
	if (strcmp(argv[1], "--version") == 0) {
		s = alone(argc, argv, d);
		if (s == STATUS_OK)
			puts("kvplan " PACKAGE_VERSION);
		return s;
	}
	c = find(argv[1], d);
	return c == NULL ? STATUS_USAGE : c->run(argc - 1, argv + 1, d);
}

static int exit_code(enum status s)
{
	switch (s) {
	case STATUS_OK:
		return EXIT_OK;
	case STATUS_USAGE:
	case STATUS_UNKNOWN:
		return EXIT_USAGE;
	case STATUS_IO:
	case STATUS_INVALID:
	case STATUS_INFEASIBLE:
	case STATUS_SOLVER:
	case STATUS_DEVICE:
		break;
	}
	return EXIT_FAILED;
}

static void stop(int number)
{
	file_remove_pending();
	signal(number, SIG_DFL);
	raise(number);
}

/* A descriptor that was closed must not become that of some other file. */
static void open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* A write that failed before leaves no reason, unless the last fails too. */
static enum status finish_output(struct diag *d)
{
	int why;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return STATUS_OK;
	why = errno;
	return diag_fail(d, STATUS_IO, "standard output cannot be written%s%s",
			 why != 0 ? ": " : "", why != 0 ? strerror(why) : "");
}

int main(int argc, char **argv)
{
	struct diag d;
	enum status s;

	/* A closed pipe is then an error of fflush(), said as any other. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	signal(SIGHUP, stop);
	cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = xmalloc,
					.free_fn = free });
	open_standard();
	command_line_keep(argc, argv);
	claim_begin();
	s = run(argc, argv, &d);
	if (s == STATUS_OK)
		s = finish_output(&d);
	if (s != STATUS_OK)
		fprintf(stderr, "kvplan: %s\n", d.text);
	claim_end();
	command_line_drop();
	return exit_code(s);
}
