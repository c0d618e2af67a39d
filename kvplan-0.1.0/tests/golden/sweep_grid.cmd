kvplan sweep --model opt-6.7b --hardware a100-40gb-pcie4 --gen 128 \
	--vary batch+num-batches=64:1,8:2,1 --vary prompt=128:1024:log3 \
	--vary policy=auto,kvpr-row,kvpr-column \
	--columns default,chosen_policy,paper_split,gpu_bytes
