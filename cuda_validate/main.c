/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/provenance.h"
#include "base/xalloc.h"
#include "cuda_validate/command.h"

static const struct command *const commands[] = {
	&command_profile,
	&command_check,
	&command_run,
};

static const struct program kvplan_gpu = {
	.name = "kvplan-gpu",
	.purpose = "Measure an NVIDIA GPU and its link for kvplan, and check "
		   "the method on it.",
	.more = ".\n",
	.commands = commands,
	.ncommands = sizeof commands / sizeof commands[0],
};

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
	cJSON *o = provenance_json(), *words = cJSON_CreateArray();
	time_t now = time(NULL);
	struct tm utc;
	char date[32];

	for (char **word = provenance_command(); *word != NULL; word++)
		cJSON_AddItemToArray(words, published(*word));
	cJSON_ReplaceItemInObjectCaseSensitive(o, "command", words);
	gmtime_r(&now, &utc);
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
	cJSON_AddStringToObject(o, "date", date);
	return o;
}

int main(int argc, char **argv)
{
	return program_main(&kvplan_gpu, argc, argv);
}
