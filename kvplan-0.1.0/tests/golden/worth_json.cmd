kvplan worth --model opt-30b --hardware a100-40gb-pcie4 --policy kvpr-column \
	--batch 32 --num-batches 4 --prompt 256 --gen 8 --change 5 --json
