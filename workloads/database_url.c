/* SPDX-License-Identifier: MIT */
/*
 * Description: looks at a connection URI before anybody connects. In a URI a password's special
 * characters must be written as %XX: where one is not, a part of the password is taken for a host
 * or a port, and libpq, which knows no better, would show it in its complaint.
 */
#include "workloads/database_url.h"

#include <stdbool.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/cause.h"

/* How long the part of libpq's words is that quotes nothing but names of options. */
static int harmless_length(const char *words)
{
	static const char *const quotes[] = {": \"", " after \""};
	size_t length = strcspn(words, "\n");

	for (size_t index = 0; index < sizeof(quotes) / sizeof(quotes[0]); index++) {
		const char *quote = strstr(words, quotes[index]);

		if (quote && (size_t)(quote - words) < length) {
			length = (size_t)(quote - words);
		}
	}

	return (int)length;
}

static const char *find(const PQconninfoOption *options, const char *keyword)
{
	while (options->keyword && strcmp(options->keyword, keyword) != 0) {
		options++;
	}

	return options->val ? options->val : "";
}

/* Whether what libpq takes for hosts and ports can be that; each may be a list. */
static bool are_places(const PQconninfoOption *options)
{
	const char *host = find(options, "host");
	const char *port = find(options, "port");

	/* Sockets without a file begin with an @. */
	for (const char *at = strchr(host, '@'); at; at = strchr(at + 1, '@')) {
		if (at > host && at[-1] != ',') {
			return false;
		}
	}

	return port[strspn(port, "0123456789, ")] == '\0';
}

enum ilv_status ilv_database_url_check(const char *url, size_t size)
{
	static const char takes[] = "--database-url takes what libpq calls a connection URI, such "
				    "as postgresql://user@host/name";
	char *error = NULL;
	PQconninfoOption *parsed = PQconninfoParse(url, &error);
	enum ilv_status status = ILV_STATUS_USAGE;

	if (!parsed) {
		ilv_cause_add("%s: %.*s", takes, error ? harmless_length(error) : 0,
			      error ? error : "");
	} else if (strlen(url) >= size) {
		ilv_cause_add("%s: this one is too long", takes);
	} else if (!are_places(parsed)) {
		ilv_cause_add("%s: its host or port is none; in a password, @ is written %%40 and "
			      "/ is written %%2F",
			      takes);
	} else {
		status = ILV_STATUS_OK;
	}

	PQconninfoFree(parsed);
	PQfreemem(error);

	return status;
}
