kvplan simulate -m opt-2.7b -w v100 -b 11 -s 101 -g 7 --jitter 5% >table
sed -n 1,20p table
