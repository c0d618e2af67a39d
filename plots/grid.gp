# SPDX-License-Identifier: GPL-3.0-or-later
#
# grid.gp - kinds or numbers over two axes, as cells or as points.
#
# Expects, after style.gp, tics of both axes set, and:
#   XTITLE, XLOW, XHIGH  name and ends of the x axis; the same for y
#   CATEGORIES      1: colours are kinds, from 0, with RGB[kind + 1]; 0: numbers
#   CBLOW, CBHIGH   of numbers: the ends of the colour scale,
#   CBLOG           1 if it is logarithmic
#   $cells          x, y, x from, x to, y from, y to, colour
#   $dots           x, y, colour: points instead
#   $borders        x, y, dx, dy: lines between cells of other kinds, drawn
#                   where cells are few
#   $contours       x, y, dx, dy: lines of equal gain
#   $labels         x, y, "text": on those lines
# Where there is no cell, the grey ground shows.

if (!exists("CATEGORIES") || !exists("XTITLE") || !exists("YTITLE")) {
    print "kvplan plot: CATEGORIES, XTITLE and YTITLE must be set"
    exit status 1
}
GX1 = CATEGORIES ? GX1 : 1 - 4.6 * EM
eval AXES
set border 15
unset grid

# viridis, the palette of matplotlib: even in lightness, also in grey
set palette defined (0 "#440154", 1 "#472D7B", 2 "#3B528B", 3 "#2C728E", 4 "#21918C", 5 "#28AE80", 6 "#5EC962", 7 "#ADDC30", 8 "#FDE725")
if (!CATEGORIES) {
    set cbrange [CBLOW : CBHIGH]
    set colorbox vertical user origin screen GX1 + 0.8 * EM, GY0 size screen 0.9 * EM, GY1 - GY0
    set cbtics offset screen -0.006, 0
    if (CBLOG) {
        set logscale cb 10
        set cbtics (0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000)
    }
} else {
    unset colorbox
}
set object 50 rectangle from graph 0, graph 0 to graph 1, graph 1 behind fillcolor rgb INK_GRID fillstyle solid noborder
# gnuplot asks once even where there is nothing to draw
kind(k) = CATEGORIES ? RGB[int(k) + 1] : 0
BOXES = |$cells| > 0
DOTS = |$dots| > 0
LINES = |$contours| > 0
EDGES = |$borders| > 0 && |$cells| <= 400
LABELS = |$labels| > 0
set xrange [XLOW : XHIGH]
set yrange [YLOW : YHIGH]
$none << EOD
0 0
EOD
set style textbox opaque noborder fillcolor rgb "white" margins 0.3, 0.3
plot \
    for [i = 1 : BOXES && CATEGORIES] $cells using 1:2:3:4:5:6:(kind($7)) with boxxyerror fillstyle solid 1 border linewidth 0.3 linecolor rgb variable notitle, \
    for [i = 1 : BOXES && !CATEGORIES] $cells using 1:2:3:4:5:6:7 with boxxyerror fillstyle solid 1 border linewidth 0.3 linecolor palette notitle, \
    for [i = 1 : DOTS && CATEGORIES] $dots using 1:2:(kind($3)) with points pointtype 7 pointsize 0.8 * PC linecolor rgb variable notitle, \
    for [i = 1 : DOTS && !CATEGORIES] $dots using 1:2:3 with points pointtype 7 pointsize 0.8 * PC linecolor palette notitle, \
    for [i = 1 : EDGES] $borders using 1:2:3:4 with vectors nohead linewidth 1.5 linecolor rgb "white" notitle, \
    for [i = 1 : LINES] $contours using 1:2:3:4 with vectors nohead linewidth 5 linecolor rgb WHITE notitle, \
    for [i = 1 : LINES] $contours using 1:2:3:4 with vectors nohead linewidth 2 linecolor rgb INK notitle, \
    for [i = 1 : LABELS] $labels using 1:2:(minus(strcol(3))) with labels boxed center noenhanced textcolor rgb INK notitle, \
    $none using (0):(1 / 0) with points notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
