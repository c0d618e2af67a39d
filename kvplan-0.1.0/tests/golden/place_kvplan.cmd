kvplan place -m opt-6.7b -w t4 -s 512 -g 32 -b 16 -n 2 \
	--percent 100 0 0 100 100 0 --set gpu.memory_bytes=20GB
