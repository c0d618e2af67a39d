# SPDX-License-Identifier: GPL-3.0-or-later
#
# bars.gp - bars of several series, a panel above another, for one column of
# a paper.
#
# The series' colours differ in lightness too, so that grey print tells them
# apart.  What a paper states is an open diamond, what was measured a
# filled circle, what has no value a cross.
#
# Expects, after style.gp with RATIO (over the width 0.05 for two keys, 0.40 for
# each panel, 0.06 and 0.045 for each line of the names along x):
#   PANEL[N_PANEL], SERIES[N_SERIES]   titles, may be empty
#   X[N_X]           names along the x axis, their lines parted by |
#   XLABEL, YLABEL
#   $rows            panel, column, series (all from 1), value or NaN
#   N_PAPER, $paper  the same of the paper's points; one row of 0 if none
#   N_MEASURED, $measured   the same of what was measured, and its least and most
#   N_CLAIM, $claims panel and value of what the paper states of no case that is
#                    known: a dashed line across; one row of 0 if none
#   $none            the same, value 0, of what has none; one row of 0 if none

if (!exists("N_PANEL") || !exists("N_SERIES") || !exists("N_X") || !exists("XLABEL") || !exists("YLABEL") || !exists("N_PAPER") || !exists("N_MEASURED") || !exists("N_CLAIM")) {
    print "kvplan reproduce: a variable is missing"
    exit status 1
}

array FILL[6] = [OI_BLUE, OI_ORANGE, OI_YELLOW, OI_BLACK, OI_GREEN, OI_GREY]
lines(s) = strstrt(s, "|") ? s[1 : strstrt(s, "|") - 1] . "\n" . lines(s[strstrt(s, "|") + 1 : *]) : s
SMALL = sprintf(",%g", 0.92 * F_S)
set tics font SMALL
set tics scale 0.4
set border linewidth 0.8

# Key: two columns of squares at the top.
YU  = 1 / RATIO
NS  = N_SERIES > 1 ? N_SERIES : 0
KN  = NS + (N_PAPER + N_CLAIM > 0) + (N_MEASURED > 0)
do for [k = 1 : KN] {
    KX = 0.03 + 0.50 * ((k - 1) % 2)
    KY = 1 - YU * (0.028 + 0.05 * ((k - 1) / 2))
    PAPER = k == NS + 1 && N_PAPER + N_CLAIM > 0
    RUNS = k > NS && !PAPER
    if (RUNS) {
        set label 50 + k "" at screen KX + 0.02, KY point pointtype 7 pointsize 0.8 * PC linecolor rgb OI_RED
    }
    if (PAPER) {
        set label 50 + k "" at screen KX + 0.018, KY point pointtype 13 pointsize 0.95 * PD linecolor rgb OI_BLACK
        set label 70 + k "" at screen KX + 0.018, KY point pointtype 13 pointsize 0.55 * PD linecolor rgb 0xFFFFFF
    }
    if (k <= NS) {
        set object 50 + k rectangle from screen KX, KY - 0.014 * YU to screen KX + 0.036, KY + 0.014 * YU front fillcolor rgb FILL[(k - 1) % 6 + 1] fillstyle solid 1 border linecolor rgb INK linewidth 0.6
    }
    KT = PAPER ? "stated by the paper" : RUNS ? "measured" : SERIES[k]
    KF = sprintf(",%g", fit(0.42, ems(KT), 0.92 * F_S))
    set label 80 + k KT at screen KX + 0.05, KY left front noenhanced textcolor rgb INK font KF
}
TOP = 1 - YU * (0.02 + 0.05 * ((KN + 1) / 2))

stats $rows using 4 name "KVY" nooutput
LO = KVY_records > 0 ? min(0, KVY_min) : 0
HI = KVY_records > 0 ? max(0, KVY_max) : 1
if (N_PAPER > 0) {
    stats $paper using 4 name "KVP" nooutput
    HI = max(HI, KVP_max)
    LO = min(LO, KVP_min)
}
if (N_CLAIM > 0) {
    stats $claims using 2 name "KVC" nooutput
    HI = max(HI, KVC_max)
    LO = min(LO, KVC_min)
}
CL = 0.5
CR = N_X + 0.42
HI = HI > LO ? HI + 0.08 * (HI - LO) : LO + 1
LO = LO < 0 ? LO - 0.08 * (HI - LO) : LO
set yrange [LO : HI]
set xrange [0.5 : N_X + 0.5]
unset xtics
set grid ytics noxtics
# The longest line of a name fits its place.
XE = 1
do for [i = 1 : N_X] {
    REST = X[i] . "|"
    while (strlen(REST) > 0) {
        XE = max(XE, ems(REST[1 : strstrt(REST, "|") - 1]))
        REST = REST[strstrt(REST, "|") + 1 : *]
    }
}
XF = sprintf(",%g", fit(0.83 * 0.96 / N_X, XE, 0.92 * F_S))
W = 0.84 / N_SERIES
at(x, s) = x + (s - (N_SERIES + 1) / 2.0) * W
set boxwidth W absolute
set lmargin at screen 0.155
set rmargin at screen 0.985
YL_F = sprintf(",%g", fit(min(0.62, 0.36 * N_PANEL), ems(YLABEL), F_S))
set label 1 YLABEL at screen 0.028, TOP - YU * 0.20 * N_PANEL center rotate by 90 noenhanced textcolor rgb INK font YL_F
set label 2 XLABEL at screen 0.57, YU * 0.030 center noenhanced textcolor rgb INK font SMALL

set multiplot
do for [p = 1 : N_PANEL] {
    set tmargin at screen TOP - YU * (0.40 * (p - 1) + 0.055)
    set bmargin at screen TOP - YU * (0.40 * p - 0.015)
    set label 3 PANEL[p] at graph 0.012, graph 1.075 left noenhanced textcolor rgb INK font SMALL
    if (p == N_PANEL) {
        set xtics (" " -1) scale 0 font XF offset 0, 0.3
        do for [i = 1 : N_X] {
            set xtics add (lines(X[i]) i)
        }
    }
    plot for [s = 1 : N_SERIES] $rows using ($1 == p && $3 == s ? at($2, s) : NaN):4 with boxes fillcolor rgb FILL[(s - 1) % 6 + 1] fillstyle solid 1 border linecolor rgb INK linewidth 0.6 notitle, \
        $none using ($1 == p ? at($2, $3) : NaN):4 with points pointtype 2 pointsize 0.4 * PD linecolor rgb INK_SOFT notitle, \
        0 with lines linecolor rgb INK linewidth 0.8 notitle, \
        $measured using ($1 == p ? at($2, $3) : NaN):5:(0):($6 - $5) with vectors nohead linewidth 1.5 linecolor rgb OI_RED notitle, \
        $measured using ($1 == p ? at($2, $3) : NaN):4 with points pointtype 7 pointsize 0.8 * PC linecolor rgb OI_BLACK notitle, \
        $measured using ($1 == p ? at($2, $3) : NaN):4 with points pointtype 7 pointsize 0.5 * PC linecolor rgb OI_RED notitle, \
        $claims using ($1 == p ? CL : NaN):2:(CR - CL):(0) with vectors nohead linewidth 1.2 dashtype 2 linecolor rgb OI_BLACK notitle, \
        $claims using ($1 == p ? CR : NaN):2 with points pointtype 13 pointsize 0.95 * PD linecolor rgb OI_BLACK notitle, \
        $claims using ($1 == p ? CR : NaN):2 with points pointtype 13 pointsize 0.55 * PD linecolor rgb 0xFFFFFF notitle, \
        $paper using ($1 == p ? at($2, $3) : NaN):4 with points pointtype 13 pointsize 0.95 * PD linecolor rgb OI_BLACK notitle, \
        $paper using ($1 == p ? at($2, $3) : NaN):4 with points pointtype 13 pointsize 0.55 * PD linecolor rgb 0xFFFFFF notitle
    unset label 1
    unset label 2
    do for [k = 1 : KN] {
        unset label 50 + k
        unset label 70 + k
        unset label 80 + k
        unset object 50 + k
    }
}
unset multiplot

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
