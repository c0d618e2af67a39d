# SPDX-License-Identifier: GPL-3.0-or-later
#
# calibration.gp - samples of a machine and the curves made of them.
#
# Four panels, rate against size, points measured and lines kept: copies over
# the link, matrix products, decode attention, small kernels.
#
# Expects, after style.gp, for each of LINK, GEMM, KV and KERNELS:
#   HAVE_NAME       1, or 0 if there is nothing to draw
#   $NAME_points    blocks of rows: size, measured rate
#   $NAME_curves    as many blocks: a row with the curve's name, then rows of
#                   size and rate
# Sizes are bytes; of GEMM rows.  Rates are GB/s, TFLOP/s, TB/s, TB/s.

if (!exists("HAVE_LINK") || !exists("HAVE_GEMM") || !exists("HAVE_KV") || !exists("HAVE_KERNELS")) {
    print "kvplan calibrate: a panel is missing"
    exit status 1
}

SMALL = sprintf(",%g", 0.8 * F_S)
set tics font SMALL
set logscale x 10
set format x "10^{%T}"
set yrange [0 : *]

# The canvas' left, right, bottom and top of panel column i and row j.
L(i) = i == 0 ? 0.085 : 0.585
R(i) = i == 0 ? 0.475 : 0.965
B(j) = j == 0 ? 0.535 : 0.095
T(j) = j == 0 ? 0.785 : 0.345

set multiplot
do for [k = 0 : 3] {
    i = k % 2
    j = k / 2
    set lmargin at screen L(i)
    set rmargin at screen R(i)
    set bmargin at screen B(j)
    set tmargin at screen T(j)
    if (k > 0) {
        unset label 901
        unset label 902
    }
    NAME = word("LINK GEMM KV KERNELS", k + 1)
    HEAD = k == 0 ? "copies over the link [GB/s], by bytes" : k == 1 ? "matrix products [TFLOP/s], by rows m" : k == 2 ? "decode attention [TB/s], by bytes of K and V" : "small kernels [TB/s], by bytes read and written"
    set label 1 HEAD at screen L(i), T(j) + 0.035 left noenhanced textcolor rgb INK font SMALL
    if (value("HAVE_" . NAME)) {
        # Few curves are told apart by name; many make a band.
        if (k == 0 || k == 3) {
            set key at screen (k == 0 ? R(i) - 0.02 : L(i) + 0.125), (k == 0 ? T(j) - 0.05 : T(j)) right top Left reverse samplen 1 spacing 0.8 font SMALL
        } else {
            unset key
        }
        eval sprintf("stats $%s_points using 1:2 name 'KVB' nooutput", NAME)
        N = int(KVB_blocks)
        eval sprintf("plot for [b = 0 : N - 1] $%s_points index b using 1:2 with points pointtype 7 pointsize 0.3 * PC linecolor rgb PAL[b %% 8 + 1] notitle, for [b = 0 : N - 1] $%s_curves index b using 1:2 with lines linewidth 1 linecolor rgb PAL[b %% 8 + 1] title columnheader(1)", NAME, NAME)
    } else {
        set yrange [0 : 1]
        plot 0 with lines linecolor rgb INK_GRID notitle
        set yrange [0 : *]
    }
}
unset multiplot

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
