kvplan sweep --model opt-125m --hardware t4 --gen 16 --batch 8 --simulate \
	--vary prompt=100,1500,3000 --vary model.num_hidden_layers=6,12 \
	--columns split,step_s,prefill_s,decode_s,decode_gain_pct,worth.gpu.flop_per_s
