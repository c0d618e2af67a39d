/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "model/calibrate.h"
#include "model/hardware.h"

/* Whatever was measured gives a profile, or a reason why not. */
static void check_profile(const struct measurements *m,
			  enum calibrate_gemm gemm)
{
	const struct calibrate_options o = { .source = "fuzz", .gemm = gemm };
	struct calibrate_result r;
	struct diag d = { "" };
	struct sampled s;
	struct hardware hw;
	char *text;

	sampled_make(m, &s);
	if (calibrate_make(m, &s, &o, &r, &d) != STATUS_OK) {
		FUZZ_CHECK(d.text[0] != '\0' && strchr(d.text, '\n') == NULL);
		sampled_clear(&s);
		return;
	}
	text = cJSON_PrintUnformatted(r.profile);
	FUZZ_CHECK(hardware_parse(text, &hw, &d) == STATUS_OK);
	FUZZ_CHECK(hw.calibration != NULL);
	cJSON_free(text);
	hardware_clear(&hw);
	calibrate_clear(&r);
	sampled_clear(&s);
}

bool fuzz_one(const char *text)
{
	struct diag d = { "" };
	struct measurements *m;
	struct nvbandwidth n;

	if (nvbandwidth_is(text))
		return nvbandwidth_parse(text, &n, &d) == STATUS_OK;
	if (measurements_parse(text, &m, &d) != STATUS_OK) {
		FUZZ_CHECK(d.text[0] != '\0' && strchr(d.text, '\n') == NULL);
		return false;
	}
	check_profile(m, CALIBRATE_RESTED);
	check_profile(m, CALIBRATE_SUSTAINED);
	measurements_free(m);
	return true;
}
