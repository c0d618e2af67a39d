kvplan plot split -m opt-6.7b -w t4 -b 17 -s 23 -g 12 --data split.csv
cat split.csv
