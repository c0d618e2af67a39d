kvplan validate "$KVPLAN_DATADIR/traces/h200-sxm"
