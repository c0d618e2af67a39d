/* SPDX-License-Identifier: GPL-3.0-or-later */
/* half.h - IEEE 754 binary16 on the CPU, wherever it is compiled. */
#ifndef CUDA_VALIDATE_HALF_H
#define CUDA_VALIDATE_HALF_H

#include <stdint.h>

/** The value of the bits `h`; exact. */
float half_to_float(uint16_t h);

/** The nearest fp16 number to `x`, ties to even; beyond 65504 infinity. */
uint16_t half_from_float(float x);

#endif
