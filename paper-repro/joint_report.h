/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * joint_report.h - the headlines in short: which are reproduced, and one set
 * of assumptions for all of them (joint.h).
 */
#ifndef REPRODUCE_JOINT_REPORT_H
#define REPRODUCE_JOINT_REPORT_H

#include <stdio.h>

#include "base/table.h"
#include "paper-repro/joint.h"

/** Which headlines are reproduced and which not, and why: a paragraph and a
 * list, as HTML. */
void reproduce_joint_report_lead(const struct reproduction *r, size_t n,
				 FILE *out);

/** The joint sets, of those as the paper describes it and of all: HTML. */
void reproduce_joint_report_html(const struct reproduction *r, size_t n,
				 FILE *out);

/** A row for each number in each of the two; the caller frees. */
struct table *reproduce_joint_report_table(const struct reproduction *r,
					   size_t n);

/** The headlines as a table in Markdown: doc/VALIDATION.md has it. */
void reproduce_joint_report_markdown(const struct reproduction *r, size_t n,
				     FILE *out);

#endif
