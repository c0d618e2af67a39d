kvplan simulate -m opt-6.7b -w l40s -b 23 -s 211 -g 31 --split 71
