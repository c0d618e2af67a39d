# SPDX-License-Identifier: GPL-3.0-or-later
#
# band.gp - what every set of assumptions gives for a number, and what a paper
# states.
#
# A row for each number: a thin bar from the least to the largest of all sets, a
# thick one for the sets that depart from nothing that the paper says, a
# triangle for the nearest of those, and the paper's number. A thin bar that
# would squeeze the rest is cut, and says where it ends.
#
# Expects, after style.gp with BODY as reproduce_figure_band() gives it:
#   PART[N_PART]   titles of the numbers
#   OWN            1: an axis for each number; 0: one for all
#   UNIT           of the axis, may be empty
#   ALL, STATED, NEAREST   colours, as in $key
#   $points        of each number: its place, the paper's value, that of the
#                  nearest set; least and largest of the sets that depart
#                  from nothing, of all sets; NaN where there is none; 0, 1 or
#                  2: the paper's is quoted, derived, inferred

if (!exists("N_PART") || !exists("OWN") || !exists("UNIT") || !exists("ALL") || !exists("STATED") || !exists("NEAREST")) {
    print "kvplan reproduce: a variable is missing"
    exit status 1
}
set datafile missing "NaN"
set tics scale 0.7 * TICL
set border 1 linewidth 0.8
unset ytics
set grid xtics noytics
set lmargin at screen 1.5 * MARGIN
set rmargin at screen 1 - 1.5 * MARGIN

number(p, c) = word($points[p], c) eq "NaN" ? NaN : real(word($points[p], c))
less(a, b) = a == a && !(b < a) ? a : b
more(a, b) = a == a && !(b > a) ? a : b
y(p) = LAST - p + 0.28
ROW = 2.1 * LINE
PANEL_ROWS = OWN ? 1 : N_PART
BOTTOM = TOP
set multiplot
do for [FIRST = 1 : N_PART : PANEL_ROWS] {
    LAST = FIRST + PANEL_ROWS - 1
    LO = NaN
    HI = NaN
    ALL_LO = NaN
    ALL_HI = NaN
    do for [p = FIRST : LAST] {
        do for [c in "2 4 5"] {
            LO = less(LO, number(p, int(c)))
            HI = more(HI, number(p, int(c)))
        }
        ALL_LO = less(ALL_LO, number(p, 6))
        ALL_HI = more(ALL_HI, number(p, 7))
    }
    SPAN = HI - LO
    CUT_LO = ALL_LO < LO - 1.5 * SPAN
    CUT_HI = ALL_HI > HI + 1.5 * SPAN
    LO = CUT_LO ? LO - 0.3 * SPAN : less(LO, ALL_LO)
    HI = CUT_HI ? HI + 0.3 * SPAN : more(HI, ALL_HI)
    PAD = HI > LO ? 0.05 * (HI - LO) : 1
    LEFT = CUT_LO ? LO : LO - PAD
    RIGHT = CUT_HI ? HI : HI + PAD
    set xrange [LEFT : RIGHT]
    XSTEP = HI > LO ? step(HI - LO, 6) : 1
    set xtics XSTEP
    set yrange [0 : PANEL_ROWS]
    set tmargin at screen BOTTOM - up(0.1 * LINE)
    BOTTOM = BOTTOM - up(PANEL_ROWS * ROW + 0.1 * LINE)
    set bmargin at screen BOTTOM
    BOTTOM = BOTTOM - up(1.4 * LINE)
    if (LAST == N_PART) {
        set label 1 UNIT at screen 0.5, up(0.6 * LINE) center noenhanced textcolor rgb INK
    }
    do for [p = FIRST : LAST] {
        set label 40 + p PART[p] at screen 1.5 * MARGIN, first LAST - p + 0.76 left noenhanced textcolor rgb INK
        if (number(p, 7) > RIGHT) {
            set label 60 + p "to " . sprintf("%.3g", number(p, 7)) . " →" at screen 1 - 1.5 * MARGIN, first LAST - p + 0.76 right noenhanced textcolor rgb INK_SOFT
        }
        if (number(p, 6) < LEFT) {
            set label 80 + p "← to " . minus(sprintf("%.3g", number(p, 6))) at screen 0.5, first LAST - p + 0.76 right noenhanced textcolor rgb INK_SOFT
        }
    }
    IN(k) = k >= FIRST && k <= LAST
    plot $points using (IN($1) ? max(LEFT, $6) : NaN):(y($1)):(max(LEFT, $6)):(min(RIGHT, $7)):(y($1) - 0.07):(y($1) + 0.07) with boxxyerror fillcolor rgb ALL fillstyle solid 1 border linecolor rgb INK linewidth 0.5 notitle, \
        $points using (IN($1) ? $4 : NaN):(y($1)):4:5:(y($1) - 0.17):(y($1) + 0.17) with boxxyerror fillcolor rgb STATED fillstyle solid 1 border linecolor rgb INK linewidth 0.5 notitle, \
        $points using (IN($1) ? $3 : NaN):(y($1)) with points pointtype 9 pointsize 1.9 * PC linecolor rgb WHITE notitle, \
        $points using (IN($1) ? $3 : NaN):(y($1)) with points pointtype 9 pointsize 1.3 * PC linecolor rgb NEAREST notitle, \
        $points using (IN($1) && $8 < 2 ? $2 : NaN):(y($1)) with points pointtype 13 pointsize PD linecolor rgb ROLE_PAPER notitle, \
        for [k = 0 : 1] $points using (IN($1) && $8 == k ? $2 : NaN):(y($1)) with points pointtype 13 pointsize 0.58 * PD linecolor rgb (k ? PAPER_DERIVED : WHITE) notitle, \
        $points using (IN($1) && $8 == 2 ? $2 : NaN):(y($1)) with points pointtype 3 pointsize PD linewidth 5 linecolor rgb WHITE notitle, \
        $points using (IN($1) && $8 == 2 ? $2 : NaN):(y($1)) with points pointtype 3 pointsize PD linewidth 2 linecolor rgb ROLE_PAPER notitle
    eval UNSET_HEAD
    do for [p = FIRST : LAST] {
        unset label 40 + p
        unset label 60 + p
        unset label 80 + p
    }
}
unset multiplot

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
