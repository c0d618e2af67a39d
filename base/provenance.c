/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/provenance.h"

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/fingerprint.h"
#include "base/xalloc.h"

static char **kept;

void provenance_keep(int argc, char **argv)
{
	kept = xcalloc((size_t)argc + 1, sizeof *kept);
	memcpy(kept, argv, (size_t)argc * sizeof *kept);
}

void provenance_drop(void)
{
	free(kept);
	kept = NULL;
}

char **provenance_command(void)
{
	return kept;
}

cJSON *provenance_json(void)
{
	cJSON *o = cJSON_CreateObject(), *command;

	cJSON_AddStringToObject(o, "version", PACKAGE_VERSION);
	command = cJSON_AddArrayToObject(o, "command");
	for (char **word = kept; word != NULL && *word != NULL; word++)
		cJSON_AddItemToArray(command, cJSON_CreateString(*word));
	return o;
}

void provenance_add_input(cJSON *made_by, const char *what, const char *name,
			  const char *text)
{
	char hash[FINGERPRINT_SIZE];
	cJSON *inputs = cJSON_GetObjectItemCaseSensitive(made_by, "inputs");
	cJSON *o;

	if (inputs == NULL)
		inputs = cJSON_AddObjectToObject(made_by, "inputs");
	o = cJSON_AddObjectToObject(inputs, what);
	fingerprint_text(text, hash);
	if (name != NULL)
		cJSON_AddStringToObject(o, "name", name);
	cJSON_AddStringToObject(o, "fnv1a", hash);
}

void provenance_add_json(cJSON *made_by, const char *what, const char *name,
			 const cJSON *data)
{
	char *text = cJSON_PrintUnformatted(data);

	provenance_add_input(made_by, what, name, text);
	cJSON_free(text);
}
