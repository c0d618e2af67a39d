kvplan simulate -m opt-125m -w t4 -b 3 -s 17 -g 3 -t trace.json >table
cat trace.json
