/* SPDX-License-Identifier: MIT */
/* Description: picks the innermost cause, which names the file and the fault. */
#include "analysis/decode/trouble.h"

#include <babeltrace2/babeltrace.h>
#include <stdio.h>
#include <string.h>

/* Messages end in `: name-addr=0x..., ...`: objects in memory, of no use to whoever reads this. */
static size_t length_without_addresses(const char *message)
{
	const char *address = strstr(message, "-addr=");

	if (!address) {
		return strlen(message);
	}

	while (address > message && *address != ':') {
		address--;
	}

	return address > message ? (size_t)(address - message) : strlen(message);
}

/* What libbabeltrace2 says, where that alone does not help: how it begins, and what it comes from.
 */
static const struct {
	const char *beginning, *addition;
} additions[] = {
	{"Cannot create trace for", ", for its metadata cannot be understood"},
	{"Failed to index CTF stream file", ", for what its packets say does not match the file"},
};

void ilv_trouble_take(char *text, size_t size)
{
	const bt_error *error = bt_current_thread_take_error();
	const char *message = "libbabeltrace2 does not say why";
	const char *addition = "";
	size_t length = 0;

	if (error && bt_error_get_cause_count(error) > 0) {
		message = bt_error_cause_get_message(bt_error_borrow_cause_by_index(error, 0));
	}

	length = length_without_addresses(message);
	while (length > 0 && strchr(" .\n", message[length - 1])) {
		length--;
	}

	for (size_t index = 0; index < sizeof(additions) / sizeof(additions[0]); index++) {
		if (strncmp(message, additions[index].beginning,
			    strlen(additions[index].beginning)) == 0) {
			addition = additions[index].addition;
		}
	}

	(void)snprintf(text, size, "%.*s%s", (int)length, message, addition);
	if (error) {
		bt_error_release(error);
	}
}
