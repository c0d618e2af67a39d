kvplan sweep --model llama-2-7b --hardware h200 --gen 64 \
	--sample lhs:6 --seed 3 --vary batch=1:64:log --vary prompt=64:4000 \
	--vary link.h2d.bytes_per_s+link.d2h.bytes_per_s=8GB/s:400GB/s:log \
	--uncertain 'link.h2d.bytes_per_s=normal(5%)' \
	--uncertain 'gpu.flop_per_s=uniform(700TFLOP/s,989TFLOP/s)' \
	--against recompute-all --draws 100 --json
