# A profile is found by its name: add the file here and that is all.
EMBEDDED += \
	%D%/hardware/a100-40gb-paper.json \
	%D%/hardware/a100-40gb-pcie4.json \
	%D%/hardware/a100-80gb.json \
	%D%/hardware/gh200.json \
	%D%/hardware/h100-sxm.json \
	%D%/hardware/h200.json \
	%D%/hardware/l40s.json \
	%D%/hardware/rtx4090.json \
	%D%/hardware/t4-flexgen.json \
	%D%/hardware/t4.json \
	%D%/hardware/v100.json \
	%D%/models/llama-2-13b.json \
	%D%/models/llama-2-70b.json \
	%D%/models/llama-2-7b.json \
	%D%/models/llama-3.1-405b.json \
	%D%/models/llama-3.1-70b.json \
	%D%/models/llama-3.1-8b.json \
	%D%/models/mistral-7b.json \
	%D%/models/mistral-nemo-12b.json \
	%D%/models/mixtral-8x22b.json \
	%D%/models/mixtral-8x7b.json \
	%D%/models/opt-1.3b.json \
	%D%/models/opt-125m.json \
	%D%/models/opt-13b.json \
	%D%/models/opt-175b.json \
	%D%/models/opt-2.7b.json \
	%D%/models/opt-30b.json \
	%D%/models/opt-6.7b.json \
	%D%/models/opt-66b.json \
	%D%/models/qwen2.5-72b.json \
	%D%/models/qwen2.5-7b.json \
	%D%/models/qwen3-14b.json \
	%D%/models/qwen3-30b-a3b.json \
	%D%/models/qwen3-32b.json \
	%D%/models/qwen3-8b.json \
	%D%/offload/flexgen-t4.json
