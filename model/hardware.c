/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/hardware.h"

#include <math.h>

#include "base/json.h"
#include "model/power_limit.h"

/* Wide bounds that still catch a slipped unit ("26" for "26 GB/s"). */
#define RATE_MIN 1e6
#define RATE_MAX 1e18
#define BYTES_MIN 1e6
#define BYTES_MAX 1e18

#define FIELD(path, meaning, quantity, member, required, min, max) \
	{ path, meaning, quantity, offsetof(struct hardware, member), \
	  required, min, max }

static const struct figure fields[] = {
	FIELD("gpu.flop_per_s", "fp16 dense peak", QUANTITY_FLOP_PER_S,
	      flop_per_s, true, RATE_MIN, 1e21),
	FIELD("gpu.gemm_derate", "achieved share of it, large GEMM",
	      QUANTITY_NUMBER, gemm_derate, true, 1e-4, 1.0),
	FIELD("gpu.gemm_sustained_derate", "the same at the power limit",
	      QUANTITY_NUMBER, gemm_sustained_derate, false, 1e-4, 1.0),
	FIELD("gpu.clock_exponent", "speed by FLOP/s at the power limit",
	      QUANTITY_NUMBER, clock_exponent, false, 0.01, 16.0),
	FIELD("gpu.byte_flop", "energy of a byte over a FLOP's there",
	      QUANTITY_NUMBER, byte_flop, false, 0.0, 1e4),
	FIELD("gpu.hbm_bytes_per_s", "device memory bandwidth",
	      QUANTITY_BYTES_PER_S, hbm_bytes_per_s, true, RATE_MIN,
	      RATE_MAX),
	FIELD("gpu.hbm_derate", "achieved share of it", QUANTITY_NUMBER,
	      hbm_derate, true, 1e-4, 1.0),
	FIELD("gpu.memory_bytes", "device memory", QUANTITY_BYTES,
	      memory_bytes, true, BYTES_MIN, BYTES_MAX),
	FIELD("gpu.launch_s", "overhead of a kernel", QUANTITY_SECONDS,
	      launch_s, true, 0.0, 1.0),
	FIELD("gpu.event_s", "event behind a kernel",
	      QUANTITY_SECONDS, event_s, false, 0.0, 1.0),
	FIELD("gpu.handoff_s", "to another engine that waits",
	      QUANTITY_SECONDS, handoff_s, false, 0.0, 1.0),
	FIELD("gpu.copy_hbm_bytes", "HBM bytes a copied byte takes",
	      QUANTITY_NUMBER, copy_hbm_bytes, false, 0.0, 16.0),
	FIELD("link.h2d.bytes_per_s", "host to GPU, pinned",
	      QUANTITY_BYTES_PER_S, h2d.bytes_per_s, true, RATE_MIN,
	      RATE_MAX),
	FIELD("link.h2d.latency_s", "before its first byte",
	      QUANTITY_SECONDS, h2d.latency_s, true, 0.0, 1.0),
	FIELD("link.h2d.pageable_bytes_per_s", "host to GPU, pageable",
	      QUANTITY_BYTES_PER_S, h2d.pageable_bytes_per_s, false,
	      RATE_MIN, RATE_MAX),
	FIELD("link.d2h.bytes_per_s", "GPU to host, pinned",
	      QUANTITY_BYTES_PER_S, d2h.bytes_per_s, true, RATE_MIN,
	      RATE_MAX),
	FIELD("link.d2h.latency_s", "before its first byte",
	      QUANTITY_SECONDS, d2h.latency_s, true, 0.0, 1.0),
	FIELD("link.d2h.pageable_bytes_per_s", "GPU to host, pageable",
	      QUANTITY_BYTES_PER_S, d2h.pageable_bytes_per_s, false,
	      RATE_MIN, RATE_MAX),
	FIELD("link.duplex_bytes_per_s", "limit of both directions together",
	      QUANTITY_BYTES_PER_S, duplex_bytes_per_s, false, RATE_MIN,
	      RATE_MAX),
	FIELD("link.host_crossings", "of host memory by a copied byte",
	      QUANTITY_NUMBER, link_crossings, false, 1.0,
	      HARDWARE_PAGEABLE_CROSSINGS),
	FIELD("host.memory_bytes", "host memory", QUANTITY_BYTES,
	      host_memory_bytes, false, BYTES_MIN, BYTES_MAX),
	FIELD("host.gpus_per_switch", "GPUs behind one switch",
	      QUANTITY_NUMBER, host_gpus_per_switch, false, 2.0, 64.0),
	FIELD("host.switch_bytes_per_s", "switch to host, each way",
	      QUANTITY_BYTES_PER_S, host_switch_bytes_per_s, false, RATE_MIN,
	      RATE_MAX),
	FIELD("host.root_bytes_per_s", "copies of all GPUs together",
	      QUANTITY_BYTES_PER_S, host_root_bytes_per_s, false, RATE_MIN,
	      RATE_MAX),
	FIELD("host.root_h2d_bytes_per_s", "those to GPUs, as all copy back",
	      QUANTITY_BYTES_PER_S, host_root_h2d_bytes_per_s, false,
	      RATE_MIN, RATE_MAX),
	FIELD("host.memory_bytes_per_s", "host memory: copies and CPU",
	      QUANTITY_BYTES_PER_S, host_memory_bytes_per_s, false, RATE_MIN,
	      RATE_MAX),
	FIELD("host.attention_bytes_per_s", "KV that the CPU attends to",
	      QUANTITY_BYTES_PER_S, host_attention_bytes_per_s, false,
	      RATE_MIN, RATE_MAX),
	FIELD("host.copy_bytes_per_s", "one thread, pageable to pinned",
	      QUANTITY_BYTES_PER_S, host_copy_bytes_per_s, false, RATE_MIN,
	      RATE_MAX),
	FIELD("host.issue_s", "one thread, to issue a kernel or a copy",
	      QUANTITY_SECONDS, host_issue_s, false, 0.0, 1.0),
};

enum { FIELDS = sizeof fields / sizeof fields[0] };
_Static_assert((int)FIELDS <= (int)HARDWARE_MOST_FIELDS, "raise the latter");

static const struct figures set = {
	.schema = "kvplan-hardware-1", .kind = "data_sheet",
	.other_kind = "calibration", .other_member = "calibration",
	.fields = fields, .n = FIELDS, .size = sizeof(struct hardware),
	.name = offsetof(struct hardware, name),
	.title = offsetof(struct hardware, title),
};

const struct figure *hardware_fields(size_t *n)
{
	*n = FIELDS;
	return fields;
}

double *hardware_figure(struct hardware *hw, const struct figure *f)
{
	return figures_value(hw, f);
}

static enum status check_whole(double n, const char *path, struct diag *d)
{
	if (n == floor(n))
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID,
			 "%s.value: found %g, expected a whole number", path,
			 n);
}

/* A switch is both figures. */
static enum status check_switch(const struct hardware *hw, struct diag *d)
{
	double n = hw->host_gpus_per_switch;

	if ((n > 0.0) == (hw->host_switch_bytes_per_s > 0.0))
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID,
			 "host.%s: missing, beside host.%s",
			 n > 0.0 ? "switch_bytes_per_s" : "gpus_per_switch",
			 n > 0.0 ? "gpus_per_switch" : "switch_bytes_per_s");
}

/* The clock of products without a rest is one that there is. */
static enum status check_clock(const struct hardware *hw, struct diag *d)
{
	double least = POWER_LIMIT_SLOWEST * hw->gemm_derate;
	double found = hw->gemm_sustained_derate;

	if (!power_limit_has(hw) || found >= least)
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID,
			 "gpu.gemm_sustained_derate.value: found %g, expected "
			 "at least %g of gpu.gemm_derate, %g", found,
			 POWER_LIMIT_SLOWEST, least);
}

enum status hardware_check(const struct hardware *hw, struct diag *d)
{
	enum status s = check_whole(hw->host_gpus_per_switch,
				    "host.gpus_per_switch", d);

	if (s == STATUS_OK)
		s = check_whole(hw->link_crossings, "link.host_crossings", d);
	if (s == STATUS_OK)
		s = check_switch(hw, d);
	return s == STATUS_OK ? check_clock(hw, d) : s;
}

enum status hardware_parse(const char *json, struct hardware *out,
			   struct diag *d)
{
	struct hardware hw;
	struct calibration *c = NULL;
	enum status s = figures_parse(json, &set, &hw, d);
	struct json top;
	cJSON *doc;

	if (s == STATUS_OK)
		s = hardware_check(&hw, d);
	if (s != STATUS_OK)
		return s;
	s = json_parse(json, &doc, &top, d);
	if (s != STATUS_OK)
		return s;
	if (json_has(&top, "calibration"))
		s = calibration_parse(&top, &c, d);
	cJSON_Delete(doc);
	if (s != STATUS_OK)
		return s;
	hw.calibration = c;
	*out = hw;
	return STATUS_OK;
}

void hardware_clear(struct hardware *hw)
{
	/* parsed here, borrowed everywhere else */
	calibration_free((struct calibration *)hw->calibration);
	*hw = (struct hardware){ .calibration = NULL };
}

enum status hardware_set(char **json, const char *path, const char *text,
			 struct diag *d)
{
	return figures_set(json, &set, path, text, d);
}

void hardware_describe(const char *json, struct table *t)
{
	figures_describe(json, &set, t);
}

size_t hardware_unsure(const char *json, const char **paths)
{
	return figures_unsure(json, &set, paths);
}

double hardware_switch_sharers(const struct hardware *hw, double gpus)
{
	return fmax(1.0, fmin(gpus, hw->host_gpus_per_switch));
}

double hardware_gemm_flop_per_s(const struct hardware *hw)
{
	return hw->flop_per_s * hw->gemm_derate;
}

double hardware_full_gemm_flop_per_s(const struct hardware *hw)
{
	return hw->full_gemm_derate > 0.0
		       ? hw->flop_per_s * hw->full_gemm_derate
		       : hardware_gemm_flop_per_s(hw);
}

double hardware_hbm_bytes_per_s(const struct hardware *hw)
{
	return hw->hbm_bytes_per_s * hw->hbm_derate;
}

double hardware_hbm_copies_per_s(const struct hardware *hw)
{
	return hw->copy_hbm_bytes > 0.0
		? hardware_hbm_bytes_per_s(hw) / hw->copy_hbm_bytes : 0.0;
}
