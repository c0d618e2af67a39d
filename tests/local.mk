# A unit test is one file, test_MODULE.c, and one line below; it links with
# everything but the command line.
if HAVE_CHECK
noinst_LIBRARIES += libharness.a
endif
libharness_a_SOURCES = %D%/harness.c %D%/harness.h
libharness_a_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)

AM_CPPFLAGS += $(CHECK_CFLAGS)
LDADD = libharness.a liblp.a libsim.a libtraces.a libplots.a libschedule.a \
	libmodel.a libbase.a $(GLPK_LIBS) $(GSL_LIBS) $(CJSON_LIBS) \
	$(CHECK_LIBS)
