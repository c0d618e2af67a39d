kvplan plan -m opt-13b -w "$KVPLAN_DATADIR/traces/h200-sxm/hardware.json" \
	-b 4 -s 1024 -g 33 --policy kvpr-row
