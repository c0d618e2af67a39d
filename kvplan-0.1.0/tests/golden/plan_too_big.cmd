kvplan plan -m opt-30b -w a100-40gb-pcie4 -b 64 -s 128 -g 128
