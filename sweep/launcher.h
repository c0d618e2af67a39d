/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * launcher.h - what mpirun says of this process, before MPI starts: the
 * environment of Open MPI, or of another that speaks PMI.
 */
#ifndef SWEEP_LAUNCHER_H
#define SWEEP_LAUNCHER_H

#include <stddef.h>

/** How many processes it started together; 1 without any. */
size_t sweep_launcher_count(void);

/** Which of them this is, from 0. */
size_t sweep_launcher_rank(void);

#endif
