kvplan plan --model llama-3.1-8b --hardware h100-sxm --batch 64 \
	--prompt 1024 --gen 32
