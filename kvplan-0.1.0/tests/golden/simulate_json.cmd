kvplan plan -m opt-2.7b -w v100 -b 11 -s 101 -g 7 -o plan.json >table
kvplan simulate plan.json --json
