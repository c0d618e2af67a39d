kvplan plan -m llama-3.1-8b -w h100-sxm -b 8 -s 200 -g 20 --policy auto --csv
