# SPDX-License-Identifier: GPL-3.0-or-later
#
# line.gp - curves over one axis, told apart by colour, dashes and points.
#
# Expects, after style.gp, tics of x set, and:
#   XTITLE, XLOW, XHIGH  name and ends of the x axis
#   YTITLE          name of the y axis
#   N               curves, at least 1; RGB, DASH and MARK of each
#   $curves         a block for each: x, y, and with BARS the ends of a bar
#   BARS            1 if there are bars

if (!exists("N") || !exists("XTITLE") || !exists("YTITLE") || !exists("BARS")) {
    print "kvplan plot: N, XTITLE, YTITLE and BARS must be set"
    exit status 1
}
# From 0 where values are near it.
stats $curves using 3 name "KVL" nooutput
stats $curves using 4 name "KVH" nooutput
LOW = KVL_min > 0 && KVL_min < 0.6 * KVH_max ? 0 : KVL_min
YPAD = 0.06 * (KVH_max > LOW ? KVH_max - LOW : 1)
LOW = LOW == 0 ? 0 : LOW - YPAD
HIGH = KVH_max + YPAD
YSTEP = step(HIGH - LOW, 7)
set xrange [XLOW : XHIGH]
eval YTICS
eval AXES
plot \
    for [i = 1 : N * BARS] $curves index i - 1 using 1:2:3:4 with yerrorbars pointtype -1 pointsize 0.8 linewidth 1.6 linecolor rgb RGB[i] notitle, \
    for [i = 1 : N] $curves index i - 1 using 1:2 with lines linewidth 2.8 dashtype DASH[i] linecolor rgb RGB[i] notitle, \
    for [i = 1 : N] $curves index i - 1 using 1:2 with points pointtype MARK[i] pointsize 0.9 * PC linewidth 1.5 linecolor rgb RGB[i] notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
