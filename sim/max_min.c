/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/max_min.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/*
 * Simulated machines come back to the same few states over and over, so what
 * was solved is kept in a table of MEMORY counts with their rates, where the
 * newer drives out the older.  Zeroed entries are right as they are: without
 * flows all rates are 0.
 */
enum { MEMORY_BITS = 11, MEMORY = 1 << MEMORY_BITS };

struct max_min {
	struct max_min_link links[MAX_MIN_MOST_LINKS];
	size_t nlinks, nroutes;
	struct max_min_path *paths;	/* of each route, as the next two */
	uint64_t *weight;	/* of a flow in the hash */
	uint32_t *count;
	uint64_t hash;		/* of the counts */
	uint32_t *known_counts;	/* MEMORY rows of nroutes */
	double *known_rates;	/* the same */
};

struct max_min *max_min_new(const struct max_min_link *links, size_t n)
{
	struct max_min *m = xcalloc(1, sizeof *m);

	assert(n <= MAX_MIN_MOST_LINKS);
	for (size_t j = 0; j < n; j++)
		assert(links[j].bytes_per_s > 0.0);
	memcpy(m->links, links, n * sizeof *links);
	m->nlinks = n;
	return m;
}

void max_min_free(struct max_min *m)
{
	if (m == NULL)
		return;
	free(m->paths);
	free(m->weight);
	free(m->count);
	free(m->known_counts);
	free(m->known_rates);
	free(m);
}

/* The first of a set that is not empty, and the rest. */
static unsigned first_of(uint64_t set)
{
	return (unsigned)__builtin_ctzll(set);
}

static uint64_t rest_of(uint64_t set)
{
	return set & (set - 1);
}

static bool is_limited(const struct max_min *m, uint64_t links)
{
	for (uint64_t s = links; s != 0; s = rest_of(s)) {
		assert(first_of(s) < m->nlinks);
		if (isfinite(m->links[first_of(s)].bytes_per_s) &&
		    m->links[first_of(s)].while_busy == 0)
			return true;
	}
	return false;
}

/*
 * Odd, and unlike the next: the golden ratio's bits (Knuth's multiplicative
 * hashing), twice so that sums of a few differ in their upper bits.
 */
static uint64_t make_weight(size_t route)
{
	const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t x = (route + 1) * golden;

	return (x ^ x >> 29) * golden | 1;
}

static bool same(struct max_min_path a, struct max_min_path b)
{
	return a.once == b.once && a.twice == b.twice &&
	       a.thrice == b.thrice &&
	       a.most_bytes_per_s == b.most_bytes_per_s;
}

size_t max_min_route(struct max_min *m, struct max_min_path path)
{
	size_t n = m->nroutes;

	for (size_t r = 0; r < n; r++)
		if (same(m->paths[r], path))
			return r;
	assert(path.once != 0);
	assert(path.most_bytes_per_s > 0.0 || is_limited(m, path.once));
	assert((path.twice & ~path.once) == 0);
	assert((path.thrice & ~path.twice) == 0);
	m->paths = xrealloc_array(m->paths, n + 1, sizeof *m->paths);
	m->weight = xrealloc_array(m->weight, n + 1, sizeof *m->weight);
	m->count = xrealloc_array(m->count, n + 1, sizeof *m->count);
	m->paths[n] = path;
	m->weight[n] = make_weight(n);
	m->count[n] = 0;
	m->nroutes++;
	free(m->known_counts);
	free(m->known_rates);
	m->known_counts = NULL;
	m->known_rates = NULL;
	return n;
}

size_t max_min_crosses(const struct max_min *m, size_t route, size_t link)
{
	const struct max_min_path *p = &m->paths[route];

	assert(route < m->nroutes && link < m->nlinks);
	return (p->once >> link & 1) + (p->twice >> link & 1) +
	       (p->thrice >> link & 1);
}

void max_min_join(struct max_min *m, size_t route)
{
	assert(route < m->nroutes && m->count[route] < UINT32_MAX);
	m->count[route]++;
	m->hash += m->weight[route];
}

void max_min_leave(struct max_min *m, size_t route)
{
	assert(route < m->nroutes && m->count[route] > 0);
	m->count[route]--;
	m->hash -= m->weight[route];
}

size_t max_min_count(const struct max_min *m, size_t route)
{
	assert(route < m->nroutes);
	return m->count[route];
}

/* What a link has left for the flows whose rates are still open. */
struct filling {
	double left[MAX_MIN_MOST_LINKS];
	double open[MAX_MIN_MOST_LINKS];	/* how many flows, as often as
						 * they cross it */
	uint64_t links;		/* that bind and have open flows */
};

static void open_all(struct filling *f, uint64_t links, double n)
{
	for (uint64_t s = links; s != 0; s = rest_of(s))
		f->open[first_of(s)] += n;
}

static void begin(const struct max_min *m, struct filling *f)
{
	uint64_t busy = 0;

	f->links = 0;
	for (size_t r = 0; r < m->nroutes; r++)
		if (m->count[r] > 0)
			busy |= m->paths[r].once;
	for (uint64_t s = busy; s != 0; s = rest_of(s)) {
		unsigned j = first_of(s);

		f->left[j] = m->links[j].bytes_per_s;
		f->open[j] = 0.0;
		if ((m->links[j].while_busy & ~busy) == 0)
			f->links |= UINT64_C(1) << j;
	}
	for (size_t r = 0; r < m->nroutes; r++)
		if (m->count[r] > 0) {
			open_all(f, m->paths[r].once, m->count[r]);
			open_all(f, m->paths[r].twice, m->count[r]);
			open_all(f, m->paths[r].thrice, m->count[r]);
		}
}

static void take_off(struct filling *f, uint64_t links, double n, double rate)
{
	for (uint64_t s = links & f->links; s != 0; s = rest_of(s)) {
		unsigned j = first_of(s);

		f->left[j] -= rate * n;
		f->open[j] -= n;
		if (f->open[j] == 0.0)
			f->links &= ~(UINT64_C(1) << j);
	}
}

/* The rate of the flows on route `r` is settled: take it off its links. */
static void settle(const struct max_min *m, struct filling *f, size_t r,
		   double rate)
{
	take_off(f, m->paths[r].once, m->count[r], rate);
	take_off(f, m->paths[r].twice, m->count[r], rate);
	take_off(f, m->paths[r].thrice, m->count[r], rate);
}

/*
 * The open route whose own limit is the least and below `*least`, which
 * becomes that; or the number of routes.
 */
static size_t most_limited(const struct max_min *m, const double *rate,
			   double *least)
{
	size_t found = m->nroutes;

	for (size_t r = 0; r < m->nroutes; r++) {
		double most = m->paths[r].most_bytes_per_s;

		if (rate[r] < 0.0 && most > 0.0 && most < *least) {
			*least = most;
			found = r;
		}
	}
	return found;
}

/*
 * Each round finds the link that gives its open flows least, or the route that
 * can do no more than that, and settles them there.  That least never falls
 * from one round to the next; holding it to that keeps what rounding leaves of
 * a full link from starving a flow.
 */
static void solve(const struct max_min *m, double *rate)
{
	struct filling f;
	double level = 0.0;

	begin(m, &f);
	for (size_t r = 0; r < m->nroutes; r++)
		rate[r] = m->count[r] > 0 ? -1.0 : 0.0;
	while (f.links != 0) {
		double least = INFINITY;
		unsigned tight = first_of(f.links);
		size_t alone;

		for (uint64_t s = f.links; s != 0; s = rest_of(s)) {
			unsigned j = first_of(s);
			double share = f.left[j] / f.open[j];

			if (share < least) {
				least = share;
				tight = j;
			}
		}
		alone = most_limited(m, rate, &least);
		level = fmax(level, least);
		for (size_t r = 0; r < m->nroutes; r++)
			if (rate[r] < 0.0 &&
			    (alone < m->nroutes
				     ? r == alone
				     : m->paths[r].once >> tight & 1)) {
				rate[r] = level;
				settle(m, &f, r, level);
			}
	}
}

/*
 * One by one: a call of memcmp() takes longer, and loads of several counts
 * would wait for what has just been written of one.
 */
static bool same_counts(const uint32_t *a, const uint32_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

/* Solve for the present counts and keep that in the row from `at` on. */
static const double *learn(struct max_min *m, size_t at)
{
	size_t n = m->nroutes;

	if (m->known_rates == NULL) {
		m->known_counts = xcalloc(MEMORY * n, sizeof *m->count);
		m->known_rates = xcalloc(MEMORY * n, sizeof(double));
	}
	solve(m, &m->known_rates[at]);
	memcpy(&m->known_counts[at], m->count, n * sizeof *m->count);
	return &m->known_rates[at];
}

const double *max_min_rates(struct max_min *m)
{
	size_t at = (size_t)(m->hash >> (64 - MEMORY_BITS)) * m->nroutes;

	if (m->known_rates != NULL &&
	    same_counts(&m->known_counts[at], m->count, m->nroutes))
		return &m->known_rates[at];
	return learn(m, at);
}
