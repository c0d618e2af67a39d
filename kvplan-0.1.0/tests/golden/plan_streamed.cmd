kvplan plan --model opt-30b --hardware a100-40gb-pcie4 --batch 32 \
	--num-batches 4 --prompt 512 --gen 17 --policy kvpr-column \
	--kv int8 --weights-on-gpu 0.2
