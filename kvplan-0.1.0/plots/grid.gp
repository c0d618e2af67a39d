# SPDX-License-Identifier: GPL-3.0-or-later
#
# grid.gp - kinds or numbers over two axes, as cells or as points.
#
# Expects, after style.gp, tics of both axes set, and:
#   XTITLE, XLOW, XHIGH  name and ends of the x axis; the same for y
#   CATEGORIES      1: colours are kinds, from 0; 0: numbers
#   CBLOW, CBHIGH   of numbers: the ends of the colour scale,
#   CBLOG           1 if it is logarithmic
#   $cells          x, y, x from, x to, y from, y to, colour
#   $dots           x, y, colour: points instead
#   $borders        x, y, dx, dy: lines between cells of other kinds, drawn
#                   where cells are few
#   $contours       x, y, dx, dy: lines of equal gain
#   $labels         x, y, "text": on those lines
#   $kinds          kind, "name" for the key; -1: gaps, -2: contours
# Where there is no cell, the grey ground shows.

if (!exists("CATEGORIES") || !exists("XTITLE") || !exists("YTITLE")) {
    print "kvplan plot: CATEGORIES, XTITLE and YTITLE must be set"
    exit status 1
}
S = F_S / F

# Key: a grid of equal columns below the plot, as many as fit.
NK = |$kinds|
KROW = 0
KD = 0.052
if (NK > 0) {
    stats $kinds using (ems(strcol(2))) name "KVK" nooutput
    KW = 0.03
    KT = 0.012
    KH = 0.013
    KCW = KW + KT + KVK_max * EM * S + 0.025
    KCOL = max(1, min(NK, floor(0.98 / KCW)))
    KROW = (NK + KCOL - 1) / KCOL
    KCOL = (NK + KROW - 1) / KROW
    KX0 = max(0.022, (1.025 - KCOL * KCW) / 2)
    do for [i = 1 : NK] {
        KX = KX0 + ((i - 1) % KCOL) * KCW
        KY = 0.04 + KD * (KROW - 1 - (i - 1) / KCOL)
        K = int(word($kinds[i], 1))
        if (K == -2) {
            set arrow 200 + i from screen KX, KY to screen KX + KW, KY nohead linewidth 1.6 linecolor rgb INK
        } else {
            set object 200 + i rectangle from screen KX, KY - KH to screen KX + KW, KY + KH front fillcolor rgb (K < 0 ? INK_GRID : PAL[K % 8 + 1]) fillstyle solid 1 border linecolor rgb INK linewidth 0.7
        }
        set label 200 + i word($kinds[i], 2) at screen KX + KW + KT, KY left front noenhanced textcolor rgb INK font FONT_S
    }
}

GX0 = 0.145
GX1 = CATEGORIES ? 0.965 : 0.865
GY0 = 0.165 + KD * KROW
GY1 = 0.835
set lmargin at screen GX0
set rmargin at screen GX1
set bmargin at screen GY0
set tmargin at screen GY1
set label 1 XTITLE at screen (GX0 + GX1) / 2, GY0 - 0.11 center noenhanced textcolor rgb INK
set label 2 YTITLE at screen 0.028, (GY0 + GY1) / 2 center rotate by 90 noenhanced textcolor rgb INK
set border 15
unset grid

# viridis, the palette of matplotlib: even in lightness, also in grey
set palette defined (0 "#440154", 1 "#472D7B", 2 "#3B528B", 3 "#2C728E", 4 "#21918C", 5 "#28AE80", 6 "#5EC962", 7 "#ADDC30", 8 "#FDE725")
if (!CATEGORIES) {
    set cbrange [CBLOW : CBHIGH]
    set colorbox vertical user origin screen GX1 + 0.02, GY0 size screen 0.022, GY1 - GY0
    set cbtics font FONT_S
    if (CBLOG) {
        set logscale cb 10
        set cbtics (0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000)
    }
} else {
    unset colorbox
}
set object 50 rectangle from graph 0, graph 0 to graph 1, graph 1 behind fillcolor rgb INK_GRID fillstyle solid noborder
kind(k) = PAL[int(k) % 8 + 1]
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
set style textbox opaque noborder fillcolor rgb "white" margins 0.4, 0.4
plot \
    for [i = 1 : BOXES && CATEGORIES] $cells using 1:2:3:4:5:6:(kind($7)) with boxxyerror fillstyle solid 1 border linewidth 0.3 linecolor rgb variable notitle, \
    for [i = 1 : BOXES && !CATEGORIES] $cells using 1:2:3:4:5:6:7 with boxxyerror fillstyle solid 1 border linewidth 0.3 linecolor palette notitle, \
    for [i = 1 : DOTS && CATEGORIES] $dots using 1:2:(kind($3)) with points pointtype 7 pointsize 0.6 * PC linecolor rgb variable notitle, \
    for [i = 1 : DOTS && !CATEGORIES] $dots using 1:2:3 with points pointtype 7 pointsize 0.6 * PC linecolor palette notitle, \
    for [i = 1 : EDGES] $borders using 1:2:3:4 with vectors nohead linewidth 1.2 linecolor rgb "white" notitle, \
    for [i = 1 : LINES] $contours using 1:2:3:4 with vectors nohead linewidth 1.6 linecolor rgb INK notitle, \
    for [i = 1 : LABELS] $labels using 1:2:3 with labels boxed center noenhanced font FONT_S textcolor rgb INK notitle, \
    $none using (0):(1 / 0) with points notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
