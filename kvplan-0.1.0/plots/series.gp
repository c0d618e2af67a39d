# SPDX-License-Identifier: GPL-3.0-or-later
#
# series.gp - lines of several series over a number, for one column of a paper.
#
# The series differ in lightness, dashes and points.  What a paper states is an
# open diamond.
#
# Expects what bars.gp expects; the column of $rows and $paper is the number
# along x, and X is not used.

if (!exists("N_PANEL") || !exists("N_SERIES") || !exists("XLABEL") || !exists("YLABEL") || !exists("N_PAPER") || !exists("N_MEASURED") || !exists("N_CLAIM")) {
    print "kvplan reproduce: a variable is missing"
    exit status 1
}

array INKS[6] = [OI_BLUE, OI_ORANGE, OI_BLACK, OI_GREEN, OI_PURPLE, OI_GREY]
array MARK[6] = [7, 5, 9, 11, 6, 4]
array DASH[6] = [1, 2, 3, 4, 5, 1]
SMALL = sprintf(",%g", 0.92 * F_S)
set datafile missing NaN
set tics font SMALL
set tics scale 0.4
set border linewidth 0.8

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
        set label 50 + k "" at screen KX + 0.025, KY point pointtype 13 pointsize 0.95 * PD linecolor rgb OI_BLACK
        set label 70 + k "" at screen KX + 0.025, KY point pointtype 13 pointsize 0.55 * PD linecolor rgb 0xFFFFFF
    }
    if (k <= NS) {
        set arrow 50 + k from screen KX, KY to screen KX + 0.05, KY nohead front linewidth 1.8 dashtype DASH[(k - 1) % 6 + 1] linecolor rgb INKS[(k - 1) % 6 + 1]
        set label 50 + k "" at screen KX + 0.025, KY point pointtype MARK[(k - 1) % 6 + 1] pointsize 0.6 * PC linecolor rgb INKS[(k - 1) % 6 + 1]
    }
    KT = PAPER ? "stated by the paper" : RUNS ? "measured" : SERIES[k]
    KF = sprintf(",%g", fit(0.40, ems(KT), 0.92 * F_S))
    set label 80 + k KT at screen KX + 0.065, KY left front noenhanced textcolor rgb INK font KF
}
TOP = 1 - YU * (0.02 + 0.05 * ((KN + 1) / 2))

stats $rows using 4 name "KVY" nooutput
stats $rows using 2 name "KVX" nooutput
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
CL = KVX_min
CR = KVX_max
HI = HI > LO ? HI + 0.08 * (HI - LO) : LO + 1
LO = LO < 0 ? LO - 0.08 * (HI - LO) : LO
set yrange [LO : HI]
PAD = 0.04 * (KVX_max - KVX_min)
set xrange [KVX_min - PAD : KVX_max + PAD]
set grid ytics noxtics
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
    set format x (p == N_PANEL ? "%g" : "")
    set xtics offset 0, 0.3
    plot for [s = 1 : N_SERIES] $rows using ($1 == p && $3 == s ? $2 : NaN):4 with linespoints linewidth 1.8 dashtype DASH[(s - 1) % 6 + 1] pointtype MARK[(s - 1) % 6 + 1] pointsize 0.6 * PC linecolor rgb INKS[(s - 1) % 6 + 1] notitle, \
        $measured using ($1 == p ? $2 : NaN):5:(0):($6 - $5) with vectors nohead linewidth 1.5 linecolor rgb OI_RED notitle, \
        $measured using ($1 == p ? $2 : NaN):4 with points pointtype 7 pointsize 0.8 * PC linecolor rgb OI_BLACK notitle, \
        $measured using ($1 == p ? $2 : NaN):4 with points pointtype 7 pointsize 0.5 * PC linecolor rgb OI_RED notitle, \
        $claims using ($1 == p ? CL : NaN):2:(CR - CL):(0) with vectors nohead linewidth 1.2 dashtype 2 linecolor rgb OI_BLACK notitle, \
        $claims using ($1 == p ? CR : NaN):2 with points pointtype 13 pointsize 0.95 * PD linecolor rgb OI_BLACK notitle, \
        $claims using ($1 == p ? CR : NaN):2 with points pointtype 13 pointsize 0.55 * PD linecolor rgb 0xFFFFFF notitle, \
        $paper using ($1 == p ? $2 : NaN):4 with points pointtype 13 pointsize 0.95 * PD linecolor rgb OI_BLACK notitle, \
        $paper using ($1 == p ? $2 : NaN):4 with points pointtype 13 pointsize 0.55 * PD linecolor rgb 0xFFFFFF notitle
    unset label 1
    unset label 2
    do for [k = 1 : KN] {
        unset label 50 + k
        unset label 70 + k
        unset label 80 + k
        unset arrow 50 + k
    }
}
unset multiplot

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
