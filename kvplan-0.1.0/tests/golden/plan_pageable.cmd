kvplan plan -m opt-6.7b -w a100-40gb-pcie4 -b 7 -s 129 -g 11 \
	--host-memory pageable --set gpu.launch_s=7us
