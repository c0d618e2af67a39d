# SPDX-License-Identifier: GPL-3.0-or-later
#
# calibration.gp - samples of a machine and the curves made of them.
#
# Four panels, rate against size, points measured and lines kept: copies over
# the link, matrix products, decode attention, small kernels.
#
# Expects, after style.gp with WIDE = 1 and BODY = "0.70", for each of LINK,
# GEMM, KV and KERNELS:
#   HAVE_NAME       1, or 0 if there is nothing to draw
#   $NAME_points    blocks of rows: size, measured rate
#   $NAME_curves    as many blocks: a row with the curve's name, then rows of
#                   size and rate
#   RGB, DASH, MARK looks of curves, PALETTE_OTHERS of them
# Sizes are bytes; of GEMM rows.  Rates are GB/s, TFLOP/s, TB/s, TB/s.

if (!exists("HAVE_LINK") || !exists("HAVE_GEMM") || !exists("HAVE_KV") || !exists("HAVE_KERNELS")) {
    print "kvplan calibrate: a panel is missing"
    exit status 1
}

set logscale x 10
set format x "%.0s%c"
set yrange [0 : *]
W = 0.5 - MARGIN
H = 0.34
set multiplot
do for [k = 0 : 3] {
    i = k % 2
    j = k / 2
    X = MARGIN + i * (W + MARGIN)
    Y = TOP - up(H * j)
    set lmargin at screen X + 2.6 * EM
    set rmargin at screen X + W - 1.0 * EM
    set tmargin at screen Y - up(1.3 * LINE)
    set bmargin at screen Y - up(H - 2.7 * LINE)
    NAME = word("LINK GEMM KV KERNELS", k + 1)
    set label 1 (k == 0 ? "copies over the link [GB/s]" : k == 1 ? "matrix products [TFLOP/s]" : k == 2 ? "decode attention [TB/s]" : "small kernels [TB/s]") at screen X, Y - up(0.6 * LINE) left noenhanced textcolor rgb INK
    set label 2 (k == 0 ? "copied [B]" : k == 1 ? "rows m" : k == 2 ? "K and V read [B]" : "read and written [B]") at screen X + W / 2, Y - up(H - 0.8 * LINE) center noenhanced textcolor rgb INK
    if (value("HAVE_" . NAME)) {
        # Few curves are told apart by name; many make a band.
        if (k == 0 || k == 3) {
            if (k == 0) {
                set key at graph 0.98, graph 0.75 right top Left reverse samplen 1.5 spacing 0.9
            } else {
                set key at graph 0.02, graph 0.98 left top Left reverse samplen 1.5 spacing 0.9
            }
        } else {
            unset key
        }
        eval sprintf("stats $%s_points using 1:2 name 'KVB' nooutput", NAME)
        N = int(KVB_blocks)
        eval sprintf("plot for [b = 0 : N - 1] $%s_points index b using 1:2 with points pointtype 7 pointsize 0.4 * PC linecolor rgb RGB[b %% 8 + 1] notitle, for [b = 0 : N - 1] $%s_curves index b using 1:2 with lines linewidth 1.6 dashtype DASH[b %% 8 + 1] linecolor rgb RGB[b %% 8 + 1] title columnheader(1)", NAME, NAME)
    } else {
        set yrange [0 : 1]
        plot 0 with lines linecolor rgb INK_GRID notitle
        set yrange [0 : *]
    }
    if (k == 0) {
        eval UNSET_HEAD
    }
}
unset multiplot

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
