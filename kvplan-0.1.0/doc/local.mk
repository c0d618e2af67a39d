dist_man_MANS += %D%/kvplan.1

EXTRA_DIST += \
	%D%/ARCHITECTURE.md \
	%D%/FORMATS.md \
	%D%/SWEEPS.md \
	%D%/VALIDATION.md \
	%D%/gantt.png \
	%D%/gain.png \
	%D%/map.png \
	%D%/split.png
