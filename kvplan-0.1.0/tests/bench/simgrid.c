/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * simgrid - the cases of transfers.h in SimGrid's model of communication.
 *
 *   simgrid CASE EACH
 *
 * EACH copies of every stream; prints copies a second of processor time and
 * when the last copy ends [s].  The model is CM02, max-min sharing, without
 * what it adds for TCP, so that both simulate the same.  In SimGrid's C
 * interface a copy takes two actors, which send and receive.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>
#include <simgrid/mailbox.h>

#include "tests/bench/transfers.h"

enum { NAME_SIZE = 32, ARGUMENTS = 3 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Main functions of actors; arguments: the stream, how many copies. */
static void sender(int argc, char **argv)
{
	sg_mailbox_t box = sg_mailbox_by_name(argv[1]);
	unsigned i = (unsigned)strtoul(argv[1], NULL, 10);
	size_t each = strtoul(argv[2], NULL, 10);

	(void)argc;
	for (size_t k = 0; k < each; k++)
		sg_mailbox_put(box, &i, (long)transfers_bytes(i, k));
}

static void receiver(int argc, char **argv)
{
	sg_mailbox_t box = sg_mailbox_by_name(argv[1]);
	size_t each = strtoul(argv[2], NULL, 10);

	(void)argc;
	for (size_t k = 0; k < each; k++)
		sg_mailbox_get(box);
}

static void write_link(FILE *f, const char *name, unsigned number,
		       double bytes_per_s, double latency_s)
{
	fprintf(f, "<link id='%s%u' bandwidth='%.17gBps' latency='%.17gs'/>\n",
		name, number, bytes_per_s, latency_s);
}

static void write_platform(const struct transfers *t, FILE *f)
{
	unsigned roots = (t->gpus + TRANSFERS_GPUS_OF_ROOT - 1) /
			 TRANSFERS_GPUS_OF_ROOT;

	fputs("<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM "
	      "'https://simgrid.org/simgrid.dtd'>\n<platform version='4.1'>"
	      "<zone id='all' routing='Full'>\n<host id='host' speed='1Gf'/>",
	      f);
	for (unsigned g = 0; g < t->gpus; g++)
		fprintf(f, "<host id='gpu%u' speed='1Gf'/>\n", g);
	for (unsigned g = 0; g < t->gpus; g++) {
		write_link(f, "h2d", g, TRANSFERS_H2D, TRANSFERS_LATENCY_S);
		write_link(f, "d2h", g, TRANSFERS_D2H, TRANSFERS_LATENCY_S);
		write_link(f, "both", g, TRANSFERS_BOTH, 0.0);
	}
	for (unsigned i = 0; i < roots; i++)
		write_link(f, "root", i, TRANSFERS_ROOT, 0.0);
	write_link(f, "memory", 0, TRANSFERS_MEMORY, 0.0);
	for (unsigned g = 0; g < t->gpus; g++)
		for (int way = 0; way < 2; way++) {
			char gpu[NAME_SIZE];

			snprintf(gpu, sizeof gpu, "gpu%u", g);
			fprintf(f, "<route src='%s' dst='%s' symmetrical='NO'>"
				   "<link_ctn id='%s%u'/>"
				   "<link_ctn id='both%u'/>"
				   "<link_ctn id='root%u'/>"
				   "<link_ctn id='memory0'/></route>\n",
				way == 0 ? "host" : gpu,
				way == 0 ? gpu : "host",
				way == 0 ? "h2d" : "d2h", g, g,
				g / TRANSFERS_GPUS_OF_ROOT);
		}
	fputs("</zone></platform>\n", f);
}

static void load_platform(const struct transfers *t)
{
	char name[] = "platform-XXXXXX.xml";
	int fd = mkstemps(name, 4);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (f == NULL)
		die("simgrid: platform");
	write_platform(t, f);
	if (fclose(f) != 0)
		die("simgrid: platform");
	simgrid_load_platform(name);
	unlink(name);
}

static void add_actors(const struct transfers *t, const char *each)
{
	for (unsigned i = 0; i < transfers_streams(t); i++) {
		unsigned way = i / t->streams % 2;
		char gpu[NAME_SIZE], number[NAME_SIZE];
		const char *argv[ARGUMENTS + 1] = { "copy", number, each };
		sg_host_t host = sg_host_by_name("host"), other;

		snprintf(gpu, sizeof gpu, "gpu%u", i / (2 * t->streams));
		snprintf(number, sizeof number, "%u", i);
		other = sg_host_by_name(gpu);
		sg_actor_create_("send", way == 0 ? host : other, sender,
				 ARGUMENTS, argv);
		sg_actor_create_("receive", way == 0 ? other : host, receiver,
				 ARGUMENTS, argv);
	}
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	static const char *const options[] = {
		"simgrid", "--log=root.thresh:error",
		"--cfg=network/model:CM02", "--cfg=network/TCP-gamma:0",
		"--cfg=network/crosstraffic:0",
		"--cfg=network/weight-S:0",
	};
	int n = sizeof options / sizeof options[0];
	char *copies[sizeof options / sizeof options[0] + 1] = { NULL };
	const struct transfers *t;
	size_t which = argc == 3 ? strtoul(argv[1], NULL, 10)
				 : TRANSFERS_CASES;
	double start_s;

	if (which >= TRANSFERS_CASES) {
		fprintf(stderr, "usage: simgrid CASE EACH\n");
		return 2;
	}
	t = &transfers_cases[which];
	for (int i = 0; i < n; i++)
		copies[i] = strdup(options[i]);
	simgrid_init(&n, copies);
	load_platform(t);
	add_actors(t, argv[2]);
	start_s = now_s();
	simgrid_run();
	printf("%.17g %.17g\n", (double)strtoul(argv[2], NULL, 10) *
	       transfers_streams(t) / (now_s() - start_s),
	       simgrid_get_clock());
	return 0;
}
