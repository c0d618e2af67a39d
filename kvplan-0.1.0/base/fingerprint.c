/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/fingerprint.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

void fingerprint_text(const char *text, char out[FINGERPRINT_SIZE])
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);	/* offset basis */

	for (; *text != '\0'; text++) {
		hash ^= (unsigned char)*text;
		hash *= UINT64_C(0x100000001b3);	/* FNV prime */
	}
	snprintf(out, FINGERPRINT_SIZE, "%016" PRIx64, hash);
}
