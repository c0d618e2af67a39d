# SPDX-License-Identifier: GPL-3.0-or-later
#
# validation.gp - the error of each predicted step over its measured time.
#
# Expects, after style.gp:
#   N       policies, with RGB and MARK of each
#   $runs   a block for each: measured time [ms], error [%], its ends by the
#           shortest and the longest repeat [%]

if (!exists("N")) {
    print "kvplan validate: N must be set"
    exit status 1
}
set logscale x 10
set xtics add (2, 5, 20, 50, 200, 500)
stats $runs using 1 name "KVX" nooutput
decade(x) = 10 ** floor(log10(x))
down(x) = decade(x) * (x < 2 * decade(x) ? 1 : x < 5 * decade(x) ? 2 : 5)
above(x) = decade(x) * (x < 2 * decade(x) ? 2 : x < 5 * decade(x) ? 5 : 10)
set xrange [down(0.9 * KVX_min) : above(1.1 * KVX_max)]
stats $runs using 3 name "KVA" nooutput
stats $runs using 4 name "KVB" nooutput
Y = max(6, 1.1 * max(abs(KVA_min), abs(KVB_max)))
LOW = -Y
HIGH = Y
YSTEP = step(2 * Y, 10)
eval YTICS
XTITLE = "measured step time [ms]"
YTITLE = "error of the prediction [%]"
eval AXES
set object 1 rectangle from graph 0, first -2 to graph 1, first 2 behind fillcolor rgb INK_BAND fillstyle solid noborder
set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead back linewidth 1 linecolor rgb INK_SOFT
set arrow 2 from graph 0, first 5 to graph 1, first 5 nohead back linewidth 1 dashtype 3 linecolor rgb INK_SOFT
set arrow 3 from graph 0, first -5 to graph 1, first -5 nohead back linewidth 1 dashtype 3 linecolor rgb INK_SOFT
plot for [k = 1 : N] $runs index k - 1 using 1:3:(0):($4 - $3) with vectors nohead linewidth 1.2 linecolor rgb RGB[k] notitle, \
    for [k = 1 : N] $runs index k - 1 using 1:2 with points pointtype MARK[k] pointsize 0.75 * PC linewidth 1.5 linecolor rgb RGB[k] notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
