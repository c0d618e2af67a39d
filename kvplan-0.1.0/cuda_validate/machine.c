/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

size_t machine_threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (size_t)n;
}

/* The processor's name as Linux tells it; "" where it does not. */
static void cpu_name(char *out, size_t size)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	char line[256];

	out[0] = '\0';
	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		const char *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) != 0 || colon == NULL)
			continue;
		snprintf(out, size, "%.*s",
			 (int)strcspn(colon + 2, "\n"), colon + 2);
		break;
	}
	if (f != NULL)
		fclose(f);
}

static void add_version(cJSON *o, const char *key, int major, int minor)
{
	char text[32];

	snprintf(text, sizeof text, "%d.%d", major, minor);
	cJSON_AddStringToObject(o, key, text);
}

static void add_facts(cJSON *gpu, const struct sensors *sensors)
{
	cJSON *facts = sensors_facts(sensors), *next;

	for (cJSON *f = facts->child; f != NULL; f = next) {
		char key[64];

		next = f->next;
		snprintf(key, sizeof key, "%s", f->string);
		cJSON_AddItemToObject(gpu, key, cJSON_DetachItemViaPointer(
						  facts, f));
	}
	cJSON_Delete(facts);
}

cJSON *machine_json(const struct device *g, const struct sensors *sensors,
		    int cublas)
{
	cJSON *o = cJSON_CreateObject();
	cJSON *gpu = cJSON_AddObjectToObject(o, "gpu");
	cJSON *host = cJSON_AddObjectToObject(o, "host");
	struct utsname system;
	char name[128];

	cJSON_AddStringToObject(gpu, "name", g->name);
	add_version(gpu, "compute_capability", g->major, g->minor);
	cJSON_AddNumberToObject(gpu, "sms", (double)g->sms);
	cJSON_AddNumberToObject(gpu, "memory_bytes",
				(double)g->memory_bytes);
	cJSON_AddNumberToObject(gpu, "l2_bytes", (double)g->l2_bytes);
	cJSON_AddNumberToObject(gpu, "copy_engines",
				(double)g->copy_engines);
	add_facts(gpu, sensors);
	add_version(o, "cuda_driver", g->driver / 1000,
		    g->driver % 1000 / 10);
	add_version(o, "cuda_runtime", g->runtime / 1000,
		    g->runtime % 1000 / 10);
	cJSON_AddNumberToObject(o, "cublas", cublas);
	cpu_name(name, sizeof name);
	cJSON_AddStringToObject(host, "cpu", name);
	cJSON_AddNumberToObject(host, "threads", (double)machine_threads());
	cJSON_AddNumberToObject(host, "memory_bytes",
				(double)sysconf(_SC_PHYS_PAGES) *
				(double)sysconf(_SC_PAGESIZE));
	if (uname(&system) == 0) {
		snprintf(name, sizeof name, "%.40s %.60s", system.sysname,
			 system.machine);
		cJSON_AddStringToObject(host, "system", name);
	}
	return o;
}
