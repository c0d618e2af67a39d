/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fair_share.h - how flows share links: max-min fairness.
 *
 * Progressive filling (Bertsekas and Gallager, Data Networks, 6.5.2): the
 * rates of all flows rise together; when a link is full its flows stop, and
 * the others go on.  The result is work-conserving: no flow can be given
 * more without taking from one that has no more than it.
 */
#ifndef SIM_FAIR_SHARE_H
#define SIM_FAIR_SHARE_H

#include <stddef.h>
#include <stdint.h>

enum { FAIR_SHARE_MOST_LINKS = 32 };

/**
 * Rates [B/s] of `nflows` flows into `rate`.  Flow i crosses the links whose
 * bits are set in `route[i]`, at least one; link j carries at most
 * `capacity[j]` > 0 [B/s].  Cannot fail; O(nlinks * nflows * nlinks).
 */
void fair_share(const double *capacity, size_t nlinks, const uint32_t *route,
		size_t nflows, double *rate);

#endif
