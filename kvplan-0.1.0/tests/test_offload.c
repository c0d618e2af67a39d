/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/offload.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/profile.h"
#include "tests/harness.h"
#include "tests/random_place.h"

#define GIB 1073741824.0

static char *t4_text(void)
{
	struct diag d = { "" };
	char *text;

	ck_assert_int_eq(profile_read(PROFILE_OFFLOAD, "flexgen-t4", &text,
				      &d), STATUS_OK);
	return text;
}

/* FlexGen's constants; its GB is 2^30 bytes. */
START_TEST(the_t4_has_flexgens_constants)
{
	struct offload o = random_place_t4();

	ck_assert_str_eq(o.name, "flexgen-t4");
	ck_assert(o.is_fit);
	ck_assert_double_eq(o.h2d_bytes_per_s, 12.89 * GIB);
	ck_assert_double_eq(o.d2h_cache_bytes_per_s, 0.97 * GIB);
	ck_assert_double_eq(o.d2h_hidden_bytes_per_s, 4.82 * GIB);
	ck_assert_double_eq(o.disk_read_bytes_per_s, 0.473 * GIB);
	ck_assert_double_eq(o.disk_write_cache_prefill_bytes_per_s,
			    0.746 * GIB);
	ck_assert_double_eq(o.disk_write_hidden_prefill_bytes_per_s,
			    2.015 * GIB);
	ck_assert_double_eq(o.disk_write_decode_bytes_per_s, 2.015 * GIB);
	ck_assert_double_eq(o.gemm_prefill_flop_per_s, 21.24e12);
	ck_assert_double_eq(o.gemm_decode_flop_per_s, 4.3e12);
	ck_assert_double_eq(o.attention_prefill_flop_per_s, 9.97e12);
	ck_assert_double_eq(o.attention_decode_flop_per_s, 0.079e12);
	ck_assert_double_eq(o.host_attention_flop_per_s, 0.0123e12);
	ck_assert_double_eq(o.batch_and_width_slope, 0.0168);
	ck_assert_double_eq(o.batch_slope, 0.0328);
	ck_assert_double_eq(o.width_slope, 0.0621);
	ck_assert_double_eq(o.gpu_memory_bytes, 16.0 * GIB);
	ck_assert_double_eq(o.host_memory_bytes, 200.0 * GIB);
	ck_assert_double_eq(o.disk_memory_bytes, 1500.0 * GIB);
	ck_assert_double_eq(o.memory_share, 0.8);
	ck_assert_double_eq(o.duplex_bytes_per_s, 0.0);
}
END_TEST

START_TEST(attention_on_the_cpu_slows_with_small_batches)
{
	struct offload o = random_place_t4();

	/* full from batch 64 and width 4096 on */
	ck_assert_double_eq(offload_host_attention_flop_per_s(&o, 64, 4096),
			    0.0123e12);
	ck_assert_double_eq(offload_host_attention_flop_per_s(&o, 99, 7168),
			    0.0123e12);
	/* g = 3, w = 0; g = 0, w = 2; g = 5, w = 1 */
	ck_assert_double_eq_tol(
		offload_host_attention_flop_per_s(&o, 8, 7168),
		0.0123e12 * (1.0 - 3.0 * 0.0328), 1.0);
	ck_assert_double_eq_tol(
		offload_host_attention_flop_per_s(&o, 70, 1024),
		0.0123e12 * (1.0 - 2.0 * 0.0621), 1.0);
	ck_assert_double_eq_tol(
		offload_host_attention_flop_per_s(&o, 2, 2048),
		0.0123e12 * (1.0 + 5.0 * 0.0168 - 5.0 * 0.0328 - 0.0621),
		1.0);
	/* never below a tenth */
	o.width_slope = 0.9;
	ck_assert_double_eq_tol(
		offload_host_attention_flop_per_s(&o, 64, 512), 0.00123e12,
		1.0);
	o.host_attention_flop_per_s = 0.0;
	ck_assert_double_eq(offload_host_attention_flop_per_s(&o, 8, 512),
			    0.0);
}
END_TEST

START_TEST(a_hardware_profile_has_no_disk)
{
	struct hardware hw = harness_hardware("a100-40gb-pcie4");
	struct offload o = offload_from_hardware(&hw);

	ck_assert_str_eq(o.name, "a100-40gb-pcie4");
	ck_assert_str_eq(o.title, hw.title);
	ck_assert(!o.is_fit);
	ck_assert_double_eq(o.gemm_prefill_flop_per_s, 312e12 * 0.86);
	ck_assert_double_eq(o.attention_decode_flop_per_s, 312e12 * 0.86);
	ck_assert_double_eq(o.hbm_bytes_per_s, 1555e9 * 0.8);
	ck_assert_double_eq(o.h2d_bytes_per_s, 26e9);
	ck_assert_double_eq(o.d2h_cache_bytes_per_s, 25.7e9);
	ck_assert_double_eq(o.d2h_hidden_bytes_per_s, 25.7e9);
	ck_assert_double_eq(o.duplex_bytes_per_s, 37.6e9);
	ck_assert_double_eq(o.gpu_memory_bytes, 40e9);
	ck_assert_double_eq(o.memory_share, 1.0);
	ck_assert_double_eq(o.host_memory_bytes, 0.0);
	ck_assert_double_eq(o.disk_memory_bytes, 0.0);
	ck_assert_double_eq(o.host_attention_flop_per_s, 0.0);
	ck_assert_double_eq(o.host_attention_bytes_per_s, 0.0);
	hw.host_attention_bytes_per_s = 123e9;
	o = offload_from_hardware(&hw);
	ck_assert_double_eq(o.host_attention_flop_per_s, 0.0);
	ck_assert_double_eq(o.host_attention_bytes_per_s, 123e9);
}
END_TEST

START_TEST(figures_are_set_by_their_paths)
{
	struct diag d = { "" };
	char *text = t4_text();
	struct offload o;

	ck_assert_int_eq(offload_set(&text, "gpu.memory_bytes", "24 GiB",
				     &d), STATUS_OK);
	ck_assert_int_eq(offload_set(&text, "memory_share", "0.95", &d),
			 STATUS_OK);
	ck_assert_int_eq(offload_set(&text, "link.duplex_bytes_per_s",
				     "18.5GB/s", &d), STATUS_OK);
	ck_assert_int_eq(offload_parse(text, &o, &d), STATUS_OK);
	ck_assert_double_eq(o.gpu_memory_bytes, 24.0 * GIB);
	ck_assert_double_eq(o.memory_share, 0.95);
	ck_assert_double_eq(o.duplex_bytes_per_s, 18.5e9);
	ck_assert_int_eq(offload_set(&text, "link.h2d.bytes_per_s", "3 GB/s",
				     &d), STATUS_UNKNOWN);
	ck_assert_str_eq(d.text, "link.h2d.bytes_per_s: unknown figure, the "
			 "nearest is link.h2d_bytes_per_s");
	ck_assert_int_eq(offload_set(&text, "memory_share", "11", &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text,
			 "memory_share: found 11, expected 0.01 to 10");
	free(text);
}
END_TEST

/* `from` in the text becomes `to`, and it is refused with `message`. */
static void check_refused(const char *from, const char *to,
			  const char *message)
{
	struct diag d = { "" };
	char *text = t4_text(), *at = strstr(text, from), *changed;
	struct offload before = { .name = "before" }, o = before;
	size_t size;
	FILE *out;

	ck_assert_ptr_nonnull(at);
	out = xmemstream(&changed, &size);
	fprintf(out, "%.*s%s%s", (int)(at - text), text, to,
		at + strlen(from));
	xmemstream_close(out);
	ck_assert_int_eq(offload_parse(changed, &o, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, message);
	ck_assert_int_eq(memcmp(&o, &before, sizeof o), 0);
	free(changed);
	free(text);
}

START_TEST(what_is_wrong_is_named)
{
	check_refused("kvplan-offload-1", "kvplan-hardware-1",
		      "schema: found 'kvplan-hardware-1', expected "
		      "'kvplan-offload-1'");
	check_refused("\"fit\"", "\"data_sheet\"",
		      "kind: found 'data_sheet', expected 'fit'");
	check_refused("d2h_cache", "d2h_cash",
		      "link.d2h_cash_bytes_per_s: unknown figure, the "
		      "nearest is link.d2h_cache_bytes_per_s");
	check_refused("12.89 GiB/s", "12.89",
		      "link.h2d_bytes_per_s: found 12.89 B/s, expected 1 MB/s "
		      "to 1000000 TB/s");
	check_refused("\"16 GiB\"", "16",
		      "gpu.memory_bytes: found 16 B, expected 1 MB to "
		      "1000000 TB");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/offload");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, the_t4_has_flexgens_constants);
	tcase_add_test(tc, attention_on_the_cpu_slows_with_small_batches);
	tcase_add_test(tc, a_hardware_profile_has_no_disk);
	tcase_add_test(tc, figures_are_set_by_their_paths);
	tcase_add_test(tc, what_is_wrong_is_named);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
