kvplan plan -m mixtral-8x7b -w gh200 -b 3 -s 511 -g 17 -p recompute-all
