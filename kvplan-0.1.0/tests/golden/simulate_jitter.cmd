kvplan simulate -m opt-6.7b -w l40s -b 23 -s 211 -g 31 --gpus 2 --set host.root_bytes_per_s=40GB/s --jitter 4%,h2d=7% --systematic sm=2% --replications 25 --seed 11 --csv
