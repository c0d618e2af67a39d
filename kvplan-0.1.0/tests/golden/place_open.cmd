# times, not shares: of optima there may be several
kvplan place -m opt-30b -w flexgen-t4 -s 512 -g 32 --csv | cut -d, -f1,2,6
