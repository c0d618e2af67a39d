/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * element.h - how an element of a tensor is stored.
 *
 * GPUs compute in 16 bits; weights, KV and activations may be stored and sent
 * in fewer.  8 and 4 bits are group-wise: each group of 64 elements carries a
 * scale and a minimum of 16 bits (FlexGen, arXiv 2303.06865, section 4.3), so
 * that an element takes 1 + 4/64 or 0.5 + 4/64 bytes.
 */
#ifndef MODEL_ELEMENT_H
#define MODEL_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>

enum element { ELEMENT_FP16, ELEMENT_INT8, ELEMENT_INT4, ELEMENT_COUNT };

/** Bytes of an element that kernels compute with: fp16 or bf16. */
#define ELEMENT_COMPUTE_BYTES 2.0

/** "fp16", "int8", "int4": ELEMENT_COUNT of them, by enum element. */
extern const char *const element_names[ELEMENT_COUNT];

/** [B] of a stored element, its share of scale and minimum included. */
double element_bytes(enum element e);

/** Whether kernels must turn it into 16 bits first. */
bool element_is_quantised(enum element e);

#endif
