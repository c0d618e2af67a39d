/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/program.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/claim.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/provenance.h"
#include "base/xalloc.h"

static void print_help(const struct program *p)
{
	printf("Usage: %s COMMAND [OPTION]...\n%s\n\n", p->name, p->purpose);
	for (size_t i = 0; i < p->ncommands; i++)
		printf("  %-10s %s\n", p->commands[i]->name,
		       p->commands[i]->summary);
	printf("\n'%s COMMAND --help' tells more%s", p->name, p->more);
}

static const struct command *find(const struct program *p, const char *name,
				  struct diag *d)
{
	const char **names = xcalloc(p->ncommands, sizeof *names), *near;
	const struct command *found = NULL;

	for (size_t i = 0; i < p->ncommands; i++) {
		names[i] = p->commands[i]->name;
		if (strcmp(names[i], name) == 0)
			found = p->commands[i];
	}
	near = nearest_name(name, names, p->ncommands);
	if (found == NULL)
		diag_fail(d, STATUS_USAGE, "unknown %s '%.40s'%s%s; "
			  "'%s --help' lists the commands",
			  name[0] == '-' ? "option" : "command", name,
			  near ? ", the nearest is " : "", near ? near : "",
			  p->name);
	free(names);
	return found;
}

static enum status run(const struct program *p, int argc, char **argv,
		       struct diag *d)
{
	const struct command *c;
	bool help, version;
	enum status s;

	if (argc < 2)
		return diag_fail(d, STATUS_USAGE, "expected a command; "
				 "'%s --help' lists them", p->name);
	help = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	       strcmp(argv[1], "help") == 0;
	version = strcmp(argv[1], "--version") == 0;
	if ((help || version) && argc > 2)
		return diag_fail(d, STATUS_USAGE, "unexpected '%.40s' after "
				 "%s", argv[2], argv[1]);
	if (help)
		print_help(p);
	else if (version)
		printf("%s %s\n", p->name, PACKAGE_VERSION);
	if (help || version)
		return STATUS_OK;
	c = find(p, argv[1], d);
	s = c == NULL ? STATUS_USAGE : p->admit ? p->admit(c, d) : STATUS_OK;
	return s == STATUS_OK ? c->run(argc - 1, argv + 1, d) : s;
}

static int exit_code(enum status s)
{
	switch (s) {
	case STATUS_OK:
		return EXIT_OK;
	case STATUS_USAGE:
	case STATUS_UNKNOWN:
		return EXIT_USAGE;
	case STATUS_DEVICE:
		return EXIT_NO_GPU;
	case STATUS_IO:
	case STATUS_INVALID:
	case STATUS_INFEASIBLE:
	case STATUS_SOLVER:
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

int program_main(const struct program *p, int argc, char **argv)
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
	provenance_keep(argc, argv);
	claim_begin();
	s = run(p, argc, argv, &d);
	if (s == STATUS_OK)
		s = finish_output(&d);
	if (s != STATUS_OK)
		fprintf(stderr, "%s: %s\n", p->name, d.text);
	claim_end();
	provenance_drop();
	return exit_code(s);
}
