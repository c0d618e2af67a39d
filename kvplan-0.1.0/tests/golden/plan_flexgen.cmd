kvplan plan --model opt-6.7b --hardware a100-40gb-pcie4 --batch 16 \
	--num-batches 2 --prompt 128 --gen 9 --policy flexgen \
	--set host.copy_bytes_per_s=10GB/s
