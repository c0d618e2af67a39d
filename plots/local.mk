noinst_LIBRARIES += libplots.a
libplots_a_SOURCES = \
	%D%/contour.c %D%/contour.h \
	%D%/gnuplot.c %D%/gnuplot.h \
	%D%/label.c %D%/label.h \
	%D%/palette.c %D%/palette.h
EMBEDDED += %D%/style.gp %D%/split.gp %D%/gantt.gp %D%/calibration.gp \
	%D%/sweeps.gp %D%/validation.gp %D%/grid.gp %D%/line.gp \
	%D%/pareto.gp %D%/tornado.gp %D%/panels.gp \
	%D%/band.gp
