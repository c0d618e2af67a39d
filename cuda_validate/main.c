/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/claim.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/xalloc.h"
#include "cuda_validate/command.h"

/* Exit codes; cuda_validate/README.md lists them. */
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NO_GPU = 3 };

static const struct command *const commands[] = {
	&command_profile,
	&command_check,
	&command_run,
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* getopt reorders argv; this is the command line as it was typed. */
static int all_argc;
static char **all_argv;

/* `word`, of a path from the root the last part: results are published, and
 * how a machine's folders are called is nobody's business. */
static cJSON *published(const char *word)
{
	const char *equals = strchr(word, '='), *slash;
	const char *path = equals != NULL && word[0] == '-' ? equals + 1
							    : word;
	char *text;
	cJSON *o;

	slash = path[0] == '/' ? strrchr(path, '/') : NULL;
	if (slash == NULL)
		return cJSON_CreateString(word);
	text = xcalloc(strlen(word) + 1, 1);
	memcpy(text, word, (size_t)(path - word));
	memcpy(text + (path - word), slash + 1, strlen(slash + 1));
	o = cJSON_CreateString(text);
	free(text);
	return o;
}

cJSON *command_provenance(void)
{
	cJSON *o = cJSON_CreateObject(), *words;
	time_t now = time(NULL);
	struct tm utc;
	char date[32];

	cJSON_AddStringToObject(o, "version", PACKAGE_VERSION);
	words = cJSON_AddArrayToObject(o, "command");
	for (int i = 0; i < all_argc; i++)
		cJSON_AddItemToArray(words, published(all_argv[i]));
	gmtime_r(&now, &utc);
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
	cJSON_AddStringToObject(o, "date", date);
	return o;
}

static void print_help(void)
{
	fputs("Usage: kvplan-gpu COMMAND [OPTION]...\n"
	      "Measure an NVIDIA GPU and its link for kvplan, and check the "
	      "method on it.\n\n", stdout);
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-10s %s\n", commands[i]->name,
		       commands[i]->summary);
	fputs("\n'kvplan-gpu COMMAND --help' tells more.\n", stdout);
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
	diag_fail(d, STATUS_USAGE, "unknown %s '%.40s'%s%s; 'kvplan-gpu "
		  "--help' lists the commands",
		  name[0] == '-' ? "option" : "command", name,
		  near ? ", the nearest is " : "", near ? near : "");
	return NULL;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	const struct command *c;
	int help, version;

	if (argc < 2)
		return diag_fail(d, STATUS_USAGE, "expected a command; "
				 "'kvplan-gpu --help' lists them");
	help = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	       strcmp(argv[1], "help") == 0;
	version = strcmp(argv[1], "--version") == 0;
	if ((help || version) && argc > 2)
		return diag_fail(d, STATUS_USAGE, "unexpected '%.40s' after "
				 "%s", argv[2], argv[1]);
	if (help)
		print_help();
	else if (version)
		puts("kvplan-gpu " PACKAGE_VERSION);
	if (help || version)
		return STATUS_OK;
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

int main(int argc, char **argv)
{
	struct diag d;
	enum status s;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	signal(SIGHUP, stop);
	cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = xmalloc,
					.free_fn = free });
	open_standard();
	all_argc = argc;
	all_argv = xcalloc((size_t)argc + 1, sizeof *all_argv);
	memcpy(all_argv, argv, (size_t)argc * sizeof *all_argv);
	claim_begin();
	s = run(argc, argv, &d);
	claim_end();
	if ((fflush(stdout) != 0 || ferror(stdout)) && s == STATUS_OK)
		s = diag_fail(&d, STATUS_IO, "standard output cannot be "
			      "written");
	if (s != STATUS_OK)
		fprintf(stderr, "kvplan-gpu: %s\n", d.text);
	free(all_argv);
	return exit_code(s);
}
