kvplan fit-budget --model opt-6.7b --hardware a100-40gb-pcie4 --batch 64 \
	--prompt 128 --gen 8 --tokens-per-s 4200 --cost gpu.memory_bytes=no \
	--cost gpu.hbm_bytes_per_s=1.5 --csv
