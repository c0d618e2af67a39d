/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sensors.h - clocks, temperature and power of a GPU, from NVIDIA's
 * management library, which comes with the driver.
 *
 * The library is looked for when the program runs.  Where it is missing, or
 * does not know a figure, there is no figure.
 */
#ifndef CUDA_VALIDATE_SENSORS_H
#define CUDA_VALIDATE_SENSORS_H

#include <cjson/cJSON.h>

struct sensors;			/* opaque */

/** Of the GPU at PCI address `pci`; NULL if the library is not there. */
struct sensors *sensors_new(const char *pci);
void sensors_free(struct sensors *s);	/* NULL is a no-op */

/**
 * A JSON object of what is known now: sm_mhz, memory_mhz, temperature_c,
 * memory_temperature_c, power_w, throttle_reasons (NVML's bits).  `s` may be
 * NULL; the caller deletes it.
 */
cJSON *sensors_state(const struct sensors *s);

/**
 * The same of what stays: driver, pcie_generation, pcie_width,
 * sm_most_mhz, memory_most_mhz, power_limit_w.
 */
cJSON *sensors_facts(const struct sensors *s);

/** Clock of the SMs now [MHz]; NaN if not known.  `s` may be NULL. */
double sensors_sm_mhz(const struct sensors *s);

/** Power drawn now [W]; NaN if not known.  `s` may be NULL. */
double sensors_power_w(const struct sensors *s);

/**
 * Energy drawn since the driver was loaded [J]; NaN if not known.  Unlike the
 * power it is no average over some time before.  `s` may be NULL.
 */
double sensors_energy_j(const struct sensors *s);

#endif
