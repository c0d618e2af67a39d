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
YLOW = KVL_min > 0 && KVL_min < 0.6 * KVH_max ? 0 : KVL_min
YPAD = 0.06 * (KVH_max > YLOW ? KVH_max - YLOW : 1)
YLOW = YLOW == 0 ? 0 : YLOW - YPAD
YHIGH = KVH_max + YPAD
YSTEP = step(YHIGH - YLOW, 7)
YE = 0
YTICS = ""
do for [k = ceil(YLOW / YSTEP) : floor(YHIGH / YSTEP)] {
    YTICS = YTICS . sprintf("%s\"%s\" %.9g", strlen(YTICS) > 0 ? ", " : "", num(k * YSTEP), k * YSTEP)
    YE = max(YE, ems(num(k * YSTEP)))
}
eval "set ytics (" . YTICS . ")"
set xrange [XLOW : XHIGH]
set yrange [YLOW : YHIGH]

GX0 = MARGIN + (YE + 0.9) * EM
GX1 = 1 - 2 * MARGIN
set lmargin at screen GX0
set rmargin at screen GX1
set bmargin at screen up(2.7 * LINE)
set tmargin at screen TOP - up(1.3 * LINE)
set label 1 XTITLE at screen (GX0 + GX1) / 2, up(0.75 * LINE) center noenhanced textcolor rgb INK
set label 2 YTITLE at screen MARGIN, TOP - up(0.6 * LINE) left noenhanced textcolor rgb INK
plot \
    for [i = 1 : N * BARS] $curves index i - 1 using 1:2:3:4 with yerrorbars pointtype -1 pointsize 0.8 linewidth 1.6 linecolor rgb RGB[i] notitle, \
    for [i = 1 : N] $curves index i - 1 using 1:2 with lines linewidth 2.8 dashtype DASH[i] linecolor rgb RGB[i] notitle, \
    for [i = 1 : N] $curves index i - 1 using 1:2 with points pointtype MARK[i] pointsize 0.9 * PC linewidth 1.5 linecolor rgb RGB[i] notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
