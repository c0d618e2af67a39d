kvplan plan --model opt-6.7b --hardware a100-40gb-pcie4 --batch 16 \
	--num-batches 2 --prompt 128 --gen 9 --policy cpu-attention \
	--cache-on-gpu 0.25 --gpus 2 \
	--set host.attention_bytes_per_s=80GB/s
