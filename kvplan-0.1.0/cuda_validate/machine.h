/* SPDX-License-Identifier: GPL-3.0-or-later */
/* machine.h - what a result says of the machine that it was measured on. */
#ifndef CUDA_VALIDATE_MACHINE_H
#define CUDA_VALIDATE_MACHINE_H

#include <stddef.h>

#include <cjson/cJSON.h>

#include "cuda_validate/device.h"
#include "cuda_validate/sensors.h"

/** Threads that the CPU runs at a time, at least 1. */
size_t machine_threads(void);

/**
 * A JSON object of GPU, driver, libraries, CPU and memory; no name of the
 * host and no serial number.  `sensors` may be NULL; `cublas` is
 * matmul_version()'s.  The caller deletes it.
 */
cJSON *machine_json(const struct device *g, const struct sensors *sensors,
		    int cublas);

#endif
