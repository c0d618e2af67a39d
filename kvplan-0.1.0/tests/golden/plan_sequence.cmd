kvplan plan -m opt-13b -w h100-sxm -b 19 -s 37 -g 53 --limit sequence --json
