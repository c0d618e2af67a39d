# SPDX-License-Identifier: GPL-3.0-or-later
#
# split.gp - decode step time against the split l.
#
# Draws the simulated step time, the lower bound, the best split, the split of
# the paper's formula (open diamond) and the time of load-all. All names and
# values stand in the key, so that no two labels can meet, wherever the points
# lie.
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
#   RGB[3], DASH[3]   of the curve, the bound and load-all; MARK[1] of the best
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
set xtics max(1, step(XMAX, 8))
LOW = 0
HIGH = 1.08 * YMAX
YSTEP = step(HIGH, 7)
eval YTICS
GX1 = 1 - 1.7 * EM
XTITLE = "split l [tokens recomputed]"
YTITLE = "decode step time [ms]"
eval AXES

# Largest split allowed: a thin line with its name outside the plot.
set arrow 1 from LIMIT, graph 0 to LIMIT, graph 1 nohead back linewidth 1 linecolor rgb INK_SOFT
set label 3 sprintf("largest split allowed: %g", LIMIT) at screen 1 - 0.75 * EM, (GY0 + GY1) / 2 center rotate by 90 noenhanced textcolor rgb INK_SOFT

# Plumb lines: read the two splits off the axis.
set arrow 2 from OPT_SPLIT, 0 to OPT_SPLIT, OPT_MS nohead back linewidth 1.4 dashtype 3 linecolor rgb RGB[1]
if (HAVE_PAPER) {
    set arrow 3 from PAPER_SPLIT, 0 to PAPER_SPLIT, PAPER_MS nohead back linewidth 1.4 dashtype 3 linecolor rgb ROLE_PAPER
}

$one << EOD
0
EOD
# The diamond is a white one upon a larger one, as the terminals differ in
# their outlines; the best split's mark fits in it.
plot \
    for [i = 1 : HAVE_LOAD] LOAD_MS with lines linewidth 2.4 dashtype DASH[3] linecolor rgb RGB[3] notitle, \
    $curve using 1:2 with lines linewidth 3 dashtype DASH[1] linecolor rgb RGB[1] notitle, \
    $curve using 1:3 with lines linewidth 2.2 dashtype DASH[2] linecolor rgb RGB[2] notitle, \
    for [i = 1 : HAVE_PAPER] $one using (PAPER_SPLIT):(PAPER_MS) with points pointtype 13 pointsize 1.4 * PD linecolor rgb ROLE_PAPER notitle, \
    for [i = 1 : HAVE_PAPER] $one using (PAPER_SPLIT):(PAPER_MS) with points pointtype 13 pointsize 1.0 * PD linecolor rgb WHITE notitle, \
    $one using (OPT_SPLIT):(OPT_MS) with points pointtype MARK[1] pointsize PC linecolor rgb RGB[1] notitle

unset output
if (GPVAL_ERRNO) {
    exit status 1
}
