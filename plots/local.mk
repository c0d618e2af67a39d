noinst_LIBRARIES += libplots.a
libplots_a_SOURCES = %D%/gnuplot.c %D%/gnuplot.h
EMBEDDED += %D%/style.gp %D%/split.gp %D%/gantt.gp %D%/calibration.gp \
	%D%/sweeps.gp %D%/validation.gp %D%/bars.gp %D%/lines.gp %D%/band.gp
