/* SPDX-License-Identifier: MIT */
/* Description: shows one recording in one way. */
#include "cli/show.h"

#include "cli/exit.h"
#include "cli/folder.h"
#include "cli/message.h"
#include "cli/signals.h"

int ilv_show_recording(const char *path, unsigned long run_number,
		       const struct ilv_product *product)
{
	const struct ilv_text_style style = ilv_style_of_stdout(path);
	const uint32_t run_index = run_number ? (uint32_t)run_number - 1 : ILV_ALL_RUNS;
	struct ilv_view_facts facts;
	enum ilv_status status = ilv_recording_check(path);

	if (status == ILV_STATUS_OK) {
		ilv_signals_note();
		status = ilv_view_recording(path, run_index, &style, product, 1, &facts);
	}
	if (status != ILV_STATUS_OK) {
		return ilv_exit_failed(status);
	}

	return ilv_view_exit(&facts, path);
}
