kvplan plot gantt -m opt-6.7b -w a100-80gb -b 64 -s 128 -g 128 \
	--step 20 --layer 3 --data gantt.csv
cat gantt.csv
