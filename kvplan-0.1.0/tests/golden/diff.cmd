kvplan simulate -m opt-125m -w t4 -b 3 -s 17 -g 5 -p kvpr-row --split 9 --prefetch 1 -t a.json >table
kvplan simulate -m opt-125m -w t4 -b 3 -s 17 -g 5 -p load-all -t b.json >table
kvplan diff a.json b.json
kvplan diff a.json b.json --step 3 --csv
