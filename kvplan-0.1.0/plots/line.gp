# SPDX-License-Identifier: GPL-3.0-or-later
#
# line.gp - curves over one axis, told apart by colour, dashes and points.
#
# Expects, after style.gp, tics of x set, and:
#   XTITLE, XLOW, XHIGH  name and ends of the x axis
#   YTITLE          name of the y axis
#   N               curves, 1 to 8
#   $curves         a block for each: x, y, and with BARS the ends of a bar
#   BARS            1 if there are bars
#   $names          a name for each, "text"; no row if there is no key
#   CURVES          what the names are values of

if (!exists("N") || !exists("XTITLE") || !exists("YTITLE") || !exists("CURVES")) {
    print "kvplan plot: N, XTITLE, YTITLE and CURVES must be set"
    exit status 1
}
array COLOR[8] = [OI_BLUE, OI_RED, OI_GREEN, OI_PURPLE, OI_ORANGE, OI_SKY, OI_BLACK, OI_GREY]
array POINT[8] = [7, 5, 9, 13, 6, 4, 8, 12]
array DASH[8] = ["", "(8,4)", "(2,3)", "(10,3,2,3)", "(5,2)", "(1,2)", "(12,6)", "(10,3,2,3,2,3)"]
S = F_S / F

# Key: a grid of equal columns below the plot, its title before it.
NK = |$names|
KROW = 0
KD = 0.052
if (NK > 0) {
    stats $names using (ems(strcol(1))) name "KVK" nooutput
    KW = 0.075
    KT = 0.012
    KCW = KW + KT + KVK_max * EM * S + 0.03
    KL = min(0.40, ems(CURVES . ":") * EM * S + 0.03)
    KCOL = max(1, min(NK, floor((0.97 - KL) / KCW)))
    KROW = (NK + KCOL - 1) / KCOL
    KCOL = (NK + KROW - 1) / KROW
    KX0 = max(0.022, (1.0 - KL - KCOL * KCW) / 2)
    set label 190 CURVES . ":" at screen KX0, 0.04 + KD * (KROW - 1) left front noenhanced textcolor rgb INK font sprintf(",%g", fit(KL, ems(CURVES . ":"), F_S))
    do for [i = 1 : NK] {
        KX = KX0 + KL + ((i - 1) % KCOL) * KCW
        KY = 0.04 + KD * (KROW - 1 - (i - 1) / KCOL)
        if (DASH[i] eq "") {
            set arrow 200 + i from screen KX, KY to screen KX + KW, KY nohead linewidth 2.4 linecolor rgb COLOR[i]
        } else {
            eval sprintf("set arrow %d from screen %g, %g to screen %g, %g nohead linewidth 2.4 dashtype %s linecolor rgb %d", 200 + i, KX, KY, KX + KW, KY, DASH[i], COLOR[i])
        }
        set label 220 + i "" at screen KX + KW / 2, KY point pointtype POINT[i] pointsize 0.55 * PC linecolor rgb COLOR[i] linewidth 1.5
        set label 200 + i word($names[i], 1) at screen KX + KW + KT, KY left front noenhanced textcolor rgb INK font FONT_S
    }
}

GX0 = 0.125
GX1 = 0.955
GY0 = 0.165 + KD * KROW
GY1 = 0.835
set lmargin at screen GX0
set rmargin at screen GX1
set bmargin at screen GY0
set tmargin at screen GY1
set label 1 XTITLE at screen (GX0 + GX1) / 2, GY0 - 0.11 center noenhanced textcolor rgb INK
set label 2 YTITLE at screen 0.028, (GY0 + GY1) / 2 center rotate by 90 noenhanced textcolor rgb INK

# From 0 where values are near it.
stats $curves using 3 name "KVL" nooutput
stats $curves using 4 name "KVH" nooutput
YLOW = KVL_min > 0 && KVL_min < 0.6 * KVH_max ? 0 : KVL_min
YPAD = 0.06 * (KVH_max > YLOW ? KVH_max - YLOW : 1)
set xrange [XLOW : XHIGH]
set yrange [YLOW == 0 ? 0 : YLOW - YPAD : KVH_max + YPAD]

dashed(i) = DASH[i] eq "" ? "" : "dashtype " . DASH[i]
PLOT = "plot "
do for [i = 1 : N] {
    if (BARS) {
        PLOT = PLOT . sprintf("$curves index %d using 1:2:3:4 with yerrorbars pointtype -1 pointsize 0.8 linewidth 1.6 linecolor rgb %d notitle, ", i - 1, COLOR[i])
    }
    PLOT = PLOT . sprintf("$curves index %d using 1:2 with lines linewidth 2.4 %s linecolor rgb %d notitle, ", i - 1, dashed(i), COLOR[i])
    PLOT = PLOT . sprintf("$curves index %d using 1:2 with points pointtype %d pointsize 0.55 * PC linewidth 1.5 linecolor rgb %d notitle, ", i - 1, POINT[i], COLOR[i])
}
eval PLOT[1 : strlen(PLOT) - 2]

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
