/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * max_min.h - how flows share links: max-min fairness.
 *
 * Progressive filling (Bertsekas and Gallager, Data Networks, 6.5.2): the
 * rates of all flows rise together; when a link is full its flows stop, and
 * the others go on.  The result is work-conserving: no flow can be given
 * more without taking from one that has no more than it.
 *
 * A link is whatever limits a sum of rates: one direction of a bus, a root
 * complex, the host's memory.  A limit that there is only while other links
 * carry something names them: that is how a bus does less when both of its
 * directions are in use.
 *
 * Flows that cross the same links get the same rate, so they are counted and
 * not told apart; the links that flows cross are a route.  Rates are a
 * function of the counts alone, however these came about, so answers are
 * remembered.  Misuse is asserted; nothing here returns an error.
 */
#ifndef SIM_MAX_MIN_H
#define SIM_MAX_MIN_H

#include <stddef.h>
#include <stdint.h>

enum { MAX_MIN_MOST_LINKS = 64 };

struct max_min;			/* opaque */

struct max_min_link {
	double bytes_per_s;	/* [B/s] > 0, or INFINITY for no limit */
	uint64_t while_busy;	/* a limit while all of these carry flows */
};

/*
 * Links that a flow crosses, at least so often: each set is part of the one
 * before.  Bytes that a CPU copies and a GPU then fetches are read, written and
 * read in the host's memory, which a flow of them crosses three times: it
 * takes three times its rate there.  And what it can do by itself, a limit that
 * it shares with no other.
 */
struct max_min_path {
	uint64_t once, twice, thrice;
	double most_bytes_per_s;	/* [B/s]; 0: no such limit */
};

/**
 * `n` <= MAX_MIN_MOST_LINKS `links`, copied, and no flow.  A bit of a set of
 * links stands for the link of that index.  The caller releases it with
 * max_min_free().
 */
struct max_min *max_min_new(const struct max_min_link *links, size_t n);

/** Release `m`; NULL is a no-op. */
void max_min_free(struct max_min *m);

/**
 * The index of the route along `path`, from 0 in the order in which routes
 * are asked for first.  It has a limit of its own, or one of its links a
 * finite one that is always there; it crosses a link in any case.
 */
size_t max_min_route(struct max_min *m, struct max_min_path path);

/** How often flows of `route` cross link `link`: 0 to 3. */
size_t max_min_crosses(const struct max_min *m, size_t route, size_t link);

/** One flow more or less on `route`.  O(1). */
void max_min_join(struct max_min *m, size_t route);
void max_min_leave(struct max_min *m, size_t route);

/** Flows on `route`. */
size_t max_min_count(const struct max_min *m, size_t route);

/**
 * The rate [B/s] of a flow, by route; 0 for a route without flows.  Good
 * until the next call that takes `m`.  O(routes) for counts met of late,
 * O(routes * links) for each distinct rate otherwise.
 */
const double *max_min_rates(struct max_min *m);

#endif
