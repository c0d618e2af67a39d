# SPDX-License-Identifier: GPL-3.0-or-later
#
# tornado.gp - what each figure of a machine is worth, the greatest on top.
#
# Expects, after style.gp with BODY (LINE * (2.1 * N + 2.7)):
#   N         figures, at least 1
#   RGB[2], PATTERN[2]   of more and of less of a figure
#   $bars     row (N = top ... 1), change of time [%] with more of it, with
#             less (NaN: does not fit), by the tangent for more, "name"

if (!exists("N")) {
    print "kvplan plot: N must be set"
    exit status 1
}
set lmargin at screen 2 * MARGIN
set rmargin at screen 1 - 2 * MARGIN
set bmargin at screen up(2.6 * LINE)
set tmargin at screen TOP
set label 1 "change of the time per token [%]" at screen 0.5, up(0.7 * LINE) center noenhanced textcolor rgb INK

val(v) = v == v ? v : 0
stats $bars using (max(abs($4), max(abs(val($2)), abs(val($3))))) name "KVM" nooutput
stats $bars using (min($4, min(val($2), val($3)))) name "KVA" nooutput
stats $bars using (max($4, max(val($2), val($3)))) name "KVB" nooutput
XLOW = min(KVA_min, 0) - 0.06 * KVM_max
XHIGH = max(KVB_max, 0) + 0.06 * KVM_max
set xrange [XLOW : XHIGH]
set xtics step(XHIGH - XLOW, 7)
set yrange [0 : N]
set border 1
unset ytics
set grid xtics noytics back linetype 1 linecolor rgb INK_GRID linewidth 1
set arrow 1 from 0, graph 0 to 0, graph 1 nohead front linewidth 1.2 linecolor rgb INK
y(n) = n - 1 + 0.27
H = 0.2
plot \
    $bars using (val($3) / 2):(y($1)):(min(0, val($3))):(max(0, val($3))):(y($1) - H):(y($1) + H) with boxxyerror fillstyle pattern PATTERN[2] border linecolor rgb INK linewidth 0.8 fillcolor rgb RGB[2] notitle, \
    $bars using (val($2) / 2):(y($1)):(min(0, val($2))):(max(0, val($2))):(y($1) - H):(y($1) + H) with boxxyerror fillstyle pattern PATTERN[1] border linecolor rgb INK linewidth 0.8 fillcolor rgb RGB[1] notitle, \
    $bars using 4:(y($1)) with points pointtype 9 pointsize 1.9 * PC linecolor rgb WHITE notitle, \
    $bars using 4:(y($1)) with points pointtype 9 pointsize 1.2 * PC linecolor rgb INK notitle, \
    $bars using (XLOW):($1 - 0.27):5 with labels left noenhanced textcolor rgb INK notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
