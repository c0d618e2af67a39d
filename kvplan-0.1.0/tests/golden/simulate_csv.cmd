kvplan simulate -m opt-13b -w h100-sxm -b 31 -s 509 -g 29 --csv
