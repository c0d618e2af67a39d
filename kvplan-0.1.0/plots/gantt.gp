# SPDX-License-Identifier: GPL-3.0-or-later
#
# gantt.gp - who is busy when: one layer-step over the processes.
#
# Draws one row per process and one box per slice of work. A box wide enough
# carries its label inside; a box too narrow to be a box stays a hairline in
# its colour. Slices are cut at the window; those outside are left out.
#
# Expects, after style.gp:
#   $slices   one row per slice: row (1 = bottom ... NROWS = top), start [ms],
#             end [ms], colour index 1..8, "label" (quoted, may be "")
#   $rows     one row per process: row, "label", e.g. 6 "load_cache (H2D)"
#   $kinds    one row per legend entry: colour index, "label"
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
if (|$slices| < 1 || |$rows| < 1 || |$kinds| < 1) {
    print "kvplan plot: $slices, $rows and $kinds must have at least one row each"
    exit status 1
}

# Room at the left for the longest row name.
stats $rows using (ems(strcol(2))) name "KVR" nooutput
S    = F_S / F
GX0  = min(0.04 + KVR_max * EM * S, 0.32)
GX1  = 0.958
ROWF = sprintf(",%g", fit(GX0 - 0.04, KVR_max, F_S))

# Legend: a grid of equal columns, as many as fit.
stats $kinds using (ems(strcol(2))) name "KVK" nooutput
NK   = |$kinds|
KW   = 0.03
KT   = 0.012
KH   = 0.013
KD   = 0.052
KCW  = KW + KT + KVK_max * EM * S + 0.025
KCOL = max(1, min(NK, floor(0.98 / KCW)))
KROW = (NK + KCOL - 1) / KCOL
KCOL = (NK + KROW - 1) / KROW
KX0  = max(0.022, (1.025 - KCOL * KCW) / 2)
do for [i = 1 : NK] {
    KX = KX0 + ((i - 1) % KCOL) * KCW
    KY = 0.04 + KD * (KROW - 1 - (i - 1) / KCOL)
    set object 200 + i rectangle from screen KX, KY - KH to screen KX + KW, KY + KH front fillcolor rgb PAL[int(word($kinds[i], 1))] fillstyle solid 1 border linecolor rgb INK linewidth 0.7
    set label 200 + i word($kinds[i], 2) at screen KX + KW + KT, KY left front noenhanced textcolor rgb INK font FONT_S
}

set lmargin at screen GX0
set rmargin at screen GX1
set tmargin at screen 0.835
set bmargin at screen 0.165 + KD * KROW
set label 1 "time [ms]" at screen (GX0 + GX1) / 2, 0.055 + KD * KROW center noenhanced textcolor rgb INK

# The pad shows a hairline at T0 or T1 whole.
PAD = 0.004 * (T1 - T0)
set xrange [T0 - PAD : T1 + PAD]
set yrange [0.4 : NROWS + 0.6]
set border 1
unset ytics
set grid xtics noytics back linetype 1 linecolor rgb INK_GRID linewidth 1
do for [r = 1 : NROWS : 2] {
    set object 100 + r rectangle from graph 0, first r - 0.5 to graph 1, first r + 0.5 behind fillcolor rgb INK_BAND fillstyle solid noborder
}

# Slices. Outside the window: moved below the plot, where nothing shows.
# A label that does not fit gets a smaller font, or else is left out.
H     = 0.36
HIDE  = -10
BIG   = 0.95
SMALL = 0.80
BIG_F = sprintf(",%g", BIG * F_S)
SMALL_F = sprintf(",%g", SMALL * F_S)
a(t)  = max(T0, min(T1, t))
seen(s, e) = e >= T0 && s <= T1
frac(s, e) = (a(e) - a(s)) / (T1 - T0)
mid(s, e) = (a(s) + a(e)) / 2
y(r, s, e) = seen(s, e) ? r : HIDE
box(r, s, e) = frac(s, e) >= 0.005 ? y(r, s, e) : HIDE
fits(s, e, t, k) = frac(s, e) * (GX1 - GX0) >= ems(t) * EM * S * k + 0.009
big(s, e, t) = fits(s, e, t, BIG) ? t : ""
small(s, e, t) = !fits(s, e, t, BIG) && fits(s, e, t, SMALL) ? t : ""
ink(k) = k == 5 ? 0xFFFFFF : 0x111111

plot \
    $slices using (mid($2, $3)):(y($1, $2, $3)):(a($2)):(a($3)):(y($1, $2, $3) - H):(y($1, $2, $3) + H):4 with boxxyerror fillstyle solid 1 border linewidth 1.5 linecolor variable notitle, \
    $slices using (mid($2, $3)):(box($1, $2, $3)):(a($2)):(a($3)):(box($1, $2, $3) - H):(box($1, $2, $3) + H) with boxxyerror fillstyle empty border linewidth 0.7 linecolor rgb INK notitle, \
    $slices using (mid($2, $3)):(y($1, $2, $3)):(big($2, $3, strcol(5))):(ink($4)) with labels center noenhanced font BIG_F textcolor rgb variable notitle, \
    $slices using (mid($2, $3)):(y($1, $2, $3)):(small($2, $3, strcol(5))):(ink($4)) with labels center noenhanced font SMALL_F textcolor rgb variable notitle, \
    $rows using (T0):1:(strcol(2)) with labels right offset screen -0.012, 0 noenhanced font ROWF textcolor rgb INK notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
