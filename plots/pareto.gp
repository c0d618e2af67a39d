# SPDX-License-Identifier: GPL-3.0-or-later
#
# pareto.gp - points by two figures, and the front of the best of them.
#
# Expects, after style.gp, tics of both axes set, and:
#   XTITLE, XLOW, XHIGH  name and ends of the x axis; the same for y
#   RGB[2], MARK[2] of all points and of the front
#   $dots           x, y: all points
#   $front          x, y: those that none is better than in both, in order
#   $labels         x, y, side (1 right, -1 left), side (1 above, -1 below),
#                   "text"

if (!exists("XTITLE") || !exists("YTITLE")) {
    print "kvplan plot: XTITLE and YTITLE must be set"
    exit status 1
}
eval AXES

set style textbox opaque noborder fillcolor rgb "white" margins 0.1, 0.1
do for [i = 1 : |$labels|] {
    LX = real(word($labels[i], 1))
    LY = real(word($labels[i], 2))
    OFF = 0.7 * real(word($labels[i], 4))
    if (int(word($labels[i], 3)) > 0) {
        set label 100 + i word($labels[i], 5) at first LX, first LY left offset 0.6, OFF front noenhanced textcolor rgb INK boxed
    } else {
        set label 100 + i word($labels[i], 5) at first LX, first LY right offset -0.6, OFF front noenhanced textcolor rgb INK boxed
    }
}
set xrange [XLOW : XHIGH]
set yrange [YLOW : YHIGH]
plot \
    $dots using 1:2 with points pointtype MARK[1] pointsize 0.6 * PC linewidth 1.2 linecolor rgb RGB[1] notitle, \
    $front using 1:2 with lines linewidth 2.4 linecolor rgb RGB[2] notitle, \
    $front using 1:2 with points pointtype MARK[2] pointsize 0.75 * PC linecolor rgb RGB[2] notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
