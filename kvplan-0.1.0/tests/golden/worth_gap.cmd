kvplan worth --model opt-125m --hardware gh200 --batch 1 --num-batches 2 \
	--prompt 16 --gen 12 --policy zero-inference \
	--set host.attention_bytes_per_s=200GB/s
