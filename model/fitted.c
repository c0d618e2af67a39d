/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/fitted.h"

#include <math.h>
#include <stdio.h>

#include "model/calibrate_curves.h"
#include "model/calibrate_json.h"

struct calibrate_row *fitted_add(struct fitted *k,
					   const char *name,
					   enum quantity quantity,
					   double value)
{
	return calibrate_curves_row(k->out, name, quantity, value);
}

void fitted_range(struct calibrate_row *row,
			    const struct fit_points *p, enum quantity of)
{
	row->of = of;
	row->samples = p->n;
	row->from = INFINITY;
	for (size_t i = 0; i < p->n; i++) {
		row->from = fmin(row->from, p->x[i]);
		row->to = fmax(row->to, p->x[i]);
	}
}

void fitted_set(struct fitted *k, const char *path,
			  double value, const char *confidence,
			  const struct calibrate_row *row, const char *more)
{
	char note[240], from[QUANTITY_SIZE], to[QUANTITY_SIZE];

	note[0] = '\0';
	if (row != NULL && row->samples > 0) {
		quantity_format(row->from, row->of, from);
		quantity_format(row->to, row->of, to);
		snprintf(note, sizeof note,
			 "%zu points from %s to %s: residual %.2g %% rms, "
			 "%.2g %% at worst.%s%s", row->samples, from, to,
			 100.0 * row->residual.rms,
			 100.0 * row->residual.worst, more[0] ? " " : "",
			 more);
	} else {
		snprintf(note, sizeof note, "%s", more);
	}
	calibrate_json_figure(k->out->profile, path,
			      calibrate_json_round(value), k->source,
			      confidence, note);
}

const double *fitted_value(const struct fitted *k,
				     const char *path)
{
	const cJSON *v = calibrate_json_value(k->out->profile, path);

	return cJSON_IsNumber(v) ? &v->valuedouble : NULL;
}
