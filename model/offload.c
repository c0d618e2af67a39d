/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/offload.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "model/figures.h"

/* Wide bounds that still catch a slipped unit, as those of hardware.c. */
#define RATE_MIN 1e6
#define RATE_MAX 1e18
#define FLOP_MAX 1e21
#define BYTES_MIN 1e6
#define BYTES_MAX 1e18

#define RATE(path, meaning, member, required) \
	{ path, meaning, QUANTITY_BYTES_PER_S, \
	  offsetof(struct offload, member), required, RATE_MIN, RATE_MAX }
#define FLOPS(path, meaning, member) \
	{ path, meaning, QUANTITY_FLOP_PER_S, \
	  offsetof(struct offload, member), true, RATE_MIN, FLOP_MAX }
#define BYTES(path, meaning, member) \
	{ path, meaning, QUANTITY_BYTES, offsetof(struct offload, member), \
	  true, BYTES_MIN, BYTES_MAX }
#define NUMBER(path, meaning, member, min, max) \
	{ path, meaning, QUANTITY_NUMBER, offsetof(struct offload, member), \
	  true, min, max }

static const struct figure fields[] = {
	FLOPS("gpu.gemm_prefill_flop_per_s", "products of weights, prefill",
	      gemm_prefill_flop_per_s),
	FLOPS("gpu.gemm_decode_flop_per_s", "the same in decode",
	      gemm_decode_flop_per_s),
	FLOPS("gpu.attention_prefill_flop_per_s", "attention, prefill",
	      attention_prefill_flop_per_s),
	FLOPS("gpu.attention_decode_flop_per_s", "the same in decode",
	      attention_decode_flop_per_s),
	RATE("gpu.hbm_bytes_per_s", "device memory bandwidth, achieved",
	     hbm_bytes_per_s, false),
	BYTES("gpu.memory_bytes", "device memory", gpu_memory_bytes),
	RATE("link.h2d_bytes_per_s", "host to GPU", h2d_bytes_per_s, true),
	RATE("link.d2h_cache_bytes_per_s", "KV, GPU to host",
	     d2h_cache_bytes_per_s, true),
	RATE("link.d2h_hidden_bytes_per_s", "hidden state, GPU to host",
	     d2h_hidden_bytes_per_s, true),
	RATE("link.duplex_bytes_per_s", "limit of both directions together",
	     duplex_bytes_per_s, false),
	FLOPS("host.attention_flop_per_s", "attention on the CPU",
	      host_attention_flop_per_s),
	NUMBER("host.batch_and_width_slope", "c1 of its rate",
	       batch_and_width_slope, -1.0, 1.0),
	NUMBER("host.batch_slope", "c2 of its rate", batch_slope, 0.0, 1.0),
	NUMBER("host.width_slope", "c3 of its rate", width_slope, 0.0, 1.0),
	BYTES("host.memory_bytes", "host memory", host_memory_bytes),
	RATE("disk.read_bytes_per_s", "disk to host", disk_read_bytes_per_s,
	     true),
	RATE("disk.write_cache_prefill_bytes_per_s", "KV to disk, prefill",
	     disk_write_cache_prefill_bytes_per_s, true),
	RATE("disk.write_hidden_prefill_bytes_per_s",
	     "hidden state to disk, prefill",
	     disk_write_hidden_prefill_bytes_per_s, true),
	RATE("disk.write_decode_bytes_per_s", "to disk in decode",
	     disk_write_decode_bytes_per_s, true),
	BYTES("disk.memory_bytes", "the disk's room", disk_memory_bytes),
	NUMBER("memory_share", "share of each memory that may be used",
	       memory_share, 0.01, 10.0),
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static const struct figures set = {
	.schema = "kvplan-offload-1", .kind = "fit",
	.fields = fields, .n = FIELDS, .size = sizeof(struct offload),
	.name = offsetof(struct offload, name),
	.title = offsetof(struct offload, title),
};

const struct figure *offload_fields(size_t *n)
{
	*n = FIELDS;
	return fields;
}

double *offload_figure(struct offload *o, const struct figure *f)
{
	return figures_value(o, f);
}

enum status offload_parse(const char *json, struct offload *out,
			  struct diag *d)
{
	enum status s = figures_parse(json, &set, out, d);

	if (s == STATUS_OK)
		out->is_fit = true;
	return s;
}

enum status offload_set(char **json, const char *path, const char *text,
			struct diag *d)
{
	return figures_set(json, &set, path, text, d);
}

void offload_describe(const char *json, struct table *t)
{
	figures_describe(json, &set, t);
}

struct offload offload_from_hardware(const struct hardware *hw)
{
	double gemm = hardware_gemm_flop_per_s(hw);
	struct offload o = {
		.gemm_prefill_flop_per_s = gemm,
		.gemm_decode_flop_per_s = gemm,
		.attention_prefill_flop_per_s = gemm,
		.attention_decode_flop_per_s = gemm,
		.hbm_bytes_per_s = hardware_hbm_bytes_per_s(hw),
		.gpu_memory_bytes = hw->memory_bytes,
		.h2d_bytes_per_s = hw->h2d.bytes_per_s,
		.d2h_cache_bytes_per_s = hw->d2h.bytes_per_s,
		.d2h_hidden_bytes_per_s = hw->d2h.bytes_per_s,
		.duplex_bytes_per_s = hw->duplex_bytes_per_s,
		.host_attention_bytes_per_s = hw->host_attention_bytes_per_s,
		.host_memory_bytes = hw->host_memory_bytes,
		.memory_share = 1.0,
	};

	snprintf(o.name, sizeof o.name, "%s", hw->name);
	snprintf(o.title, sizeof o.title, "%s", hw->title);
	return o;
}

double offload_host_attention_flop_per_s(const struct offload *o,
					 double batch, double hidden)
{
	/* where the fit's rate is full, and the least that it falls to */
	const double full_batch = 64.0, full_width = 4096.0, least = 0.1;
	double g = fmax(0.0, log2(full_batch / batch));
	double w = fmax(0.0, log2(full_width / hidden));

	return o->host_attention_flop_per_s *
	       fmax(least, 1.0 + o->batch_and_width_slope * g * w -
				   o->batch_slope * g - o->width_slope * w);
}
