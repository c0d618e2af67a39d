# SPDX-License-Identifier: GPL-3.0-or-later
#
# sweeps.gp - step time against split, measured and predicted: a panel for
# each sweep.
#
# Expects, after style.gp with WIDE = 1 and BODY (LINE * 1.3 + SWEEP_H *
# ceil(N / 4.0)):
#   N         panels, at least 1
#   SWEEP_H   height of a panel with its title and tics, over the width
#   HEADS     array of their titles, lines parted by |
#   RGB, DASH of the prediction in each panel
#   $sweeps   a block for each: split [tokens], measured time, its least and
#             most, predicted time [ms]

if (!exists("N") || !exists("HEADS") || !exists("SWEEP_H")) {
    print "kvplan validate: N, HEADS and SWEEP_H must be set"
    exit status 1
}
COLUMNS = 4
W = (1 - 2 * MARGIN) / COLUMNS
set tics scale 0.7 * TICL
set label 1 "step time [ms] over the split [tokens]" at screen MARGIN, TOP - up(0.5 * LINE) left noenhanced textcolor rgb INK
set multiplot
do for [k = 0 : N - 1] {
    i = k % COLUMNS
    j = k / COLUMNS
    Y = TOP - up(1.2 * LINE + SWEEP_H * j)
    HEAD = broken(HEADS[k + 1])
    set lmargin at screen MARGIN + W * i + 2.6 * EM
    set rmargin at screen MARGIN + W * (i + 1) - 1.2 * EM
    set tmargin at screen Y - up(2.4 * LINE)
    set bmargin at screen Y - up(SWEEP_H - 1.5 * LINE)
    set label 4 HEAD at screen MARGIN + W * i + 0.3 * EM, Y - up(0.6 * LINE) left noenhanced textcolor rgb INK_SOFT
    set xrange [*:*]
    set yrange [*:*]
    stats $sweeps index k using 1 name "KVX" nooutput
    set xtics 0, max(1, step(KVX_max, 3))
    stats $sweeps index k using (max($4, $5)) name "KVY" nooutput
    set ytics 0, step(KVY_max, 4)
    set yrange [0 : 1.08 * KVY_max]
    plot $sweeps index k using 1:5 with lines linewidth 2 dashtype DASH[k + 1] linecolor rgb RGB[k + 1] notitle, \
        $sweeps index k using 1:3:(0):($4 - $3) with vectors nohead linewidth 1.5 linecolor rgb ROLE_MEASURED notitle, \
        $sweeps index k using 1:2 with points pointtype 7 pointsize 0.5 * PC linecolor rgb ROLE_MEASURED notitle
    if (k == 0) {
        unset label 1
        eval UNSET_HEAD
    }
}
unset multiplot

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
