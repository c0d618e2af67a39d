kvplan plan -m opt-6.7b -w t4 -b 8 -s 200 -g 20 --policy auto --csv
