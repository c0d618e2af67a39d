# SPDX-License-Identifier: GPL-3.0-or-later
#
# sweeps.gp - step time against split, measured and predicted: a panel for
# each sweep.
#
# Expects, after style.gp:
#   N         panels, at least 1
#   HEADS     array of their titles
#   $sweeps   a block for each: split [tokens], measured, predicted time [ms]

if (!exists("N") || !exists("HEADS")) {
    print "kvplan validate: N and HEADS must be set"
    exit status 1
}
COLUMNS = N <= 4 ? 2 : N <= 9 ? 3 : N <= 16 ? 4 : N <= 30 ? 6 : 7
ROWS = (N + COLUMNS - 1) / COLUMNS
PF = sprintf(",%g", F_S * (COLUMNS <= 3 ? 0.75 : 2.0 / COLUMNS))
W = 0.97 / COLUMNS
H = 0.80 / ROWS
set tics font PF scale 0.3 * TICL
set xtics offset 0, (COLUMNS <= 3 ? 0.2 : 0.6)
set label 1 "" at screen 0.60, 0.945 point pointtype 7 pointsize 0.5 * PC linecolor rgb OI_RED
set label 2 "measured" at screen 0.62, 0.945 left noenhanced textcolor rgb INK font FONT_S
set arrow 1 from screen 0.78, 0.945 to screen 0.81, 0.945 nohead linewidth 2 linecolor rgb OI_BLUE
set label 3 "predicted [ms]" at screen 0.82, 0.945 left noenhanced textcolor rgb INK font FONT_S
set multiplot
do for [k = 0 : N - 1] {
    i = k % COLUMNS
    j = k / COLUMNS
    set lmargin at screen 0.02 + W * i + 0.25 * W
    set rmargin at screen 0.02 + W * (i + 1) - 0.08 * W
    set tmargin at screen 0.85 - H * j - 0.17 * H
    set bmargin at screen 0.85 - H * (j + 1) + 0.20 * H
    if (k == 1) {
        unset label 1
        unset label 2
        unset label 3
        unset label 901
        unset label 902
        unset arrow 1
    }
    HF = sprintf(",%g", fit(0.95 * W, ems(HEADS[k + 1]), F_S * (COLUMNS <= 3 ? 0.75 : 2.0 / COLUMNS)))
    set label 4 HEADS[k + 1] at screen 0.02 + W * i + 0.02 * W, 0.85 - H * j - 0.08 * H left noenhanced textcolor rgb INK font HF
    set xrange [*:*]
    set yrange [*:*]
    stats $sweeps index k using 1 name "KVX" nooutput
    set xtics 0, max(1, KVX_max / 2)
    stats $sweeps index k using (max($2, $3)) name "KVY" nooutput
    YSTEP = 10 ** floor(log10(KVY_max))
    YSTEP = KVY_max / YSTEP < 2 ? 0.5 * YSTEP : KVY_max / YSTEP < 5 ? YSTEP : 2 * YSTEP
    set ytics 0, YSTEP
    set yrange [0 : 1.05 * KVY_max]
    plot $sweeps index k using 1:3 with lines linewidth 2 linecolor rgb OI_BLUE notitle, \
        $sweeps index k using 1:2 with points pointtype 7 pointsize 0.3 * PC linecolor rgb OI_RED notitle
}
unset multiplot

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
