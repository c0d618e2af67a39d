# SPDX-License-Identifier: GPL-3.0-or-later
#
# tornado.gp - what each figure of a machine is worth, the greatest on top.
#
# Expects, after style.gp:
#   N         figures, at least 1
#   CHANGE    by how much they change, as text
#   $bars     row (N = top ... 1), change of time [%] with more of it, with
#             less (NaN: does not fit), by the tangent for more, "name"

if (!exists("N") || !exists("CHANGE")) {
    print "kvplan plot: N and CHANGE must be set"
    exit status 1
}
stats $bars using (ems(strcol(5))) name "KVR" nooutput
S = F_S / F
GX0 = min(0.05 + KVR_max * EM * S, 0.46)
GX1 = 0.955
GY0 = 0.215
GY1 = 0.835
ROWF = sprintf(",%g", fit(GX0 - 0.05, KVR_max, F_S))
set lmargin at screen GX0
set rmargin at screen GX1
set bmargin at screen GY0
set tmargin at screen GY1
set label 1 "change of the time per token [%]" at screen (GX0 + GX1) / 2, GY0 - 0.11 center noenhanced textcolor rgb INK
set object 11 rectangle from screen 0.06, 0.027 to screen 0.09, 0.053 front fillcolor rgb OI_BLUE fillstyle solid 1 border linecolor rgb INK linewidth 0.7
set label 11 CHANGE . " more" at screen 0.105, 0.04 left noenhanced textcolor rgb INK font FONT_S
set object 12 rectangle from screen 0.29, 0.027 to screen 0.32, 0.053 front fillcolor rgb OI_ORANGE fillstyle pattern 4 border linecolor rgb INK linewidth 0.7
set label 12 CHANGE . " less" at screen 0.335, 0.04 left noenhanced textcolor rgb INK font FONT_S
set label 13 "" at screen 0.54, 0.04 point pointtype 13 pointsize 0.5 * PD linecolor rgb INK
set label 14 "tangent: were it in proportion" at screen 0.56, 0.04 left noenhanced textcolor rgb INK font FONT_S

val(v) = v == v ? v : 0
stats $bars using (max(abs($4), max(abs(val($2)), abs(val($3))))) name "KVM" nooutput
stats $bars using (min($4, min(val($2), val($3)))) name "KVA" nooutput
stats $bars using (max($4, max(val($2), val($3)))) name "KVB" nooutput
XLOW = min(KVA_min, 0) - 0.06 * KVM_max
XHIGH = max(KVB_max, 0) + 0.06 * KVM_max
set xrange [XLOW : XHIGH]
set yrange [0.4 : N + 0.6]
set border 1
unset ytics
set grid xtics noytics back linetype 1 linecolor rgb INK_GRID linewidth 1
set arrow 1 from 0, graph 0 to 0, graph 1 nohead front linewidth 1.2 linecolor rgb INK
H = min(0.34, 0.10 * N)
plot \
    $bars using (val($3) / 2):1:(min(0, val($3))):(max(0, val($3))):($1 - H):($1 + H) with boxxyerror fillstyle pattern 4 border linewidth 1 linecolor rgb OI_ORANGE notitle, \
    $bars using (val($2) / 2):1:(min(0, val($2))):(max(0, val($2))):($1 - H):($1 + H) with boxxyerror fillstyle solid 1 border linewidth 1 linecolor rgb OI_BLUE notitle, \
    $bars using 4:1 with points pointtype 13 pointsize 0.5 * PD linecolor rgb INK notitle, \
    $bars using (XLOW):1:5 with labels right offset screen -0.012, 0 noenhanced font ROWF textcolor rgb INK notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
