# SPDX-License-Identifier: GPL-3.0-or-later
#
# style.gp - shared look of kvplan's figures (gnuplot 5.4 or later).
#
# Draws nothing by itself, but the title and the subtitle. It is sent to
# gnuplot's standard input after the assignments and datablocks, and before
# split.gp or gantt.gp.
#
# Expects (strings):
#   FORMAT    "png" (1600 x 1000 px) | "svg" | "pdf" (16 x 10 cm)
#   OUTPUT    path of the file to write
#   TITLE     first line above the plot; may be empty
#   SUBTITLE  second, smaller line; may be empty
#   RATIO     number, may be left out: the canvas is a column of a paper,
#             3.5 in wide with a font of 8 pt, and RATIO times as high
# TITLE and SUBTITLE are printed as they are: _ ^ { } @ & are no markup. Lines
# too long for the canvas get a smaller font.
#
# Gives to the plot scripts:
#   OI_*      the Okabe-Ito colours, as 24-bit numbers; INK* greys
#   PAL[1..8], linetypes 1..8: the Okabe-Ito colours as fills (orange, sky,
#             green, yellow, blue, red, purple; 8 is grey, not black)
#   F, F_S    base and small font size, FONT_S the latter as a font name;
#             EM: base font size / canvas width; PC, PD: point sizes
#             of a filled circle and of a diamond around it
#   ems(s)    estimated width of a text [ems]
#   fit(frac, w, f)  font size <= f at which w ems take no more than the
#             fraction frac of the canvas width
#   min(a, b), max(a, b), fmt_ms(v)
#
# Fail-safe: a bad or missing variable ends gnuplot with status 1, and each
# plot script ends with status 1 if any command before failed.

if (GPVAL_ERRNO) {
    print "kvplan plot: the variables or datablocks could not be read"
    exit status 1
}
set encoding utf8

if (!exists("FORMAT") || !exists("OUTPUT") || !exists("TITLE") || !exists("SUBTITLE")) {
    print "kvplan plot: FORMAT, OUTPUT, TITLE and SUBTITLE must be set"
    exit status 1
}
if (FORMAT ne "png" && FORMAT ne "svg" && FORMAT ne "pdf") {
    print "kvplan plot: FORMAT must be png, svg or pdf, not ", FORMAT
    exit status 1
}

# Okabe-Ito: distinguishable with every common colour vision deficiency.
OI_BLACK   = 0x000000
OI_ORANGE  = 0xE69F00
OI_SKY     = 0x56B4E9
OI_GREEN   = 0x009E73
OI_YELLOW  = 0xF0E442
OI_BLUE    = 0x0072B2
OI_RED     = 0xD55E00
OI_PURPLE  = 0xCC79A7
OI_GREY    = 0xB5B5B5
INK        = 0x222222
INK_SOFT   = 0x555555
INK_GRID   = 0xDDDDDD
INK_BAND   = 0xF5F5F5

min(a, b) = a < b ? a : b
max(a, b) = a > b ? a : b
fmt_ms(v) = v >= 100 ? sprintf("%.1f", v) : v >= 1 ? sprintf("%.2f", v) : v >= 0.1 ? sprintf("%.3f", v) : sprintf("%.3g", v)

# All three canvases have one shape, 16:10 or RATIO, and fontscale makes a font of size F the same
# fraction EM of their width, so that one layout serves all. ems(s) estimates
# the width of a text in ems, a little on the safe side, for Arial and its kin.
FONT = "Arial"
F    = 20.0
F_S  = 17.5
COLUMN = exists("RATIO")
if (!COLUMN) {
    RATIO = 0.625
}
EM   = COLUMN ? 8 / 252.0 : 0.025
FONT_S = sprintf(",%g", F_S)
em1(c) = strstrt("mwMW@%", c) ? 0.9 : strstrt("ABCDEFGHKNOPQRSTUVXYZ&+=<>~", c) ? 0.7 : strstrt(" iljtfrI.,:;|/'!()[]-", c) ? 0.33 : 0.57
ems(s) = sum [n = 1 : strlen(s)] em1(s[n : n])
fit(frac, w, f) = w > 0 ? min(f, F * frac / (w * EM)) : f


# The terminals differ in the size of circles (PC) and diamonds (PD), in the
# length of tics (TICL) and in how far the numbers stand from the x axis (TICY).
if (FORMAT eq "png") {
    PC = 2.50
    PD = 5.50
    TICL = 0.6
    TICY = 0.012
    set terminal pngcairo enhanced size 40 / EM,40 / EM * RATIO font sprintf("%s,%g", FONT, F) fontscale 1.54 linewidth 2 dashlength 1.6 background rgb "white"
}
if (FORMAT eq "svg") {
    PC = 0.53
    PD = 0.85
    TICL = 0.35
    TICY = 0.030
    set terminal svg enhanced size 20 / EM,20 / EM * RATIO dynamic font sprintf("%s,%g", FONT, F) linewidth 1 dashlength 0.9 background rgb "white"
}
if (FORMAT eq "pdf") {
    PDF_W = COLUMN ? 8.89 : 16.0
    PC = 0.74
    PD = 1.65
    TICL = 0.6
    TICY = 0.012
    set terminal pdfcairo enhanced size PDF_W * 1cm,PDF_W * RATIO * 1cm font sprintf("%s,%g", FONT, F) fontscale 0.427 * EM / 0.025 * PDF_W / 16 linewidth 1 dashlength 1.6 background rgb "white"
}
set output OUTPUT
if (GPVAL_ERRNO) {
    exit status 1
}

array PAL[8]
PAL[1] = OI_ORANGE
PAL[2] = OI_SKY
PAL[3] = OI_GREEN
PAL[4] = OI_YELLOW
PAL[5] = OI_BLUE
PAL[6] = OI_RED
PAL[7] = OI_PURPLE
PAL[8] = OI_GREY
do for [i = 1 : 8] {
    set linetype i linecolor rgb PAL[i]
}

unset title
unset key
set border 3 linewidth 1.2 linecolor rgb INK
set tics nomirror out scale TICL textcolor rgb INK font FONT_S
set xtics format "%g" offset 0, screen TICY
set ytics format "%g"
set grid back linetype 1 linecolor rgb INK_GRID linewidth 1

# The two lines above the plot. Everything but the plot itself stands at
# screen coordinates, as the terminals lay out keys and axis labels differently.
# The svg terminal knows bold only as markup, which TITLE must not be.
TITLE_F = sprintf("%s%s,%g", FONT, FORMAT eq "svg" ? "" : ":Bold", fit(0.95, 1.08 * ems(TITLE), 1.15 * F))
SUBTITLE_F = sprintf(",%g", fit(0.956, ems(SUBTITLE), F_S))
set label 901 TITLE at screen 0.022, 0.945 left front noenhanced textcolor rgb INK font TITLE_F
set label 902 SUBTITLE at screen 0.022, 0.885 left front noenhanced textcolor rgb INK_SOFT font SUBTITLE_F
