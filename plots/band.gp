# SPDX-License-Identifier: GPL-3.0-or-later
#
# band.gp - what every set of assumptions gives for a number, and what a paper
# states.
#
# A row for each number: a thin bar from the least to the largest of all sets, a
# thick one for the sets that depart from nothing that the paper says, a
# triangle for the nearest of those, an open diamond for the paper.
#
# Expects, after style.gp with BODY (LINE * (2.3 * N_PART + 2.6)):
#   PART[N_PART]   titles of the numbers
#   UNIT           of the axis, may be empty
#   ALL, STATED, NEAREST   colours, as in $key
#   $points        of each number: its place, the paper's value, that of the
#                  nearest set; least and largest of the sets that depart
#                  from nothing, of all sets; NaN where there is none

if (!exists("N_PART") || !exists("UNIT") || !exists("ALL") || !exists("STATED") || !exists("NEAREST")) {
    print "kvplan reproduce: a variable is missing"
    exit status 1
}
set tics scale 0.7 * TICL
set border 1 linewidth 0.8
unset ytics
set grid xtics noytics
LO = NaN
HI = NaN
do for [p = 1 : N_PART] {
    do for [c in "2 6 7"] {
        V = word($points[p], int(c)) eq "NaN" ? NaN : real(word($points[p], int(c)))
        LO = LO == LO && !(V < LO) ? LO : V
        HI = HI == HI && !(V > HI) ? HI : V
    }
}
PAD = HI > LO ? 0.05 * (HI - LO) : 1
set xrange [LO - PAD : HI + PAD]
XSTEP = HI > LO ? step(HI - LO, 6) : 1
set xtics XSTEP
set yrange [0 : N_PART]
set lmargin at screen 1.5 * MARGIN
set rmargin at screen 1 - 1.5 * MARGIN
set bmargin at screen up(2.5 * LINE)
set tmargin at screen TOP - up(0.1 * LINE)
set label 1 UNIT at screen 0.5, up(0.6 * LINE) center noenhanced textcolor rgb INK

y(p) = N_PART - p + 0.28
do for [p = 1 : N_PART] {
    set label 40 + p PART[p] at screen 1.5 * MARGIN, first N_PART - p + 0.76 left noenhanced textcolor rgb INK
}
plot $points using 6:(y($1)):6:7:(y($1) - 0.07):(y($1) + 0.07) with boxxyerror fillcolor rgb ALL fillstyle solid 1 border linecolor rgb INK linewidth 0.5 notitle, \
    $points using 4:(y($1)):4:5:(y($1) - 0.17):(y($1) + 0.17) with boxxyerror fillcolor rgb STATED fillstyle solid 1 border linecolor rgb INK linewidth 0.5 notitle, \
    $points using 3:(y($1)) with points pointtype 9 pointsize 1.9 * PC linecolor rgb WHITE notitle, \
    $points using 3:(y($1)) with points pointtype 9 pointsize 1.3 * PC linecolor rgb NEAREST notitle, \
    $points using 2:(y($1)) with points pointtype 13 pointsize PD linecolor rgb ROLE_PAPER notitle, \
    $points using 2:(y($1)) with points pointtype 13 pointsize 0.58 * PD linecolor rgb WHITE notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
