/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * zero_inference.h - DeepSpeed's ZeRO-Inference: weights streamed, the next
 * layer's under the compute of this one; KV on the host, where the CPU
 * attends to it.  With --attention gpu it is loaded when the layer begins.
 * (microsoft/DeepSpeedExamples, inference/huggingface/zero_inference.)
 */
#ifndef SCHEDULE_ZERO_INFERENCE_H
#define SCHEDULE_ZERO_INFERENCE_H

#include "schedule/policy.h"

extern const struct policy policy_zero_inference;

#endif
