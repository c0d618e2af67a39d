/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <string.h>

#include "sweep/launcher.h"

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

/* Each rank would do all of it, and all write the same files. */
static enum status admit(const struct command *c, struct diag *d)
{
	size_t ranks = sweep_launcher_count();

	if (c == &command_sweep || ranks == 1)
		return STATUS_OK;
	return diag_fail(d, STATUS_USAGE, "%s: found %zu processes of mpirun, "
			 "expected one: only sweep shares its work among them",
			 c->name, ranks);
}

static const struct program kvplan = {
	.name = "kvplan",
	.purpose = "Plan and simulate LLM decoding with the KV cache in host "
		   "memory.",
	.more = "; 'man kvplan' tells all.\n\nExample:\n"
		"  kvplan plan --model opt-6.7b --hardware a100-40gb-pcie4 \\\n"
		"              --batch 64 --prompt 128 --gen 128\n",
	.commands = commands,
	.ncommands = sizeof commands / sizeof commands[0],
	.admit = admit,
};

int main(int argc, char **argv)
{
	/* what is said once, and not by each rank, rank 0 says */
	if (sweep_launcher_rank() > 0 &&
	    (argc < 2 || strcmp(argv[1], command_sweep.name) != 0))
		return EXIT_OK;
	return program_main(&kvplan, argc, argv);
}
