/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compute.h - the kernels of a decoder layer, task by task.
 */
#ifndef CUDA_VALIDATE_COMPUTE_H
#define CUDA_VALIDATE_COMPUTE_H

#include <stdbool.h>

#include "cuda_validate/act.h"

/** Issue the kernels of `a`, whose work is on ENGINE_SM. */
bool compute_task(const struct act *a);

#endif
