/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

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

static const struct program kvplan = {
	.name = "kvplan",
	.purpose = "Plan and simulate LLM decoding with the KV cache in host "
		   "memory.",
	.more = "; 'man kvplan' tells all.\n\nExample:\n"
		"  kvplan plan --model opt-6.7b --hardware a100-40gb-pcie4 \\\n"
		"              --batch 64 --prompt 128 --gen 128\n",
	.commands = commands,
	.ncommands = sizeof commands / sizeof commands[0],
};

int main(int argc, char **argv)
{
	return program_main(&kvplan, argc, argv);
}
