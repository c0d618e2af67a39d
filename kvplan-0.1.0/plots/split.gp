# SPDX-License-Identifier: GPL-3.0-or-later
#
# split.gp - decode step time against the split l.
#
# Draws the simulated step time (solid), the lower bound (dashed), the best
# split (filled circle), the split of the paper's formula (open diamond) and
# the time of load-all (thin dotted line). All names and values stand in the
# key under the plot, so that no two labels can meet, wherever the points lie.
#
# Expects, after style.gp:
#   $curve       one row per split: split [tokens], simulated step time [ms],
#                lower bound [ms]; at least one row, sorted by split
#   OPT_SPLIT    best split of the simulated curve [tokens]
#   OPT_MS       simulated step time there [ms]
#   PAPER_SPLIT  split by the paper's formula [tokens]
#   PAPER_MS     simulated step time there [ms]
#   LOAD_MS      step time of load-all [ms]
#   LIMIT        largest split allowed [tokens]
# PAPER_SPLIT with PAPER_MS, and LOAD_MS, may be left out: not drawn then.

if (!exists("OPT_SPLIT") || !exists("OPT_MS") || !exists("LIMIT")) {
    print "kvplan plot: OPT_SPLIT, OPT_MS and LIMIT must be set"
    exit status 1
}
HAVE_PAPER = exists("PAPER_SPLIT") && exists("PAPER_MS")
HAVE_LOAD  = exists("LOAD_MS")
if (!HAVE_PAPER) {
    PAPER_SPLIT = 0
    PAPER_MS = 0
}
if (!HAVE_LOAD) {
    LOAD_MS = 0
}

# Ranges. The pad left and right keeps a point at 0 or at LIMIT whole.
stats $curve using 1 name "KVX" nooutput
stats $curve using (max($2, $3)) name "KVY" nooutput
XMAX = max(max(LIMIT, KVX_max), max(OPT_SPLIT, PAPER_SPLIT))
XMAX = XMAX > 0 ? XMAX : 1
YMAX = max(max(KVY_max, OPT_MS), max(PAPER_MS, LOAD_MS))
YMAX = YMAX > 0 ? YMAX : 1
set xrange [-0.02 * XMAX : 1.02 * XMAX]
set yrange [0 : 1.08 * YMAX]
if (XMAX <= 10) {
    set xtics 0, 1
}

# The left margin has room for the numbers of the y axis.
S    = F_S / F
YLEN = YMAX >= 1 ? max(3, strlen(sprintf("%.0f", YMAX))) : 5
GX0  = 0.08 + min(YLEN, 7) * 0.56 * EM * S
GX1  = 0.945
GY0  = 0.315
GY1  = 0.835
set lmargin at screen GX0
set rmargin at screen GX1
set bmargin at screen GY0
set tmargin at screen GY1

# Left-aligned where centred is meant: SVG viewers centre mixed fonts badly.
set label 1 "split l [tokens recomputed]" at screen (GX0 + GX1) / 2 - 0.155, 0.205 left enhanced textcolor rgb INK
set label 2 "decode step time [ms]" at screen 0.028, (GY0 + GY1) / 2 center rotate by 90 noenhanced textcolor rgb INK

# Largest split allowed: a thin line with its name outside the plot.
LIMIT_F = sprintf(",%g", 0.85 * F_S)
set arrow 1 from LIMIT, graph 0 to LIMIT, graph 1 nohead back linewidth 1 linecolor rgb INK_SOFT
set label 3 sprintf("largest split allowed: %g", LIMIT) at screen 0.967, (GY0 + GY1) / 2 center rotate by 90 noenhanced textcolor rgb INK_SOFT font LIMIT_F

# Plumb lines: read the two splits off the axis.
set arrow 2 from OPT_SPLIT, 0 to OPT_SPLIT, OPT_MS nohead back linewidth 1.4 dashtype (2,3) linecolor rgb OI_BLUE
if (HAVE_PAPER) {
    set arrow 3 from PAPER_SPLIT, 0 to PAPER_SPLIT, PAPER_MS nohead back linewidth 1.4 dashtype (2,3) linecolor rgb OI_PURPLE
}

# Key: lines at the left, points at the right.
K1 = 0.05
K2 = 0.50
KW = 0.05
KT = 0.018
KY = 0.135
KD = 0.05
set arrow 11 from screen K1, KY to screen K1 + KW, KY nohead linewidth 3 linecolor rgb OI_BLUE
set label 11 "simulated step time" at screen K1 + KW + KT, KY left noenhanced textcolor rgb INK font FONT_S
set arrow 12 from screen K1, KY - KD to screen K1 + KW, KY - KD nohead linewidth 2.2 dashtype (7,4) linecolor rgb OI_RED
set label 12 "lower bound: busiest engine" at screen K1 + KW + KT, KY - KD left noenhanced textcolor rgb INK font FONT_S
if (HAVE_LOAD) {
    set arrow 13 from screen K1, KY - 2 * KD to screen K1 + KW, KY - 2 * KD nohead linewidth 1.4 dashtype (3,5) linecolor rgb INK
    set label 13 sprintf("load all: %s ms/step", fmt_ms(LOAD_MS)) at screen K1 + KW + KT, KY - 2 * KD left noenhanced textcolor rgb INK font FONT_S
}
set label 14 "" at screen K2, KY point pointtype 7 pointsize PC linecolor rgb OI_BLUE
set label 15 sprintf("best l = %g, %s ms/step", OPT_SPLIT, fmt_ms(OPT_MS)) at screen K2 + KT + 0.01, KY left enhanced textcolor rgb INK font FONT_S
if (HAVE_PAPER) {
    set label 16 "" at screen K2, KY - KD point pointtype 13 pointsize PD linecolor rgb OI_PURPLE
    set label 17 "" at screen K2, KY - KD point pointtype 13 pointsize 0.75 * PD linecolor rgb "white"
    set label 18 sprintf("paper's formula l = %g, %s ms/step", PAPER_SPLIT, fmt_ms(PAPER_MS)) at screen K2 + KT + 0.01, KY - KD left enhanced textcolor rgb INK font FONT_S
}

$one << EOD
0
EOD
# The open diamond is a white one upon a larger one, as the terminals differ in
# their outlines. The circle fits in it: both show where the splits are equal.
plot \
    for [i = 1 : HAVE_LOAD] LOAD_MS with lines linewidth 1.4 dashtype (3,5) linecolor rgb INK notitle, \
    $curve using 1:2 with lines linewidth 3 linecolor rgb OI_BLUE notitle, \
    $curve using 1:3 with lines linewidth 2.2 dashtype (7,4) linecolor rgb OI_RED notitle, \
    for [i = 1 : HAVE_PAPER] $one using (PAPER_SPLIT):(PAPER_MS) with points pointtype 13 pointsize PD linecolor rgb OI_PURPLE notitle, \
    for [i = 1 : HAVE_PAPER] $one using (PAPER_SPLIT):(PAPER_MS) with points pointtype 13 pointsize 0.75 * PD linecolor rgb "white" notitle, \
    $one using (OPT_SPLIT):(OPT_MS) with points pointtype 7 pointsize PC linecolor rgb OI_BLUE notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
