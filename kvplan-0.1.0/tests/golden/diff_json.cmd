kvplan simulate -m opt-125m -w t4 -b 3 -s 17 -g 5 -p offloaded-cache -t a.json >table
kvplan simulate -m opt-125m -w t4 -b 3 -s 17 -g 5 -p offloaded-cache --set link.d2h.bytes_per_s=5GB/s -t b.json >table
kvplan diff a.json b.json --json
