/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/sensors.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* NVML's constants; its header is not needed for so few. */
enum { CLOCK_SM = 1, CLOCK_MEMORY = 2, TEMPERATURE_GPU = 0,
       FIELD_MEMORY_TEMPERATURE = 82 };

/* NVML's nvmlFieldValue_t. */
struct field {
	unsigned id, scope;
	long long time, latency;
	int type, result;
	union {
		double d;
		unsigned u;
		unsigned long long ull;
	} value;
};

typedef int get_unsigned(void *gpu, unsigned *value);
typedef int get_kind(void *gpu, int kind, unsigned *value);
typedef int get_long(void *gpu, unsigned long long *value);

struct sensors {
	void *library, *gpu;
	int (*shutdown)(void);
};

/* POSIX lets a void * hold a function; ISO C has no cast for it. */
static void find(const struct sensors *s, const char *name, void *function)
{
	void *symbol = dlsym(s->library, name);

	memcpy(function, &symbol, sizeof symbol);
}

struct sensors *sensors_new(const char *pci)
{
	struct sensors *s = xcalloc(1, sizeof *s);
	int (*start)(void) = NULL;
	int (*by_pci)(const char *, void **) = NULL;

	s->library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
	if (s->library != NULL) {
		find(s, "nvmlInit_v2", &start);
		find(s, "nvmlShutdown", &s->shutdown);
		find(s, "nvmlDeviceGetHandleByPciBusId_v2", &by_pci);
	}
	if (start == NULL || by_pci == NULL || start() != 0) {
		s->shutdown = NULL;
	} else if (by_pci(pci, &s->gpu) == 0) {
		return s;
	}
	sensors_free(s);
	return NULL;
}

void sensors_free(struct sensors *s)
{
	if (s == NULL)
		return;
	if (s->shutdown != NULL)
		(void)s->shutdown();
	if (s->library != NULL)
		dlclose(s->library);
	free(s);
}

double sensors_sm_mhz(const struct sensors *s)
{
	get_kind *get = NULL;
	unsigned value;

	if (s != NULL)
		find(s, "nvmlDeviceGetClockInfo", &get);
	return get != NULL && get(s->gpu, CLOCK_SM, &value) == 0
		? (double)value : NAN;
}

double sensors_power_w(const struct sensors *s)
{
	get_unsigned *get = NULL;
	unsigned value;

	if (s != NULL)
		find(s, "nvmlDeviceGetPowerUsage", &get);
	return get != NULL && get(s->gpu, &value) == 0
		? 1e-3 * (double)value : NAN;
}

double sensors_energy_j(const struct sensors *s)
{
	get_long *get = NULL;
	unsigned long long value;

	if (s != NULL)
		find(s, "nvmlDeviceGetTotalEnergyConsumption", &get);
	return get != NULL && get(s->gpu, &value) == 0
		? 1e-3 * (double)value : NAN;
}

static void add_unsigned(const struct sensors *s, cJSON *o, const char *key,
			 const char *function, double unit)
{
	get_unsigned *get = NULL;
	unsigned value;

	find(s, function, &get);
	if (get != NULL && get(s->gpu, &value) == 0)
		cJSON_AddNumberToObject(o, key, unit * value);
}

static void add_kind(const struct sensors *s, cJSON *o, const char *key,
		     const char *function, int kind)
{
	get_kind *get = NULL;
	unsigned value;

	find(s, function, &get);
	if (get != NULL && get(s->gpu, kind, &value) == 0)
		cJSON_AddNumberToObject(o, key, value);
}

static void add_memory_temperature(const struct sensors *s, cJSON *o)
{
	int (*get)(void *gpu, int n, struct field *values) = NULL;
	struct field f = { .id = FIELD_MEMORY_TEMPERATURE };

	find(s, "nvmlDeviceGetFieldValues", &get);
	if (get != NULL && get(s->gpu, 1, &f) == 0 && f.result == 0)
		cJSON_AddNumberToObject(o, "memory_temperature_c",
					f.value.u);
}

cJSON *sensors_state(const struct sensors *s)
{
	cJSON *o = cJSON_CreateObject();
	unsigned long long reasons;
	get_long *get = NULL;

	if (s == NULL)
		return o;
	add_kind(s, o, "sm_mhz", "nvmlDeviceGetClockInfo", CLOCK_SM);
	add_kind(s, o, "memory_mhz", "nvmlDeviceGetClockInfo", CLOCK_MEMORY);
	add_kind(s, o, "temperature_c", "nvmlDeviceGetTemperature",
		 TEMPERATURE_GPU);
	add_memory_temperature(s, o);
	add_unsigned(s, o, "power_w", "nvmlDeviceGetPowerUsage", 1e-3);
	find(s, "nvmlDeviceGetCurrentClocksThrottleReasons", &get);
	if (get != NULL && get(s->gpu, &reasons) == 0)
		cJSON_AddNumberToObject(o, "throttle_reasons",
					(double)reasons);
	return o;
}

cJSON *sensors_facts(const struct sensors *s)
{
	cJSON *o = cJSON_CreateObject();
	int (*version)(char *, unsigned) = NULL;
	char text[80];

	if (s == NULL)
		return o;
	find(s, "nvmlSystemGetDriverVersion", &version);
	if (version != NULL && version(text, sizeof text) == 0)
		cJSON_AddStringToObject(o, "driver", text);
	add_unsigned(s, o, "pcie_generation",
		     "nvmlDeviceGetCurrPcieLinkGeneration", 1.0);
	add_unsigned(s, o, "pcie_width", "nvmlDeviceGetCurrPcieLinkWidth",
		     1.0);
	add_kind(s, o, "sm_most_mhz", "nvmlDeviceGetMaxClockInfo", CLOCK_SM);
	add_kind(s, o, "memory_most_mhz", "nvmlDeviceGetMaxClockInfo",
		 CLOCK_MEMORY);
	add_unsigned(s, o, "power_limit_w", "nvmlDeviceGetEnforcedPowerLimit",
		     1e-3);
	return o;
}
