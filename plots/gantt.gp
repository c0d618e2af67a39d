# SPDX-License-Identifier: GPL-3.0-or-later
#
# gantt.gp - who is busy when: one layer-step over the processes.
#
# Draws one row per process and one box per slice of work. A box wide enough
# carries its label inside; a box too narrow to be a box stays a hairline in
# its colour. Slices are cut at the window; those outside are left out.
#
# Expects, after style.gp with BODY (1.45 * LINE * NROWS + 2.8 * LINE):
#   $slices   one row per slice: row (1 = bottom ... NROWS = top), start [ms],
#             end [ms], colour, "label" (quoted, may be "")
#   $rows     one row per process: row, "label", e.g. 6 "load_cache (H2D)"
#   NROWS     number of rows
#   T0, T1    time window [ms], T0 < T1
# At least one row each. Labels are printed as they are: _ ^ { } @ & are no
# markup; they must not hold a double quote, a backslash or a newline.

if (!exists("NROWS") || !exists("T0") || !exists("T1")) {
    print "kvplan plot: NROWS, T0 and T1 must be set"
    exit status 1
}
if (!(T1 > T0)) {
    print "kvplan plot: T1 must be later than T0"
    exit status 1
}
if (|$slices| < 1 || |$rows| < 1) {
    print "kvplan plot: $slices and $rows must have at least one row each"
    exit status 1
}

# Room at the left for the longest row name.
stats $rows using (ems(strcol(2))) name "KVR" nooutput
GX0  = MARGIN + (KVR_max + 0.5) * EM
GX1  = 1 - 2 * MARGIN
set lmargin at screen GX0
set rmargin at screen GX1
set tmargin at screen TOP - up(0.1 * LINE)
set bmargin at screen up(2.6 * LINE)
set label 1 "time [ms]" at screen (GX0 + GX1) / 2, up(0.75 * LINE) center noenhanced textcolor rgb INK

# The pad shows a hairline at T0 or T1 whole.
PAD = 0.004 * (T1 - T0)
set xrange [T0 - PAD : T1 + PAD]
set xtics step(T1 - T0, 6)
set yrange [0.45 : NROWS + 0.55]
set border 1
unset ytics
set grid xtics noytics back linetype 1 linecolor rgb INK_GRID linewidth 1
do for [r = 1 : NROWS : 2] {
    set object 100 + r rectangle from graph 0, first r - 0.5 to graph 1, first r + 0.5 behind fillcolor rgb INK_BAND fillstyle solid noborder
}

# Slices. Outside the window: moved below the plot, where nothing shows.
# A label that does not fit is left out.
H     = 0.40
HIDE  = -10
a(t)  = max(T0, min(T1, t))
seen(s, e) = e >= T0 && s <= T1
frac(s, e) = (a(e) - a(s)) / (T1 - T0)
mid(s, e) = (a(s) + a(e)) / 2
y(r, s, e) = seen(s, e) ? r : HIDE
box(r, s, e) = frac(s, e) >= 0.008 ? y(r, s, e) : HIDE
inside(s, e, t) = frac(s, e) * (GX1 - GX0) >= (ems(t) + 0.2) * EM ? t : ""
# White upon what is dark (Rec. 709's luma).
luma(c) = 0.2126 * ((c >> 16) & 255) + 0.7152 * ((c >> 8) & 255) + 0.0722 * (c & 255)
ink(c) = luma(int(c)) < 120 ? 0xFFFFFF : 0x111111

plot \
    $slices using (mid($2, $3)):(y($1, $2, $3)):(a($2)):(a($3)):(y($1, $2, $3) - H):(y($1, $2, $3) + H):4 with boxxyerror fillstyle solid 1 border linewidth 1.5 linecolor rgb variable notitle, \
    $slices using (mid($2, $3)):(box($1, $2, $3)):(a($2)):(a($3)):(box($1, $2, $3) - H):(box($1, $2, $3) + H) with boxxyerror fillstyle empty border linewidth 0.8 linecolor rgb INK notitle, \
    $slices using (mid($2, $3)):(y($1, $2, $3)):(inside($2, $3, strcol(5))):(ink($4)) with labels center noenhanced textcolor rgb variable notitle, \
    $rows using (T0):1:(strcol(2)) with labels right offset screen -0.5 * EM, 0 noenhanced textcolor rgb INK notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
