/* SPDX-License-Identifier: GPL-3.0-or-later */
/* claim.h - reads a headline of an item. */
#ifndef REPRODUCE_CLAIM_H
#define REPRODUCE_CLAIM_H

#include "paper-repro/item.h"

/**
 * Read the headline `at` behind those of `item`, which has room for it and
 * its studies read.  STATUS_INVALID says which member is wrong.
 */
MUST_CHECK enum status reproduce_claim_read(const struct json *at,
					    struct item *item,
					    struct diag *d);

#endif
