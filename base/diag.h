/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diag.h - status codes and the one-line message that goes with a failure.
 *
 * A function that can fail on input, I/O or a solver returns `enum status`
 * and fills a `struct diag`; its outputs are written on success only.
 * Libraries neither print nor exit: that is for the program's main().
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#if defined(__GNUC__)
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK __attribute__((warn_unused_result))
#else
#define PRINTF_LIKE(fmt, args)
#define MUST_CHECK
#endif

enum status {
	STATUS_OK = 0,
	STATUS_IO,		/* a file or a program could not be used */
	STATUS_USAGE,		/* the command line is wrong */
	STATUS_UNKNOWN,		/* no such name */
	STATUS_INVALID,		/* the input is not meaningful */
	STATUS_INFEASIBLE,	/* no plan exists, or it does not fit */
	STATUS_SOLVER,		/* the solver gave up; see the message */
	STATUS_DEVICE,		/* no GPU, or one that failed */
};

struct diag {
	char text[512];		/* one line, no newline at its end */
};

/** Store the formatted message in `d` and return `s` (not STATUS_OK). */
enum status diag_fail(struct diag *d, enum status s, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/** Put "`fmt`: " before the message that `d` holds, and return `s`. */
enum status diag_prefix(struct diag *d, enum status s, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/** `s`, STATUS_INVALID as STATUS_USAGE: the command line asks for it. */
enum status diag_usage(enum status s);

/** Make the message that `d` holds one clean line, whatever it quotes. */
void diag_one_line(struct diag *d);

#endif
