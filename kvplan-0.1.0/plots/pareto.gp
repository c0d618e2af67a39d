# SPDX-License-Identifier: GPL-3.0-or-later
#
# pareto.gp - points by two figures, and the front of the best of them.
#
# Expects, after style.gp, tics of both axes set, and:
#   XTITLE, XLOW, XHIGH  name and ends of the x axis; the same for y
#   $dots           x, y: all points
#   $front          x, y: those that none is better than in both, in order
#   $labels         x, y, side (1 right, -1 left), side (1 above, -1 below),
#                   "text"

if (!exists("XTITLE") || !exists("YTITLE")) {
    print "kvplan plot: XTITLE and YTITLE must be set"
    exit status 1
}
GX0 = 0.125
GX1 = 0.955
GY0 = 0.215
GY1 = 0.835
set lmargin at screen GX0
set rmargin at screen GX1
set bmargin at screen GY0
set tmargin at screen GY1
set label 1 XTITLE at screen (GX0 + GX1) / 2, GY0 - 0.11 center noenhanced textcolor rgb INK
set label 2 YTITLE at screen 0.028, (GY0 + GY1) / 2 center rotate by 90 noenhanced textcolor rgb INK
set label 11 "" at screen 0.25, 0.04 point pointtype 7 pointsize 0.45 * PC linecolor rgb OI_GREY
set label 12 "all points" at screen 0.27, 0.04 left noenhanced textcolor rgb INK font FONT_S
set arrow 11 from screen 0.48, 0.04 to screen 0.54, 0.04 nohead linewidth 2 linecolor rgb OI_BLUE
set label 13 "" at screen 0.51, 0.04 point pointtype 7 pointsize 0.6 * PC linecolor rgb OI_BLUE
set label 14 "none is better in both" at screen 0.56, 0.04 left noenhanced textcolor rgb INK font FONT_S

set style textbox opaque noborder fillcolor rgb "white" margins 0.2, 0.2
LABEL_F = sprintf(",%g", 0.85 * F_S)
do for [i = 1 : |$labels|] {
    LX = real(word($labels[i], 1))
    LY = real(word($labels[i], 2))
    OFF = 0.7 * real(word($labels[i], 4))
    if (int(word($labels[i], 3)) > 0) {
        set label 100 + i word($labels[i], 5) at first LX, first LY left offset 0.5, OFF front noenhanced font LABEL_F textcolor rgb INK boxed
    } else {
        set label 100 + i word($labels[i], 5) at first LX, first LY right offset -0.5, OFF front noenhanced font LABEL_F textcolor rgb INK boxed
    }
}
set xrange [XLOW : XHIGH]
set yrange [YLOW : YHIGH]
plot \
    $dots using 1:2 with points pointtype 7 pointsize 0.45 * PC linecolor rgb OI_GREY notitle, \
    $front using 1:2 with lines linewidth 2 linecolor rgb OI_BLUE notitle, \
    $front using 1:2 with points pointtype 7 pointsize 0.6 * PC linecolor rgb OI_BLUE notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
