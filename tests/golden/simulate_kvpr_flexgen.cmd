kvplan simulate --model opt-6.7b --hardware a100-40gb-paper --batch 32 \
	--num-batches 2 --prompt 1024 --gen 9 --policy kvpr-flexgen \
	--program column --hidden gpu
