/* SPDX-License-Identifier: MIT */
/*
 * Description: why something failed, in words, as a chain: each layer that passes a failure on may
 * add what it was doing. The program prints the chain once, outermost first.
 */
#ifndef ILV_BASE_CAUSE_H
#define ILV_BASE_CAUSE_H

/*
 * Adds a cause to the calling thread's chain. Form: `Cannot <verb> <thing>: key=value, key="text"`,
 * with no newline. A chain is bounded: what does not fit is dropped, innermost causes are kept;
 * what it says already is not said again.
 *
 * Thread-safe: each thread has a chain of its own.
 */
void ilv_cause_add(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Returns the calling thread's chain, outermost cause first, parts separated by ": " - one
 * line, control characters replaced. The empty string when nothing was added. Borrowed: valid until
 * the next call of this module in the same thread.
 */
const char *ilv_cause_text(void);

/* Forgets the calling thread's chain. */
void ilv_cause_clear(void);

#endif /* ILV_BASE_CAUSE_H */
