# SPDX-License-Identifier: GPL-3.0-or-later
#
# band.gp - what every set of assumptions gives for a number, and what a paper
# states, for one column of a paper.
#
# A row for each number: a thin bar from the least to the largest of all sets, a
# thick one for the sets that depart from nothing that the paper says, a filled
# circle for the nearest of those, an open diamond for the paper.
#
# Expects, after style.gp with RATIO (0.175 and 0.105 for each row):
#   PART[N_PART]   titles of the numbers
#   UNIT           of the axis, may be empty
#   $points        of each number: its place, the paper's value, that of the
#                  nearest set; least and largest of the sets that depart
#                  from nothing, of all sets; NaN where there is none

if (!exists("N_PART") || !exists("UNIT")) {
    print "kvplan reproduce: a variable is missing"
    exit status 1
}
SMALL = sprintf(",%g", 0.92 * F_S)
YU = 1 / RATIO
set tics font SMALL
set tics scale 0.4
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
set yrange [0.35 : N_PART + 0.65]
set lmargin at screen 0.04
set rmargin at screen 0.96
set bmargin at screen YU * 0.095
set tmargin at screen 1 - YU * 0.075
set xtics offset 0, 0.3
set label 1 UNIT at screen 0.96, YU * 0.030 right noenhanced textcolor rgb INK font SMALL

KY = 1 - YU * 0.03
set object 11 rectangle from screen 0.03, KY - YU * 0.005 to screen 0.08, KY + YU * 0.005 fillcolor rgb OI_SKY fillstyle solid 1 noborder
set label 11 "all sets" at screen 0.09, KY left noenhanced textcolor rgb INK font SMALL
set object 12 rectangle from screen 0.255, KY - YU * 0.014 to screen 0.305, KY + YU * 0.014 fillcolor rgb OI_BLUE fillstyle solid 1 noborder
set label 12 "not contradicted" at screen 0.315, KY left noenhanced textcolor rgb INK font SMALL
set label 13 "" at screen 0.635, KY point pointtype 7 pointsize PC linecolor rgb OI_ORANGE
set label 14 "nearest" at screen 0.655, KY left noenhanced textcolor rgb INK font SMALL
set label 15 "" at screen 0.84, KY point pointtype 13 pointsize 0.95 * PD linecolor rgb OI_BLACK
set label 17 "" at screen 0.84, KY point pointtype 13 pointsize 0.55 * PD linecolor rgb 0xFFFFFF
set label 16 "paper" at screen 0.865, KY left noenhanced textcolor rgb INK font SMALL

y(p) = N_PART + 1 - p - 0.18
do for [p = 1 : N_PART] {
    PF = sprintf(",%g", fit(0.92, ems(PART[p]), 0.92 * F_S))
    set label 40 + p PART[p] at screen 0.04, first y(p) + 0.40 left noenhanced textcolor rgb INK font PF
}
plot $points using 6:(y($1)):6:7:(y($1) - 0.06):(y($1) + 0.06) with boxxyerror fillcolor rgb OI_SKY fillstyle solid 1 noborder notitle, \
    $points using 4:(y($1)):4:5:(y($1) - 0.16):(y($1) + 0.16) with boxxyerror fillcolor rgb OI_BLUE fillstyle solid 1 noborder notitle, \
    $points using 3:(y($1)) with points pointtype 7 pointsize PC linecolor rgb OI_ORANGE notitle, \
    $points using 2:(y($1)) with points pointtype 13 pointsize 0.95 * PD linecolor rgb OI_BLACK notitle, \
    $points using 2:(y($1)) with points pointtype 13 pointsize 0.55 * PD linecolor rgb 0xFFFFFF notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
