kvplan plan --model opt-6.7b --hardware a100-40gb-pcie4 --batch 64 \
	--prompt 128 --gen 128
