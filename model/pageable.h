/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pageable.h - a machine whose host keeps everything in pageable memory.
 */
#ifndef MODEL_PAGEABLE_H
#define MODEL_PAGEABLE_H

#include "base/diag.h"

/**
 * Make the pageable rates in the profile text `*json` its link rates, the
 * pageable curves of a calibration its link's, and the times that a copied byte
 * crosses the host's memory HARDWARE_PAGEABLE_CROSSINGS, as for a runtime that
 * does not pin its host memory.  STATUS_INVALID if the profile does not state
 * the rates; `*json` is then unchanged.
 */
MUST_CHECK enum status pageable_use(char **json, struct diag *d);

#endif
