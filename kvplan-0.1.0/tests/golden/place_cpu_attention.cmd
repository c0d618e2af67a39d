kvplan place -m opt-6.7b -w a100-40gb-pcie4 -s 512 -g 32 -b 64 -n 2 \
	--percent 100 0 0 100 100 0 --set host.attention_bytes_per_s=300GB/s
