/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <stddef.h>

/* Bytes of the UTF-8 character that `lead` begins; 0: none begins so. */
static size_t length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

static size_t valid_length(const unsigned char *at)
{
	size_t n = length(at[0]);

	for (size_t i = 1; i < n; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* forms that are longer than need be, surrogates, past U+10FFFF */
	if ((at[0] == 0xe0 && at[1] < 0xa0) ||
	    (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) ||
	    (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return n;
}

void text_clean(char *text)
{
	unsigned char *at = (unsigned char *)text;

	while (*at != '\0') {
		size_t n = valid_length(at);

		if (n == 0) {
			*at = '?';
			n = 1;
		} else if (*at < ' ' || *at == 0x7f) {
			*at = ' ';
		}
		at += n;
	}
}
