/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static int all_argc;
static char **all_argv;

void command_line_keep(int argc, char **argv)
{
	all_argc = argc;
	all_argv = xcalloc((size_t)argc + 1, sizeof *all_argv);
	memcpy(all_argv, argv, (size_t)argc * sizeof *all_argv);
}

void command_line_drop(void)
{
	free(all_argv);
	all_argv = NULL;
	all_argc = 0;
}

void command_line(int *argc, char ***argv)
{
	*argc = all_argc;
	*argv = all_argv;
}
