/* SPDX-License-Identifier: MIT */
/* Description: what libbabeltrace2 says of an error of its own, made fit for people. */
#ifndef ILV_ANALYSIS_DECODE_TROUBLE_H
#define ILV_ANALYSIS_DECODE_TROUBLE_H

#include <stddef.h>

/*
 * Takes the calling thread's error of libbabeltrace2, if there is one, and writes the innermost
 * reason, without the addresses of its objects, into `text`. Without an error the text is
 * "libbabeltrace2 does not say why".
 */
void ilv_trouble_take(char *text, size_t size);

#endif /* ILV_ANALYSIS_DECODE_TROUBLE_H */
