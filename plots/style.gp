# SPDX-License-Identifier: GPL-3.0-or-later
#
# style.gp - shared look of kvplan's figures (gnuplot 5.4 or later).
#
# Makes the canvas, a column of a paper wide, and draws the title, the subtitle
# and the key above the place that is left for the plot. It is sent to
# gnuplot's standard input after the assignments and datablocks, and before
# the script of the picture. The picture goes to standard output.
#
# All letters are 8 pt in print, the title 9 pt: nothing is made smaller to
# fit. What is too long is parted into lines, and the canvas grows.
#
# Expects (strings):
#   FORMAT    "png" (360 dots an inch) | "svg" | "pdf"
#   TITLE     first lines above the plot; may be empty
#   SUBTITLE  the lines below it; may be empty
#   BODY      height of what stands below the key, over the canvas' width: an
#             expression, which may name all variables; may be left out
#   WIDE      1: as wide as two columns, 7.16 in; 0 or left out: 3.5 in
#   KEY_TITLE a line above the key; may be left out
#   $key      row by row: sample, colour, fill pattern, dash, point type,
#             "text"; may have no rows. Samples: box, line (with its point),
#             plain (without), dot, and the same in all pictures:
#             paper      an open diamond: what a paper states
#             derived    a grey diamond: what follows from that
#             inferred   an asterisk: a reading of it
#             measured   a filled circle, with a bar where it was repeated
#             none       a cross: there is no value
#             claim      a dashed line with the diamond
# TITLE, SUBTITLE and texts are printed as they are: _ ^ { } @ & are no markup.
#
# Gives to the plot scripts:
#   ROLE_*, INK*     colours of roles and greys, as 24-bit numbers
#   EM, LINE         letter size and distance of lines over the width
#   TOP, up(h)       the top of what is left, and what h widths above the bottom
#                    are, both of the canvas' height
#   PC, PD           sizes of a circle and of a diamond around it
#   ems(s)           estimated width of a text [ems]
#   wrap(s, w)       the text in lines of at most w ems; lines(s) their number
#   broken(s)        the text, parted into lines at each |
#   num(v), min(a, b), max(a, b), fmt_ms(v)
#   YTICS, AXES      commands for eval; the ends of the axes GX0 to GY1
#   step(r, n)       1, 2 or 5 times a power of 10, at most n of which make r
#
# Fail-safe: a bad or missing variable ends gnuplot with status 1, and each
# plot script ends with status 1 if any command before failed.

if (GPVAL_ERRNO) {
    print "kvplan plot: the variables or datablocks could not be read"
    exit status 1
}
set encoding utf8
set minussign

if (!exists("FORMAT") || !exists("TITLE") || !exists("SUBTITLE")) {
    print "kvplan plot: FORMAT, TITLE and SUBTITLE must be set"
    exit status 1
}
if (FORMAT ne "png" && FORMAT ne "svg" && FORMAT ne "pdf") {
    print "kvplan plot: FORMAT must be png, svg or pdf, not ", FORMAT
    exit status 1
}

ROLE_PAPER    = 0x000000
ROLE_MEASURED = 0x000000
PAPER_DERIVED = 0x9A9A9A
INK        = 0x222222
INK_SOFT   = 0x555555
INK_GRID   = 0xDDDDDD
INK_BAND   = 0xF3F3F3
WHITE      = 0xFFFFFF

min(a, b) = a < b ? a : b
max(a, b) = a > b ? a : b
# Numbers have a true minus, and thin spaces between thousands.
minus(s) = s[1:1] eq "-" ? "−" . s[2:*] : s
# A hyphen before a number, after a blank, within a text.
minuses(s) = strstrt(s, " -") ? s[1:strstrt(s, " -")] . (strstrt("0123456789", s[strstrt(s, " -") + 2:strstrt(s, " -") + 2]) ? "−" : "-") . minuses(s[strstrt(s, " -") + 2:*]) : s
thousands(s) = strlen(s) > 4 ? thousands2(s[1:strlen(s) - 3]) . " " . s[strlen(s) - 2:*] : s
thousands2(s) = strlen(s) > 3 ? thousands2(s[1:strlen(s) - 3]) . " " . s[strlen(s) - 2:*] : s
num(v) = abs(v) >= 1e4 && abs(v) < 1e9 ? (v < 0 ? "−" : "") . thousands(sprintf("%.0f", abs(v))) : minus(sprintf("%.6g", v))
fmt_ms(v) = v >= 100 ? sprintf("%.1f", v) : v >= 1 ? sprintf("%.2f", v) : v >= 0.1 ? sprintf("%.3f", v) : sprintf("%.3g", v)
power(r) = 10 ** floor(log10(r) + 1e-9)
step(r, n) = r / n <= power(r / n) * 1.0001 ? power(r / n) : r / n <= 2 * power(r / n) ? 2 * power(r / n) : r / n <= 5 * power(r / n) ? 5 * power(r / n) : 10 * power(r / n)

# Tics at k, k + 1, ... n times d, as "set ytics (...)" takes them, and how wide
# the widest is.
tics(k, n, d) = k > n ? "" : sprintf("\"%s\" %.9g%s", num(k * d), k * d, k < n ? ", " : "") . tics(k + 1, n, d)
tics_w(k, n, d) = k > n ? 0 : max(ems(num(k * d)), tics_w(k + 1, n, d))

# The width of a text, a little on the safe side, for Arial and its kin.
em1(c) = strstrt("mwMW@%", c) ? 0.9 : strstrt("ABCDEFGHKNOPQRSTUVXYZ&+=<>~", c) ? 0.7 : strstrt(" iljtfrI.,:;|/'!()[]-", c) ? 0.33 : 0.57
ems(s) = strlen(s) > 0 ? (sum [n = 1 : strlen(s)] em1(s[n : n])) : 0
cut(s, w, k) = k < 2 ? 0 : s[k : k] eq " " && ems(s[1 : k - 1]) <= w ? k : cut(s, w, k - 1)
wrap(s, w) = ems(s) <= w ? s : wrap2(s, w, cut(s, w, min(strlen(s), 200)))
wrap2(s, w, k) = k < 2 ? s : s[1 : k - 1] . "\n" . wrap(s[k + 1 : *], w)
broken(s) = strstrt(s, "|") ? s[1 : strstrt(s, "|") - 1] . "\n" . broken(s[strstrt(s, "|") + 1 : *]) : s
lines(s) = strlen(s) == 0 ? 0 : 1 + (sum [n = 1 : strlen(s)] (s[n : n] eq "\n"))

# One layout serves all three terminals: fontscale makes a letter the same part
# EM of their width.
FONT = FORMAT eq "svg" ? "Arial,Helvetica,Liberation Sans,sans-serif" : "Arial"
F    = 20.0
WIDTH_IN = exists("WIDE") && WIDE ? 7.16 : 3.5
EM   = 8 / 72.0 / WIDTH_IN
LINE = 1.3 * EM
if (!exists("BODY")) {
    BODY = "0.66"
}
eval "BODY_H = " . BODY

# What stands above the plot: heads, then the key in as many columns as fit.
MARGIN = 0.6 * EM
HEAD_F = (FORMAT eq "svg" ? "" : FONT . ":Bold") . sprintf(",%g", 1.125 * F)
HEAD1 = wrap(TITLE, (1 - 2 * MARGIN) / EM / 1.22)
HEAD2 = wrap(minuses(SUBTITLE), (1 - 2 * MARGIN) / EM)
KEY_TITLE = exists("KEY_TITLE") ? KEY_TITLE : ""
HEADS_H = 1.125 * LINE * lines(HEAD1) + LINE * lines(HEAD2) + (lines(HEAD1) + lines(HEAD2) > 0 ? 0.4 * LINE : 0)

NK = |$key|
KEY_W = 2.6 * EM
array KEY_X[6]
KEY_ROWS = 0
if (NK > 0) {
    # from as many columns as there may be down to one
    do for [c = min(5, NK) : 1 : -1] {
        if (KEY_ROWS == 0) {
            KX = MARGIN
            do for [i = 1 : c] {
                KEY_X[i] = KX
                KM = 0
                do for [k = i : NK : c] {
                    KM = max(KM, ems(word($key[k], 6)) * EM)
                }
                KX = KX + KEY_W + KM + 1.2 * EM
            }
            if (KX - 1.2 * EM <= 1 - MARGIN || c == 1) {
                KEY_COLUMNS = c
                KEY_ROWS = (NK + c - 1) / c
            }
        }
    }
}
KEY_LINE = 1.12 * LINE
KEY_Y = 0.5 * EM + HEADS_H + (KEY_TITLE eq "" ? 0 : LINE)
KEY_H = KEY_ROWS > 0 ? KEY_LINE * KEY_ROWS + 0.3 * LINE : 0
HEAD_H = KEY_Y + KEY_H
RATIO = BODY_H + HEAD_H
TOP = BODY_H / RATIO
up(h) = h / RATIO

# The terminals differ in the size of circles (PC) and diamonds (PD), in the
# length of tics (TICL) and in how far the numbers stand from the x axis (TICY).
if (FORMAT eq "png") {
    PC = 2.1
    PD = 4.4
    TICL = 0.5
    TICY = 0.25 * EM
    set terminal pngcairo enhanced size 40 / EM,40 / EM * RATIO font sprintf("%s,%g", FONT, F) fontscale 1.5 linewidth 2 dashlength 0.75 background rgb "white"
}
if (FORMAT eq "svg") {
    PC = 0.53
    PD = 0.85
    TICL = 0.3
    TICY = 0.45 * EM
    set terminal svg enhanced size 20 / EM,20 / EM * RATIO dynamic font sprintf("%s,%g", FONT, F) linewidth 1 dashlength 0.7 background rgb "white"
}
if (FORMAT eq "pdf") {
    PC = 0.42
    PD = 0.88
    TICL = 0.5
    TICY = 0.25 * EM
    set terminal pdfcairo enhanced size WIDTH_IN * 1in,WIDTH_IN * RATIO * 1in font sprintf("%s,%g", FONT, F) fontscale 0.3 linewidth 0.8 dashlength 0.75 background rgb "white"
}
if (GPVAL_ERRNO) {
    exit status 1
}

unset title
unset key
set border 3 linewidth 1.2 linecolor rgb INK
set tics nomirror out scale TICL textcolor rgb INK noenhanced
set xtics format "%g" offset 0, screen up(TICY)
set ytics format "%g" offset screen 0.006, 0
set grid back linetype 1 linecolor rgb INK_GRID linewidth 1

# Everything but the plot itself stands at screen coordinates, as the terminals
# lay out keys and axis labels differently. The svg terminal knows bold only as
# markup, which TITLE must not be.
set label 901 HEAD1 at screen MARGIN, 1 - up(0.5 * EM + 0.5 * LINE) left front noenhanced textcolor rgb INK font HEAD_F
set label 902 HEAD2 at screen MARGIN, 1 - up(0.5 * EM + 1.125 * LINE * lines(HEAD1) + 0.5 * LINE) left front noenhanced textcolor rgb INK_SOFT
set label 903 KEY_TITLE at screen MARGIN, 1 - up(KEY_Y - 0.5 * LINE) left front noenhanced textcolor rgb INK
do for [k = 1 : NK] {
    KS = word($key[k], 1)
    KC = int(word($key[k], 2))
    KP = int(word($key[k], 3))
    KD = int(word($key[k], 4))
    KM = int(word($key[k], 5))
    X0 = KEY_X[(k - 1) % KEY_COLUMNS + 1]
    X1 = X0 + 2.1 * EM
    XM = (X0 + X1) / 2
    Y0 = 1 - up(KEY_Y + KEY_LINE * ((k - 1) / KEY_COLUMNS + 0.5))
    YB = up(0.36 * EM)
    set label 1000 + k word($key[k], 6) at screen X1 + 0.45 * EM, Y0 left front noenhanced textcolor rgb INK
    if (KS eq "box") {
        if (KP == 3) {
            set object 1000 + k rectangle from screen X0, Y0 - YB to screen X1, Y0 + YB front fillcolor rgb KC fillstyle solid 1 border linecolor rgb INK linewidth 0.8
        } else {
            set object 1000 + k rectangle from screen X0, Y0 - YB to screen X1, Y0 + YB front fillcolor rgb KC fillstyle pattern KP border linecolor rgb INK linewidth 0.8
        }
    }
    if (KS eq "line" || KS eq "plain") {
        # gnuplot's svg does not part two lines that differ in dashes alone
        set arrow 1000 + k from screen X0, Y0 to screen X1, Y0 nohead front linewidth 2.8 + 0.01 * k dashtype KD linecolor rgb KC
    }
    if (KS eq "line") {
        set label 1100 + k "" at screen XM, Y0 point pointtype KM pointsize 0.9 * PC linewidth 1.5 linecolor rgb KC front
    }
    if (KS eq "dot") {
        set label 1100 + k "" at screen XM, Y0 point pointtype KM pointsize PC linewidth 1.5 linecolor rgb KC front
    }
    if (KS eq "measured") {
        set arrow 1000 + k from screen XM, Y0 - 1.2 * YB to screen XM, Y0 + 1.2 * YB nohead front linewidth 1.8 linecolor rgb ROLE_MEASURED
        set label 1100 + k "" at screen XM, Y0 point pointtype 7 pointsize 1.3 * PC linecolor rgb WHITE front
        set label 1200 + k "" at screen XM, Y0 point pointtype 7 pointsize PC linecolor rgb ROLE_MEASURED front
    }
    if (KS eq "claim") {
        set arrow 1000 + k from screen X0, Y0 to screen X1, Y0 nohead front linewidth 1.5 dashtype 2 linecolor rgb ROLE_PAPER
    }
    if (KS eq "paper" || KS eq "claim" || KS eq "derived") {
        set label 1100 + k "" at screen XM, Y0 point pointtype 13 pointsize PD linecolor rgb ROLE_PAPER front
        set label 1200 + k "" at screen XM, Y0 point pointtype 13 pointsize 0.58 * PD linecolor rgb (KS eq "derived" ? PAPER_DERIVED : WHITE) front
    }
    if (KS eq "inferred") {
        set label 1100 + k "" at screen XM, Y0 point pointtype 3 pointsize PD linewidth 2 linecolor rgb ROLE_PAPER front
    }
    if (KS eq "none") {
        set label 1100 + k "" at screen XM, Y0 point pointtype 2 pointsize 1.5 * PC linewidth 1.5 linecolor rgb INK_SOFT front
    }
}
# The usual axes, by eval: YTICS makes the y axis, from LOW to HIGH with tics at
# each YSTEP, and GX0 for their numbers; AXES places both axes between GX0,
# GX1, GY0 and GY1 and writes their names, XTITLE and YTITLE.
YTICS = "set yrange [LOW : HIGH]; eval \"set ytics (\" . tics(ceil(LOW / YSTEP), floor(HIGH / YSTEP), YSTEP) . \")\"; GX0 = MARGIN + (tics_w(ceil(LOW / YSTEP), floor(HIGH / YSTEP), YSTEP) + 0.9) * EM"
GX0 = MARGIN + 4.0 * EM
GX1 = 1 - 2 * MARGIN
GY0 = up(2.7 * LINE)
GY1 = TOP - up(1.3 * LINE)
AXES = "set lmargin at screen GX0; set rmargin at screen GX1; set bmargin at screen GY0; set tmargin at screen GY1; set label 1 XTITLE at screen (GX0 + GX1) / 2, up(0.75 * LINE) center noenhanced textcolor rgb INK; set label 2 YTITLE at screen MARGIN, TOP - up(0.6 * LINE) left noenhanced textcolor rgb INK"
# After the first panel of several.
UNSET_HEAD = "unset label 901; unset label 902; unset label 903; do for [k = 1 : NK] { unset label 1000 + k; unset label 1100 + k; unset label 1200 + k; unset arrow 1000 + k; unset object 1000 + k }"
