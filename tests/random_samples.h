/* SPDX-License-Identifier: GPL-3.0-or-later */
/* random_samples.h - the samples of a machine that is known. */
#ifndef TESTS_RANDOM_SAMPLES_H
#define TESTS_RANDOM_SAMPLES_H

#include <gsl/gsl_rng.h>

/* What samples are drawn from. */
struct random_samples {
	double rate[2], latency_s[2];	/* [B/s], [s] to, from the GPU */
	double pageable[2];
	double event_s, handoff_s;
	double duplex, hbm, launch_s, gemm, sustained, host_copy;
	double attention, stage, wake_s;	/* of the host, in a stream;
					 * 0: not measured so */
	double noise;			/* relative deviation of repeats */
};

/** A machine. */
struct random_samples random_samples_draw(gsl_rng *rng);

/** Time [s] of its only product, m x 4096 by 4096 x 8192. */
double random_samples_gemm_s(const struct random_samples *t, double m);

/** What measuring `t` gives, as kvplan-gpu would write it; caller frees. */
char *random_samples_write(gsl_rng *rng, const struct random_samples *t);

#endif
