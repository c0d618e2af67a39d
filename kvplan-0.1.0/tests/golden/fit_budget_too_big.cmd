kvplan fit-budget --model opt-30b --hardware a100-40gb-pcie4 --batch 16 \
	--prompt 128 --gen 8 --step 100ms --cost link=0.5
