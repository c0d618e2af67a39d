/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/random_place.h"

#include <math.h>
#include <stdlib.h>

#include "model/profile.h"
#include "tests/harness.h"
#include "tests/random_case.h"

struct offload random_place_t4(void)
{
	struct diag d = { "" };
	struct offload o;
	char *text;

	ck_assert_int_eq(profile_read(PROFILE_OFFLOAD, "flexgen-t4", &text,
				      &d), STATUS_OK);
	ck_assert_msg(offload_parse(text, &o, &d) == STATUS_OK, "%s", d.text);
	free(text);
	return o;
}

struct place_request random_place_opt30b(bool flexgen)
{
	return (struct place_request){
		.c = { .model = harness_model("opt-30b"), .prompt = 512,
		       .gen = 32, .machine = random_place_t4(),
		       .flexgen = flexgen },
		.limit_s = INFINITY,
	};
}

static struct llm draw_model(gsl_rng *rng, bool flexgen)
{
	size_t dim = 16 * random_case_size(rng, 1, 4);
	struct llm m = {
		.name = "drawn", .family = "drawn",
		.layers = random_case_size(rng, 1, 12),
		.heads = 4 * random_case_size(rng, 1, 4), .head_dim = dim,
		.ffn = 32 * random_case_size(rng, 1, 40), .experts = 1,
		.experts_per_token = 1, .vocab = 1000, .max_positions = 4096,
	};

	m.kv_heads = m.heads;
	m.hidden = m.heads * dim;
	if (flexgen)
		return m;
	m.kv_heads = gsl_rng_uniform(rng) < 0.5 ? m.heads : m.heads / 4;
	m.ffn_gated = gsl_rng_uniform(rng) < 0.5;
	if (gsl_rng_uniform(rng) < 0.3) {
		m.experts = random_case_size(rng, 2, 8);
		m.experts_per_token = random_case_size(rng, 1, m.experts);
	}
	return m;
}

static struct offload draw_machine(gsl_rng *rng)
{
	return (struct offload){
		.name = "drawn", .title = "drawn",
		.gemm_prefill_flop_per_s = random_case_log(rng, 1e11, 1e14),
		.gemm_decode_flop_per_s = random_case_log(rng, 1e11, 1e14),
		.attention_prefill_flop_per_s =
			random_case_log(rng, 1e11, 1e13),
		.attention_decode_flop_per_s =
			random_case_log(rng, 1e10, 1e13),
		.hbm_bytes_per_s = random_case_log(rng, 1e10, 1e12),
		.h2d_bytes_per_s = random_case_log(rng, 1e9, 1e11),
		.d2h_cache_bytes_per_s = random_case_log(rng, 1e9, 1e11),
		.d2h_hidden_bytes_per_s = random_case_log(rng, 1e9, 1e11),
		.host_attention_flop_per_s = random_case_log(rng, 1e9, 1e12),
		.batch_and_width_slope = 0.0168, .batch_slope = 0.0328,
		.width_slope = 0.0621,
		.disk_read_bytes_per_s = random_case_log(rng, 1e8, 1e10),
		.disk_write_cache_prefill_bytes_per_s =
			random_case_log(rng, 1e8, 1e10),
		.disk_write_hidden_prefill_bytes_per_s =
			random_case_log(rng, 1e8, 1e10),
		.disk_write_decode_bytes_per_s =
			random_case_log(rng, 1e8, 1e10),
		.memory_share = 0.5 + gsl_rng_uniform(rng), .is_fit = true,
	};
}

struct placement_case random_place_case(gsl_rng *rng, bool flexgen)
{
	struct placement_case c = {
		.model = draw_model(rng, flexgen),
		.prompt = random_case_size(rng, 16, 300),
		.gen = random_case_size(rng, 2, 100),
		.machine = draw_machine(rng), .flexgen = flexgen,
	};
	struct offload *o = &c.machine;
	double h = (double)c.model.hidden, l = (double)c.model.layers;
	double weights = 2.0 * l * llm_layer_elements(&c.model);
	double request = 4.0 * l * h * (double)(c.prompt + c.gen);
	double embeddings = 2.0 * llm_embedding_elements(&c.model);

	o->gpu_memory_bytes = embeddings +
		(2.0 / l + random_case_log(rng, 0.02, 1.5)) * weights +
		random_case_log(rng, 1.0, 40.0) * request;
	o->host_memory_bytes =
		random_case_log(rng, 0.05, 2.0) * weights +
		random_case_log(rng, 0.3, 60.0) * request;
	o->disk_memory_bytes = random_case_log(rng, 0.1, 3.0) * weights +
			       random_case_log(rng, 0.1, 60.0) * request;
	if (flexgen)
		return c;
	o->duplex_bytes_per_s = gsl_rng_uniform(rng) < 0.5
		? 0.0 : random_case_log(rng, 1e9, 1e11);
	if (gsl_rng_uniform(rng) < 0.3)
		o->hbm_bytes_per_s = 0.0;
	if (gsl_rng_uniform(rng) < 0.3)
		o->host_attention_flop_per_s = 0.0;
	if (gsl_rng_uniform(rng) < 0.3) {
		o->disk_memory_bytes = 0.0;
		o->disk_read_bytes_per_s = 0.0;
		o->disk_write_cache_prefill_bytes_per_s = 0.0;
		o->disk_write_hidden_prefill_bytes_per_s = 0.0;
		o->disk_write_decode_bytes_per_s = 0.0;
	}
	return c;
}

void random_place_shares(gsl_rng *rng, const struct placement_costs *c,
			 double share[SHARE_COUNT])
{
	static const int first[] = { SHARE_WEIGHTS_GPU, SHARE_KV_GPU,
				     SHARE_HIDDEN_GPU, SHARE_COUNT };

	for (size_t kind = 0; kind < 3; kind++) {
		double sum = 0.0;

		for (int i = first[kind]; i < first[kind + 1]; i++) {
			share[i] = !c->may[i] ? 0.0
				   : i == first[kind]
					   ? 0.1 + gsl_rng_uniform(rng)
				   : gsl_rng_uniform(rng) < 0.3
					   ? 0.0 : gsl_rng_uniform(rng);
			sum += share[i];
		}
		for (int i = first[kind]; i < first[kind + 1]; i++)
			share[i] /= sum;
	}
}

struct place_request random_place_request(gsl_rng *rng, bool flexgen)
{
	return (struct place_request){
		.c = random_place_case(rng, flexgen), .limit_s = INFINITY
	};
}

struct place_result random_place_search(const struct place_request *r)
{
	struct place_result result;
	struct diag d = { "" };
	enum status s = place_search(r, &result, &d);

	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	return result;
}
