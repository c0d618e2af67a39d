kvplan worth --model llama-3.1-8b --hardware h100-sxm --batch 16 --prompt 512 \
	--gen 8 --csv
