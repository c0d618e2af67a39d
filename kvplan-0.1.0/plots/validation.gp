# SPDX-License-Identifier: GPL-3.0-or-later
#
# validation.gp - the error of each predicted step over its measured time.
#
# Expects, after style.gp:
#   NAMES   names of the policies, parted by blanks
#   $runs   a block for each: measured time [ms], error [%]

if (!exists("NAMES")) {
    print "kvplan validate: NAMES must be set"
    exit status 1
}
N = words(NAMES)
set lmargin at screen 0.115
set rmargin at screen 0.965
set bmargin at screen 0.255
set tmargin at screen 0.835
set logscale x 10
set xtics add (2, 5, 20, 50, 200, 500)
stats $runs using 2 name "KVE" nooutput
Y = max(6, 1.1 * max(abs(KVE_min), abs(KVE_max)))
set yrange [-Y : Y]
set label 1 "measured step time [ms]" at screen 0.40, 0.150 left noenhanced textcolor rgb INK
set label 2 "error of the prediction [%]" at screen 0.028, 0.545 center rotate by 90 noenhanced textcolor rgb INK
set object 1 rectangle from graph 0, first -2 to graph 1, first 2 behind fillcolor rgb INK_BAND fillstyle solid noborder
set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead back linewidth 1 linecolor rgb INK_SOFT
set arrow 2 from graph 0, first 5 to graph 1, first 5 nohead back linewidth 1 dashtype (3,5) linecolor rgb INK_SOFT
set arrow 3 from graph 0, first -5 to graph 1, first -5 nohead back linewidth 1 dashtype (3,5) linecolor rgb INK_SOFT
do for [k = 1 : N] {
    KX = 0.06 + 0.31 * ((k - 1) % 3)
    KY = 0.095 - 0.045 * ((k - 1) / 3)
    set label 10 + 2 * k "" at screen KX, KY point pointtype 7 pointsize 0.5 * PC linecolor rgb PAL[(k - 1) % 8 + 1]
    set label 11 + 2 * k word(NAMES, k) at screen KX + 0.02, KY left noenhanced textcolor rgb INK font FONT_S
}
plot for [k = 1 : N] $runs index k - 1 using 1:2 with points pointtype 7 pointsize 0.5 * PC linecolor rgb PAL[(k - 1) % 8 + 1] notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
