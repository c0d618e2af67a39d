kvplan place -m opt-30b -w flexgen-t4 -s 512 -g 32 -b 48 -n 3 \
	--percent 20 80 0 100 0 100
