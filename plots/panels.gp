# SPDX-License-Identifier: GPL-3.0-or-later
#
# panels.gp - bars of several series, or their lines over a number, a panel
# above another.
#
# What has no value is a cross, what is 0 a figure 0.
#
# Expects, after style.gp with BODY = PANELS_BODY (see reproduce_figure_draw()):
#   LINES            1: lines over a number; 0: bars
#   LOG_X            1: that number in powers of 2
#   OWN_SCALES       1: a y axis for each panel; 0: one for all
#   PANEL_H          height of a panel's axes, over the width
#   PANEL[N_PANEL]   titles, may be empty
#   N_SERIES, RGB, PATTERN, DASH, MARK   and their looks
#   XLABEL, YLABEL   with units; XLABEL may be empty
#   N_X              bars: columns
#   N_LEVELS, $names bars: their names; level from the top, first and last
#                    column, "text", its lines parted by |
#   NAME_LINES       array of the lines of each level
#   $rows            panel, column (of lines: number), series (all from 1 but
#                    numbers), value or NaN
#   N_PAPER, $paper  the same of the paper's points, and 0, 1 or 2: quoted,
#                    derived, inferred; one row of 0 if none
#   N_MEASURED, $measured   the same of what was measured, and its least and most
#   N_CLAIM, $claims panel, value and "label" of what the paper states of no case
#                    that is known: a dashed line across; one row of 0 if none
#   $none            the same, value 0, of what has none; one row of 0 if none

if (!exists("N_PANEL") || !exists("N_SERIES") || !exists("LINES") || !exists("LOG_X") || !exists("OWN_SCALES") || !exists("XLABEL") || !exists("YLABEL") || !exists("N_PAPER") || !exists("N_MEASURED") || !exists("N_CLAIM")) {
    print "kvplan reproduce: a variable is missing"
    exit status 1
}
set datafile missing "NaN"

# The y axis of panel p, or at p = 0 of all, with room for a diamond at either
# end.
array LOWS[N_PANEL + 1]
array HIGHS[N_PANEL + 1]
array STEPS[N_PANEL + 1]
number(s) = s eq "NaN" ? NaN : real(s)
extend(block, column) = sprintf("do for [i = 1 : |%s|] { if (p == 0 || int(word(%s[i], 1)) == p) { V = number(word(%s[i], %d)); LO = V < LO ? V : LO; HI = V > HI ? V : HI } }", block, block, block, column)
do for [p = 0 : N_PANEL] {
    LO = 0
    HI = 0
    eval extend("$rows", 4)
    eval extend("$measured", 6)
    eval extend("$paper", 4)
    eval extend("$claims", 2)
    STEPS[p + 1] = HI > LO ? step(HI - LO, PANEL_H > 0.3 ? 8 : 7) : 1
    HI = HI > LO ? HI + 0.10 * (HI - LO) : LO + 1
    LOWS[p + 1] = LO < 0 ? LO - 0.10 * (HI - LO) : LO
    HIGHS[p + 1] = HI
}
LOW = LOWS[1]
HIGH = HIGHS[1]
YSTEP = STEPS[1]
eval YTICS
LEFT = GX0
RIGHT = 1 - MARGIN
set lmargin at screen LEFT
set rmargin at screen RIGHT
set grid ytics noxtics
set border linewidth 0.8
if (LINES) {
    stats $rows using 2 name "KVX" nooutput
    CL = KVX_min
    CR = KVX_max
    XPAD = LOG_X ? CR ** 0.05 : 0.05 * (CR - CL)
    if (LOG_X) {
        set logscale x 2
        set xrange [CL / XPAD : CR * XPAD]
    } else {
        set xrange [CL - XPAD : CR + XPAD]
    }
} else {
    CL = 0.5
    CR = N_X + 0.5 + (N_CLAIM > 0 ? 0.06 * N_X : 0)
    set xrange [CL : CR]
    CR = CR - 0.025 * N_X
    unset xtics
    W = 0.84 / N_SERIES
    set boxwidth W absolute
}
at(x, s) = LINES ? x : x + (s - (N_SERIES + 1) / 2.0) * W

set label 1 YLABEL at screen MARGIN, TOP - up(0.5 * LINE) left front noenhanced textcolor rgb INK
PAPER_H = 0.58
HEIGHTS = 1.15 * LINE
set multiplot
do for [p = 1 : N_PANEL] {
    HEAD_LINES = lines(PANEL[p])
    if (OWN_SCALES) {
        LOW = LOWS[p + 1]
        HIGH = HIGHS[p + 1]
        YSTEP = STEPS[p + 1]
        eval YTICS
    }
    set tmargin at screen TOP - up(HEIGHTS + LINE * HEAD_LINES + 0.25 * LINE)
    set bmargin at screen TOP - up(HEIGHTS + LINE * HEAD_LINES + 0.25 * LINE + PANEL_H)
    set label 3 PANEL[p] at screen LEFT, TOP - up(HEIGHTS + 0.55 * LINE) left noenhanced textcolor rgb INK_SOFT
    HEIGHTS = HEIGHTS + LINE * HEAD_LINES + 0.25 * LINE + PANEL_H + 0.35 * LINE
    if (p == N_PANEL) {
        YN = TOP - up(HEIGHTS + 0.15 * LINE)
        if (LINES) {
            set label 2 XLABEL at screen (LEFT + RIGHT) / 2, YN - up(1.6 * LINE) center noenhanced textcolor rgb INK
        } else {
            do for [i = 1 : |$names|] {
                NL = int(word($names[i], 1))
                NF = real(word($names[i], 2))
                NT = real(word($names[i], 3))
                NY = 0.5 * LINE
                do for [k = 1 : NL - 1] {
                    NY = NY + LINE * NAME_LINES[k] + 0.2 * LINE
                }
                set label 100 + i broken(word($names[i], 4)) at first (NF + NT) / 2, screen YN - up(NY) center noenhanced textcolor rgb INK
                if (NL > 1) {
                    set arrow 100 + i from first NF - 0.42, screen YN - up(NY - 0.6 * LINE) to first NT + 0.42, screen YN - up(NY - 0.6 * LINE) nohead linewidth 0.8 linecolor rgb INK_SOFT
                }
            }
            set label 2 XLABEL at screen (LEFT + RIGHT) / 2, screen up(0.55 * LINE) center noenhanced textcolor rgb INK
        }
    }
    if (LINES) {
        set format x (p == N_PANEL ? "%g" : "")
    }
    plot for [s = 1 : N_SERIES * !LINES] $rows using ($1 == p && $3 == s ? at($2, s) : NaN):4 with boxes fillcolor rgb RGB[s] fillstyle pattern PATTERN[s] border linecolor rgb INK linewidth 0.8 notitle, \
        for [s = 1 : N_SERIES * LINES] $rows using ($1 == p && $3 == s ? $2 : NaN):4 with lines linewidth 2.8 dashtype DASH[s] linecolor rgb RGB[s] notitle, \
        for [s = 1 : N_SERIES * LINES] $rows using ($1 == p && $3 == s ? $2 : NaN):4 with points pointtype MARK[s] pointsize 0.9 * PC linewidth 1.5 linecolor rgb RGB[s] notitle, \
        for [i = 1 : !LINES] $rows using ($1 == p && $4 == 0 ? at($2, $3) : NaN):4:("0") with labels center offset screen 0, screen up(0.55 * LINE) textcolor rgb INK_SOFT notitle, \
        $none using ($1 == p ? at($2, $3) : NaN):4 with points pointtype 2 pointsize 1.5 * PC linewidth 1.5 linecolor rgb INK_SOFT notitle, \
        0 with lines linecolor rgb INK linewidth 0.8 notitle, \
        $claims using ($1 == p ? CL : NaN):2:(CR - CL):(0) with vectors nohead linewidth 1.5 dashtype 2 linecolor rgb ROLE_PAPER notitle, \
        $measured using ($1 == p ? at($2, $3) : NaN):4 with points pointtype 7 pointsize 1.3 * PC linecolor rgb WHITE notitle, \
        $measured using ($1 == p ? at($2, $3) : NaN):5:(0):($6 - $5) with vectors nohead linewidth 1.8 linecolor rgb ROLE_MEASURED notitle, \
        $measured using ($1 == p ? at($2, $3) : NaN):4 with points pointtype 7 pointsize PC linecolor rgb ROLE_MEASURED notitle, \
        $claims using ($1 == p ? CR : NaN):2 with points pointtype 13 pointsize PD linecolor rgb ROLE_PAPER notitle, \
        $claims using ($1 == p ? CR : NaN):2 with points pointtype 13 pointsize PAPER_H * PD linecolor rgb WHITE notitle, \
        $paper using ($1 == p && $5 < 2 ? at($2, $3) : NaN):4 with points pointtype 13 pointsize PD linecolor rgb ROLE_PAPER notitle, \
        for [k = 0 : 1] $paper using ($1 == p && $5 == k ? at($2, $3) : NaN):4 with points pointtype 13 pointsize PAPER_H * PD linecolor rgb (k ? PAPER_DERIVED : WHITE) notitle, \
        $paper using ($1 == p && $5 == 2 ? at($2, $3) : NaN):4 with points pointtype 3 pointsize PD linewidth 5 linecolor rgb WHITE notitle, \
        $paper using ($1 == p && $5 == 2 ? at($2, $3) : NaN):4 with points pointtype 3 pointsize PD linewidth 2 linecolor rgb ROLE_PAPER notitle, \
        $claims using ($1 == p && LINES ? CL : NaN):2:3 with labels left offset screen 0, screen up(0.6 * LINE) noenhanced textcolor rgb INK notitle, \
        $claims using ($1 == p && !LINES ? CR : NaN):2:3 with labels right offset screen -0.03, screen up(0.6 * LINE) noenhanced textcolor rgb INK notitle
    if (p == 1) {
        unset label 1
        eval UNSET_HEAD
    }
}
unset multiplot

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
