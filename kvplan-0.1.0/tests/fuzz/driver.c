/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void fuzz_check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "should hold: %s\n", what);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xcalloc(size + 1, 1);

	if (size > 0)
		memcpy(text, data, size);
	fuzz_one(text);
	free(text);
	return 0;
}

#ifndef FUZZ_LIBFUZZER

static const char crash_file[] = "fuzz-crash";

/* The input that runs now, for on_abort(). */
static const char *current;

/* Keep the input; the sanitizers come here too, with abort_on_error=1. */
static void on_abort(int signal_number)
{
	int fd = open(crash_file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ssize_t written = 0;

	if (fd >= 0 && current != NULL)
		written = write(fd, current, strlen(current));
	if (written > 0)
		written = write(2, "the input is in fuzz-crash\n", 27);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static bool run(const char *text)
{
	current = text;
	return fuzz_one(text);
}

/* Marsaglia's xorshift64; the same on every machine. */
static uint64_t state;

static size_t below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state >> 11) % n;
}

struct seeds {
	char **text;
	size_t n;
};

static void add_seed(struct seeds *s, const char *text)
{
	s->text = xrealloc_array(s->text, s->n + 1, sizeof *s->text);
	s->text[s->n++] = xstrdup(text);
}

static void add_lines(struct seeds *s, char *text)
{
	while (*text != '\0') {
		char *end = text + strcspn(text, "\n");
		bool last = *end == '\0';

		*end = '\0';
		add_seed(s, text);
		text = last ? end : end + 1;
	}
}

enum { LONGEST_INSERTION = 64 };

/* Replace `cut` bytes of `text` at `at` by the `n` bytes at `put`. */
static void splice(char *text, size_t at, size_t cut, const char *put,
		   size_t n)
{
	char copy[LONGEST_INSERTION];
	size_t len = strlen(text);

	memcpy(copy, put, n);
	memmove(text + at + n, text + at + cut, len - at - cut + 1);
	memcpy(text + at, copy, n);
}

static const char *const words[] = {
	"0", "-1", "1", "2", "3", "17", "1e999", "1e300", "1e-300", "0.5",
	"99999999999999999999", "18446744073709551616", "2147483648", "null",
	"true", "[]", "{}", "\"\"", "\"x\"", "\"26 GB/s\"", "\"3 us\"", "{",
	"}", "[", "]", ",", ":", "\"", "\\u0000", "\\ud800", "\n", "nan",
	"inf", "0x1p3", " ", "TiB/s", "%", "\xc2\xb5s", "\xff",
};

/* Replace the number at or after a random place by one of the words. */
static void change_number(char *text)
{
	static const char digits[] = "-+.0123456789eE";
	size_t len = strlen(text), at = below(len + 1), cut;
	const char *word = words[below(sizeof words / sizeof words[0])];

	at += strcspn(text + at, digits + 1);
	cut = strspn(text + at, digits);
	splice(text, at, cut, word, strlen(word));
}

/* One random change; `text` has room for LONGEST_INSERTION bytes more. */
static void mutate(char *text, const struct seeds *seeds)
{
	size_t len = strlen(text), at = below(len + 1), n;
	const char *from;

	switch (below(7)) {
	case 0:
		if (at < len)
			text[at] = (char)(text[at] ^ (1 << below(8)));
		break;
	case 1:
		if (at < len)
			text[at] = (char)(1 + below(255));
		break;
	case 2:
		n = below(16);
		splice(text, at, n < len - at ? n : len - at, "", 0);
		break;
	case 3:
		from = words[below(sizeof words / sizeof words[0])];
		splice(text, at, 0, from, strlen(from));
		break;
	case 4:			/* a piece of some seed */
		from = seeds->text[below(seeds->n)];
		from += below(strlen(from) + 1);
		n = below(LONGEST_INSERTION);
		splice(text, at, 0, from, strnlen(from, n));
		break;
	case 5:
		if (below(16) == 0)
			text[at] = '\0';
		break;
	default:
		change_number(text);
	}
}

enum { MOST_CHANGES = 4 };

static size_t run_mutations(const struct seeds *seeds, size_t runs)
{
	size_t accepted = 0;

	for (size_t i = 0; i < runs; i++) {
		const char *seed = seeds->text[below(seeds->n)];
		size_t len = strlen(seed);
		char *text = xcalloc(len + 1 +
				     MOST_CHANGES * LONGEST_INSERTION, 1);

		memcpy(text, seed, len);
		for (size_t k = 1 + below(MOST_CHANGES); k > 0; k--)
			mutate(text, seeds);
		accepted += run(text);
		current = NULL;
		free(text);
	}
	return accepted;
}

static int read_seeds(struct seeds *seeds, bool lines, int n, char **paths)
{
	struct diag d;

	for (int i = 0; i < n; i++) {
		char *text;

		if (file_read(paths[i], &text, &d) != STATUS_OK) {
			fprintf(stderr, "%s\n", d.text);
			return 1;
		}
		if (lines)
			add_lines(seeds, text);
		else
			add_seed(seeds, text);
		free(text);
	}
	return seeds->n == 0;
}

/* A seed that is not accepted would test little. */
static int run_seeds(const struct seeds *seeds)
{
	for (size_t i = 0; i < seeds->n; i++)
		if (!run(seeds->text[i])) {
			fprintf(stderr, "seed %zu is refused: %.60s\n", i + 1,
				seeds->text[i]);
			return 1;
		}
	return 0;
}

static int usage(void)
{
	fputs("Usage: fuzz_PARSER [-l] [-n RUNS] [-s SEED] FILE...\n"
	      "Run the parser on each FILE, or with -l on each line of them, "
	      "and on RUNS\nmutations (default 0), the same ones for the same "
	      "SEED.\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct seeds seeds = { NULL, 0 };
	unsigned long long runs = 0, seed = 2385;
	size_t accepted;
	bool lines = false;
	char *end = argv[0] + strlen(argv[0]);
	int c;

	while ((c = getopt(argc, argv, "ln:s:")) != -1 && *end == '\0') {
		errno = 0;
		if (c == 'l')
			lines = true;
		else if (c == 'n')
			runs = strtoull(optarg, &end, 10);
		else if (c == 's')
			seed = strtoull(optarg, &end, 10);
		if (c == '?' || errno != 0)
			return usage();
	}
	if (*end != '\0' || optind == argc)
		return usage();
	signal(SIGABRT, on_abort);
	state = seed ? seed : 1;
	if (read_seeds(&seeds, lines, argc - optind, argv + optind) != 0 ||
	    run_seeds(&seeds) != 0)
		return 1;
	accepted = run_mutations(&seeds, (size_t)runs);
	printf("%s: %zu seeds, %llu mutations, %zu of them accepted\n",
	       argv[0], seeds.n, runs, accepted);
	for (size_t i = 0; i < seeds.n; i++)
		free(seeds.text[i]);
	free(seeds.text);
	return runs > 0 && accepted == 0;
}

#endif
