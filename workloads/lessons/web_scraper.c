/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `web-scraper`: workers take pages of a web site from a queue, fetch them,
 * find their links, put new ones into the queue, and write rows into a database. Nearly all of it
 * is waiting, for the server and then for the database. The trace shows one thread that does
 * nothing but wait, page after page, in `sequential`; the same waits side by side in `threads` and
 * `thread-pool`; and in `event-loop` all of them on one thread, which is why such programs are
 * written that way. `hybrid` gives the little computing to a pool.
 *
 * The queue is a pipe with the numbers of pages: whoever waits for the next page waits for a
 * descriptor, and that every runtime can do.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/database_client.h"
#include "workloads/http_client.h"
#include "workloads/lessons/scraper_store.h"
#include "workloads/random.h"
#include "workloads/server.h"
#include "workloads/site.h"
#include "workloads/workload.h"

#define NO_MORE      UINT32_MAX /* in the queue: there will be no more pages */
#define LINK_TAG     "<a href=\"/site/"
#define PASS_STEPS   20 /* passes between ticks */
#define WORKER_LIMIT 500

enum option { OPTION_PAGES, OPTION_SERVICE_MS, OPTION_PASSES, OPTION_DATABASE_URL };

static const struct ilv_option options[] = {
	[OPTION_PAGES] = {"pages", "pages of the site", 40, 1, ILV_SITE_PAGE_MAX},
	[OPTION_SERVICE_MS] = {"service-ms", "how long the server takes for a page", 10, 0, 600000},
	[OPTION_PASSES] = {"passes", "how often a worker goes through a page", 100, 1, 1000000},
	[OPTION_DATABASE_URL] = {"database-url", "a server that is there (default: a private one)",
				 .kind = ILV_OPTION_KIND_TEXT, .value_name = "URL",
				 .is_secret = true},
	{0},
};

static const struct ilv_variant variants[] = {
	{"sequential", "sequential", "one page after another"},
	{"threads", "threads", "a thread a worker, blocked in its waits"},
	{"pool", "thread-pool", "workers are jobs of a pool's threads"},
	{"event-loop", "event-loop", "workers are tasks of one thread"},
	{"hybrid", "hybrid", "the same, and a pool goes through the pages"},
	{0},
};

struct scraper {
	struct ilv_server server;
	struct ilv_scraper_store store;
	uint64_t seed;
	uint32_t page_count;
	int64_t pass_count;
	int64_t worker_count;
	int queue[2];         /* a pipe; both ends do not block */
	struct ilv_lock lock; /* protects `seen` */
	unsigned char *seen;
	_Atomic int64_t open_count; /* pages in the queue or at work */
	_Atomic int64_t fetched_count;
	_Atomic int64_t link_count;
	atomic_bool is_ended; /* the ends are in the queue */
};

/* What a worker has of its own. */
struct worker {
	struct scraper *scraper;
	int queue_fd; /* a duplicate: a loop watches a descriptor for one task only */
	int http_fd;
	PGconn *connection;
	struct ilv_http_answer page;
};

/* Never has to wait: open_queue() saw to it that there is room for all pages and all ends. */
static void push(const struct scraper *scraper, uint32_t number)
{
	if (write(scraper->queue[1], &number, sizeof(number)) != sizeof(number)) {
		abort();
	}
}

/* Once, whoever is first: the worker that did the last page, or one that failed. */
static void push_end(struct scraper *scraper)
{
	if (atomic_exchange(&scraper->is_ended, true)) {
		return;
	}

	for (int64_t worker = 0; worker < scraper->worker_count; worker++) {
		push(scraper, NO_MORE);
	}
}

static enum ilv_status pop(const struct worker *worker, uint32_t *number)
{
	enum ilv_status status = ILV_STATUS_OK;

	/* Woken are all who wait; one gets it, and the others wait on. */
	while (status == ILV_STATUS_OK &&
	       read(worker->queue_fd, number, sizeof(*number)) != sizeof(*number)) {
		if (errno != EAGAIN && errno != EINTR) {
			ilv_cause_add("Cannot read the queue: errno=%d", errno);
			return ILV_STATUS_IO;
		}

		status = ilv_await_fd(worker->queue_fd, ILV_WAIT_REASON_READ);
	}

	return status;
}

/* Reads the links of a page: the last number of each address. */
static void find_links(const char *html, struct ilv_scraper_page *finding)
{
	const char *tag = html;

	while ((tag = strstr(tag, LINK_TAG)) != NULL && finding->link_count < ILV_SITE_LINK_MAX) {
		unsigned long long seed = 0;
		unsigned int page_count = 0;
		unsigned int number = 0;

		tag += strlen(LINK_TAG);
		if (sscanf(tag, "%llu/%u/%u\"", &seed, &page_count, &number) == 3) {
			finding->links[finding->link_count++] = number;
		}
	}
}

struct reading {
	const struct scraper *scraper;
	const char *html;
	size_t length;
	struct ilv_scraper_page *finding;
};

/* Goes through a page; for a pool, where the runtime has one. */
static enum ilv_status read_page(void *argument, struct ilv_result *result)
{
	const struct reading *reading = argument;
	struct ilv_scraper_page *finding = reading->finding;
	enum ilv_status status = ILV_STATUS_OK;

	(void)result;
	finding->digest = ILV_CHECKSUM_EMPTY;
	for (int64_t pass = 0; pass < reading->scraper->pass_count && status == ILV_STATUS_OK;
	     pass++) {
		finding->digest =
			ilv_checksum_add_bytes(finding->digest, reading->html, reading->length);
		if (pass % PASS_STEPS == 0) {
			status = ilv_tick();
		}
	}

	find_links(reading->html, finding);

	return status;
}

static enum ilv_status fetch(struct worker *worker, struct ilv_scraper_page *finding)
{
	const struct scraper *scraper = worker->scraper;
	struct reading reading = {.scraper = scraper, .finding = finding};
	char path[64];
	struct ilv_result nothing = {0};
	enum ilv_status status = ILV_STATUS_OK;

	(void)snprintf(path, sizeof(path), "/site/%" PRIu64 "/%" PRIu32 "/%" PRIu32, scraper->seed,
		       scraper->page_count, finding->number);
	status = ilv_http_get(worker->http_fd, path, true, &worker->page);
	if (status == ILV_STATUS_OK) {
		reading.html = worker->page.body;
		reading.length = worker->page.body_length;
		status = ilv_run_in_pool(read_page, &reading, &nothing);
		ilv_result_fini(&nothing);
	}

	return status;
}

/* Puts the links that nobody has seen yet into the queue. */
static enum ilv_status follow_links(struct scraper *scraper, const struct ilv_scraper_page *finding)
{
	enum ilv_status status = ilv_lock_acquire(&scraper->lock);

	if (status < 0) {
		return status;
	}

	for (size_t index = 0; index < finding->link_count; index++) {
		const uint32_t number = finding->links[index];

		if (number >= scraper->page_count) {
			ilv_cause_add("page %" PRIu32 " links to page %" PRIu32 " of %" PRIu32,
				      finding->number, number, scraper->page_count);
			status = ILV_STATUS_ERROR;
			break;
		}

		if (!scraper->seen[number]) {
			scraper->seen[number] = 1;
			(void)atomic_fetch_add(&scraper->open_count, 1);
			push(scraper, number);
		}
	}
	ilv_lock_release(&scraper->lock);

	return status;
}

static enum ilv_status scrape(struct worker *worker, uint32_t number)
{
	struct scraper *scraper = worker->scraper;
	struct ilv_scraper_page finding = {.number = number};
	enum ilv_status status = fetch(worker, &finding);

	if (status == ILV_STATUS_OK) {
		status = follow_links(scraper, &finding);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_scraper_store_page(&scraper->store, worker->connection, &finding);
	}

	if (status == ILV_STATUS_OK) {
		(void)atomic_fetch_add(&scraper->fetched_count, 1);
		(void)atomic_fetch_add(&scraper->link_count, (int64_t)finding.link_count);
		if (atomic_fetch_sub(&scraper->open_count, 1) == 1) {
			push_end(scraper);
		}
	}

	return status;
}

static enum ilv_status work(struct worker *worker)
{
	uint32_t number = 0;
	enum ilv_status status = ilv_http_connect(worker->scraper->server.port, &worker->http_fd);

	if (status == ILV_STATUS_OK) {
		status = ilv_database_connect(worker->scraper->store.database.url, ilv_await_fd_for,
					      &worker->connection);
	}

	if (status == ILV_STATUS_OK) {
		status = pop(worker, &number);
	}

	while (status == ILV_STATUS_OK && number != NO_MORE) {
		status = scrape(worker, number);
		if (status == ILV_STATUS_OK) {
			status = pop(worker, &number);
		}
	}

	return status;
}

static void close_if_open(int fd)
{
	if (fd >= 0) {
		(void)close(fd);
	}
}

static enum ilv_status worker_job(void *argument, struct ilv_result *result)
{
	struct scraper *scraper = argument;
	struct worker worker = {
		.scraper = scraper,
		.queue_fd = fcntl(scraper->queue[0], F_DUPFD_CLOEXEC, 0),
		.http_fd = -1,
	};
	enum ilv_status status = ILV_STATUS_IO;

	(void)result; /* It is in the database. */
	if (worker.queue_fd < 0) {
		ilv_cause_add("Cannot duplicate a descriptor: errno=%d", errno);
	} else {
		status = work(&worker);
	}

	if (status < 0) {
		push_end(scraper); /* Its page will never be done: nobody is to wait for that. */
	}

	PQfinish(worker.connection);
	ilv_http_answer_fini(&worker.page);
	close_if_open(worker.http_fd);
	close_if_open(worker.queue_fd);

	return status;
}

static enum ilv_status open_queue(struct scraper *scraper)
{
	const int64_t byte_count =
		(scraper->page_count + scraper->worker_count) * (int64_t)sizeof(uint32_t);

	if (pipe2(scraper->queue, O_CLOEXEC | O_NONBLOCK) != 0) {
		ilv_cause_add("Cannot make a queue: errno=%d", errno);
		return ILV_STATUS_IO;
	}

	/* A user who has very many pipes gets small ones. */
	if (fcntl(scraper->queue[1], F_GETPIPE_SZ) < byte_count &&
	    fcntl(scraper->queue[1], F_SETPIPE_SZ, (int)byte_count) < byte_count) {
		ilv_cause_add("Cannot make a queue: a pipe for %" PRId64
			      " bytes is refused (fs.pipe-user-pages-soft)",
			      byte_count);
		return ILV_STATUS_IO;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	struct scraper *scraper = run->state;
	enum ilv_status status = ILV_STATUS_OK;

	scraper->queue[0] = -1;
	scraper->queue[1] = -1;
	scraper->seed = (uint64_t)run->seed;
	scraper->page_count = (uint32_t)run->values[OPTION_PAGES];
	scraper->pass_count = run->values[OPTION_PASSES];
	scraper->worker_count = run->job_count;
	scraper->seen = calloc(scraper->page_count, 1);
	if (!scraper->seen) {
		ilv_cause_add("Cannot remember pages: count=%" PRIu32, scraper->page_count);
		return ILV_STATUS_MEMORY;
	}

	status = open_queue(scraper);
	if (status == ILV_STATUS_OK) {
		status = ilv_scraper_store_open(&scraper->store, run->texts[OPTION_DATABASE_URL],
						run->job_count);
	}

	return status == ILV_STATUS_OK
		       ? ilv_server_start(run->values[OPTION_SERVICE_MS], &scraper->server)
		       : status;
}

/* Holds what the workers did, and what the database has, against what the site is made of. */
static enum ilv_status conclude(struct ilv_run *run, struct scraper *scraper)
{
	const int64_t fetched_count = atomic_load(&scraper->fetched_count);
	const int64_t found_count = atomic_load(&scraper->link_count);
	int64_t site_link_count = 0;
	int64_t page_rows = 0;
	int64_t link_rows = 0;
	uint32_t links[ILV_SITE_LINK_MAX];
	enum ilv_status status = ilv_scraper_store_count(&scraper->store, "page", &page_rows);

	if (status == ILV_STATUS_OK) {
		status = ilv_scraper_store_count(&scraper->store, "link", &link_rows);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_scraper_store_sum(&scraper->store, &run->checksum);
	}

	if (status < 0) {
		return status;
	}

	for (uint32_t page = 0; page < scraper->page_count; page++) {
		site_link_count +=
			(int64_t)ilv_site_links(scraper->seed, scraper->page_count, page, links);
	}

	run->has_checksum = true;
	ilv_run_count(run, "site_page_count", scraper->page_count);
	ilv_run_count(run, "site_link_count", site_link_count);
	ilv_run_count(run, "fetched_page_count", fetched_count);
	ilv_run_count(run, "found_link_count", found_count);
	ilv_run_count(run, "page_row_count", page_rows);
	ilv_run_count(run, "link_row_count", link_rows);
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%" PRId64 " %s: %" PRId64 " %s fetched, %" PRId64
		       " %s found; the database has %" PRId64 " %s and %" PRId64 " %s",
		       scraper->worker_count,
		       ilv_plural(scraper->worker_count, "worker", "workers"), fetched_count,
		       ilv_plural(fetched_count, "page", "pages"), found_count,
		       ilv_plural(found_count, "link", "links"), page_rows,
		       ilv_plural(page_rows, "page", "pages"), link_rows,
		       ilv_plural(link_rows, "link", "links"));
	if (fetched_count != scraper->page_count || page_rows != fetched_count ||
	    found_count != site_link_count || link_rows != found_count) {
		ilv_cause_add("the site has %" PRIu32 " %s and %" PRId64
			      " %s, and not all of them arrived",
			      scraper->page_count, ilv_plural(scraper->page_count, "page", "pages"),
			      site_link_count, ilv_plural(site_link_count, "link", "links"));
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status run(struct ilv_run *run)
{
	struct scraper *scraper = run->state;
	enum ilv_status status = ilv_lock_init(&scraper->lock, "seen pages");

	if (status < 0) {
		return status;
	}

	scraper->seen[0] = 1;
	atomic_store(&scraper->open_count, 1);
	push(scraper, 0);
	status = ilv_run_jobs(run, worker_job, scraper, 0);
	run->has_checksum = false; /* It is of what is in the database. */
	ilv_lock_fini(&scraper->lock);

	return status == ILV_STATUS_OK ? conclude(run, scraper) : status;
}

static void cleanup(struct ilv_run *run)
{
	struct scraper *scraper = run->state;

	ilv_scraper_store_close(&scraper->store);
	ilv_server_stop(&scraper->server);
	close_if_open(scraper->queue[0]);
	close_if_open(scraper->queue[1]);
	free(scraper->seen);
}

const struct ilv_workload ilv_workload_web_scraper = {
	.name = "web-scraper",
	.description = "fetches pages, follows links, fills a database: waits, twice a page",
	.shows = "Nearly all of it is waiting. One page after another, the waits add up to a long "
		 "line; with threads, or tasks on one loop, they lie side by side, and the same "
		 "pages take a fraction of the time.",
	.job_noun = "workers",
	.default_job_count = 6,
	.max_job_count = WORKER_LIMIT,
	.options = options,
	.variants = variants,
	.state_size = sizeof(struct scraper),
	.prepare = prepare,
	.run = run,
	.cleanup = cleanup,
};
