kvplan simulate --model opt-6.7b --hardware a100-40gb-pcie4 --batch 16 \
	--prompt 128 --gen 5 --policy zero-inference --weights int4 \
	--set host.attention_bytes_per_s=80GB/s
