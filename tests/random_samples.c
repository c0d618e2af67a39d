/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/random_samples.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include <gsl/gsl_randist.h>

#include "base/xalloc.h"
#include "tests/random_case.h"

struct writer {
	FILE *out;
	gsl_rng *rng;
	double noise;
	size_t series;
};

static void begin(struct writer *w, const char *attributes,
		  const char *varied)
{
	fprintf(w->out, "%s{%s,\"columns\":[%s,\"chain\",\"n\",\"min_s\","
		"\"q1_s\",\"median_s\",\"q3_s\",\"max_s\"],\"rows\":[",
		w->series++ ? "," : "", attributes, varied);
}

/* A row that varies `x`, whose repeats spread as much as it is off. */
static void row(struct writer *w, size_t index, const char *x, double time_s)
{
	double t = time_s * (1.0 + gsl_ran_gaussian(w->rng, w->noise));
	double half = 0.5 * 1.349 * w->noise;

	fprintf(w->out, "%s[%s,1,9,%.17g,%.17g,%.17g,%.17g,%.17g]",
		index ? "," : "", x, t * (1.0 - half), t * (1.0 - half), t,
		t * (1.0 + half), t * (1.0 + half));
}

static void end(struct writer *w)
{
	fputs("]}", w->out);
}

static void write_copies(struct writer *w, const struct random_samples *t)
{
	static const char *const ways[] = { "h2d", "d2h" };
	char text[256], x[32];

	for (int i = 0; i < 4; i++) {
		bool pinned = i < 2;
		double rate = pinned ? t->rate[i % 2] : t->pageable[i % 2];

		snprintf(text, sizeof text, "\"series\":\"transfer\","
			 "\"direction\":\"%s\",\"memory\":\"%s\","
			 "\"mode\":\"queued\"", ways[i % 2],
			 pinned ? "pinned" : "pageable");
		begin(w, text, "\"bytes\"");
		for (size_t k = 0; k < 37; k++) {
			double bytes = 4096.0 * pow(2.0, (double)k / 2.0);

			snprintf(x, sizeof x, "%.17g", bytes);
			row(w, k, x, t->latency_s[i % 2] + bytes / rate);
		}
		end(w);
	}
	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof text, "\"series\":"
			 "\"transfer_contended\",\"direction\":\"%s\","
			 "\"against\":[\"%s\"],\"against_bytes\":16777216",
			 ways[i], ways[1 - i]);
		begin(w, text, "\"bytes\"");
		for (size_t k = 0; k < 8; k++) {
			double bytes = 4194304.0 * pow(2.0, (double)k);

			snprintf(x, sizeof x, "%.17g", bytes);
			row(w, k, x, bytes / (0.5 * t->duplex));
		}
		end(w);
	}
}

static void write_kernels(struct writer *w, const struct random_samples *t)
{
	static const char *const kinds[] = { "norm", "append", "activate" };
	char text[256], x[64];

	begin(w, "\"series\":\"device_memory\",\"way\":\"read\"",
	      "\"bytes\"");
	for (size_t k = 0; k < 16; k++) {
		double bytes = 65536.0 * pow(2.0, (double)k);

		snprintf(x, sizeof x, "%.17g", bytes);
		row(w, k, x, 1e-6 + bytes / t->hbm);
	}
	end(w);
	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof text, "\"series\":\"elementwise\","
			 "\"kernel\":\"%s\",\"model\":\"toy\"", kinds[i]);
		begin(w, text, "\"rows\",\"bytes\"");
		for (size_t k = 0; k < 12; k++) {
			double bytes = 16384.0 * pow(2.0, (double)k);

			snprintf(x, sizeof x, "%zu,%.17g", k, bytes);
			row(w, k, x, t->launch_s + bytes / t->hbm);
		}
		end(w);
	}
	begin(w, "\"series\":\"host_copy\",\"from\":\"pageable\","
	      "\"to\":\"pinned\"", "\"threads\",\"bytes\"");
	for (size_t k = 0; k < 6; k++) {
		snprintf(x, sizeof x, "%zu,1e6", 1 + k % 2);
		row(w, k, x, 1e6 / t->host_copy / (double)(1 + k % 2));
	}
	end(w);
}

/* Three numbers of requests, of which two share sizes; `slower` than alone. */
static void write_attend(struct writer *w, const struct random_samples *t,
			 const char *against, const char *threads,
			 const char *idle_s, double slower)
{
	char text[160], x[96];
	size_t n = 0;

	snprintf(text, sizeof text, "\"series\":\"host_attend\","
		 "\"model\":\"toy\",\"against\":[%s]", against);
	begin(w, text, "\"threads\",\"batch\",\"tokens\",\"bytes\","
	      "\"idle_s\"");
	for (size_t batch = 8; batch <= 32; batch *= 2)
		for (size_t tokens = 8; tokens <= 2048; tokens *= 4) {
			double bytes = 16384.0 * (double)(batch * tokens);

			snprintf(x, sizeof x, "%s,%zu,%zu,%.17g,%s", threads,
				 batch, tokens, bytes, idle_s);
			row(w, n++, x, slower * (t->wake_s +
						 bytes / t->attention));
		}
	end(w);
}

static void write_host_work(struct writer *w, const struct random_samples *t)
{
	static const char *const against[] = { "", "\"h2d\"" };
	char text[80], x[32];

	if (!(t->attention > 0.0))
		return;
	write_attend(w, t, "", "4", "0", 0.5);
	write_attend(w, t, "", "8", "0", 1.0);
	write_attend(w, t, "", "8", "0.005", 2.0);
	write_attend(w, t, "\"h2d\"", "8", "0", 3.0);
	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof text, "\"series\":\"host_stage\","
			 "\"against\":[%s]", against[i]);
		begin(w, text, "\"bytes\"");
		for (size_t k = 0; k < 10; k++) {
			double bytes = 1048576.0 * pow(2.0, (double)k);

			snprintf(x, sizeof x, "%.17g", bytes);
			row(w, k, x, (1.0 + i) * bytes / t->stage);
		}
		end(w);
	}
}

double random_samples_gemm_s(const struct random_samples *t, double m)
{
	return 5e-6 + 2.0 * m * 4096.0 * 8192.0 / t->gemm;
}

static void write_products(struct writer *w, const struct random_samples *t)
{
	char x[64];

	begin(w, "\"series\":\"gemm\",\"n\":8192,\"k\":4096", "\"m\"");
	for (size_t k = 0; k < 40; k++) {
		double m = floor(pow(1.4, (double)k));

		snprintf(x, sizeof x, "%.17g", m);
		row(w, k, x, random_samples_gemm_s(t, m));
	}
	end(w);
	begin(w, "\"series\":\"gemm_sustained\",\"n\":8192,\"k\":4096,"
	      "\"m\":16384", "\"elapsed_s\"");
	for (size_t k = 0; k < 20; k++) {
		double rate = k < 8 ? t->gemm : t->sustained;

		snprintf(x, sizeof x, "%zu", k);
		row(w, k, x, 2.0 * 16384 * 8192 * 4096 / rate);
	}
	end(w);
	begin(w, "\"series\":\"attention\",\"model\":\"toy\",\"kv_heads\":8",
	      "\"batch\",\"tokens\",\"kv_bytes\"");
	for (size_t k = 0; k < 20; k++) {
		snprintf(x, sizeof x, "%zu,7,%.17g", 1 + k / 10,
			 1e5 * pow(2.0, (double)(k % 10)));
		row(w, k, x, 7e-6 + 1e5 * pow(2.0, (double)(k % 10)) /
				    t->hbm);
	}
	end(w);
}

/* A kernel of 2 us and a copy on two streams, there and back. */
static void write_relays(struct writer *w, const struct random_samples *t)
{
	static const char *const ways[] = { "h2d", "d2h" };
	char text[160], x[32];

	begin(w, "\"series\":\"execute\",\"request\":\"kernel\"", "\"at\"");
	row(w, 0, "0", 2e-6);
	end(w);
	begin(w, "\"series\":\"execute\",\"request\":\"event\"", "\"at\"");
	row(w, 0, "0", t->event_s);
	end(w);
	for (int i = 0; i < 4; i++) {
		int streams = 1 + i / 2;

		snprintf(text, sizeof text, "\"series\":\"relay\","
			 "\"first\":\"kernel\",\"second\":\"%s\","
			 "\"streams\":%d", ways[i % 2], streams);
		begin(w, text, "\"bytes\"");
		for (size_t k = 0; k < 4; k++) {
			double bytes = 4096.0 * pow(2.0, (double)k);
			double alone = 2e-6 + t->latency_s[i % 2] +
				       bytes / t->rate[i % 2];

			snprintf(x, sizeof x, "%.17g", bytes);
			row(w, k, x, streams == 1 ? alone :
			    alone + t->event_s + 2.0 * t->handoff_s);
		}
		end(w);
	}
}

char *random_samples_write(gsl_rng *rng, const struct random_samples *t)
{
	char *text;
	size_t size;
	struct writer w = { .out = xmemstream(&text, &size), .rng = rng,
			    .noise = t->noise };

	fputs("{\"schema\":\"kvplan-samples-1\",\"made_by\":{\"date\":"
	      "\"2031-07-08T09:10:11Z\"},\"machine\":{\"gpu\":{\"name\":"
	      "\"Toy GPU 1\",\"memory_bytes\":2.385e10},\"host\":"
	      "{\"memory_bytes\":1.2e11}},\"series\":[", w.out);
	write_copies(&w, t);
	write_kernels(&w, t);
	write_products(&w, t);
	write_relays(&w, t);
	write_host_work(&w, t);
	fputs("]}", w.out);
	xmemstream_close(w.out);
	return text;
}

struct random_samples random_samples_draw(gsl_rng *rng)
{
	struct random_samples t = {
		.hbm = random_case_log(rng, 5e11, 8e12),
		.launch_s = random_case_log(rng, 1e-6, 6e-6),
		.gemm = random_case_log(rng, 1e14, 1e15),
		.host_copy = random_case_log(rng, 4e9, 2e10),
		.noise = random_case_log(rng, 1e-4, 5e-3),
	};

	t.sustained = t.gemm * (0.7 + 0.2 * gsl_rng_uniform(rng));
	for (int i = 0; i < 2; i++) {
		t.rate[i] = random_case_log(rng, 1e10, 1e11);
		t.latency_s[i] = random_case_log(rng, 1e-6, 1e-5);
		t.pageable[i] = t.rate[i] * (0.1 + 0.4 *
					     gsl_rng_uniform(rng));
	}
	t.event_s = random_case_log(rng, 5e-7, 3e-6);
	t.handoff_s = random_case_log(rng, 3e-6, 1e-5);
	t.duplex = 1.5 * fmin(t.rate[0], t.rate[1]);
	if (gsl_rng_uniform(rng) < 0.5) {
		t.attention = random_case_log(rng, 2e10, 3e11);
		t.stage = t.host_copy * random_case_log(rng, 0.4, 0.9);
		t.wake_s = random_case_log(rng, 5e-5, 1e-3);
	}
	return t;
}
