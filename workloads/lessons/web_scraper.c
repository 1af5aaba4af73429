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
#include "workloads/database.h"
#include "workloads/database_client.h"
#include "workloads/http_client.h"
#include "workloads/random.h"
#include "workloads/server.h"
#include "workloads/site.h"
#include "workloads/workload.h"

#define NO_MORE      UINT32_MAX /* in the queue: there will be no more pages */
#define SCHEMA_SIZE  40
#define SQL_SIZE     512
#define ARRAY_SIZE   128 /* room for the links of a page */
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
	struct ilv_database database;
	PGconn *owner; /* the main thread's connection: makes, counts and removes the tables */
	char schema[SCHEMA_SIZE];
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

/* A page as a worker found it. */
struct finding {
	uint32_t number;
	uint64_t digest; /* of all passes, so that none can be left out unseen */
	uint32_t links[ILV_SITE_LINK_MAX];
	size_t link_count;
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
static void find_links(const char *html, struct finding *finding)
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
	struct finding *finding;
};

/* Goes through a page; for a pool, where the runtime has one. */
static enum ilv_status read_page(void *argument, struct ilv_result *result)
{
	const struct reading *reading = argument;
	struct finding *finding = reading->finding;
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

static enum ilv_status fetch(struct worker *worker, struct finding *finding)
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
static enum ilv_status follow_links(struct scraper *scraper, const struct finding *finding)
{
	enum ilv_status status = ILV_STATUS_OK;

	ilv_lock_acquire(&scraper->lock);
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

static enum ilv_status store(const struct worker *worker, const struct finding *finding)
{
	char number[24];
	char digest[24];
	char links[ARRAY_SIZE];
	char sql[SQL_SIZE];
	const char *const parameters[] = {number, digest, links};
	size_t length = 1;

	(void)snprintf(number, sizeof(number), "%" PRIu32, finding->number);
	(void)snprintf(digest, sizeof(digest), "%016" PRIx64, finding->digest);
	links[0] = '{';
	for (size_t index = 0; index < finding->link_count; index++) {
		length += (size_t)snprintf(links + length, sizeof(links) - length, "%s%" PRIu32,
					   index > 0 ? "," : "", finding->links[index]);
	}

	memcpy(links + length, "}", 2);
	/* One statement is one transaction: a page is there with its links, or not at all. */
	(void)snprintf(sql, sizeof(sql),
		       "WITH page AS (INSERT INTO %s.page VALUES ($1::bigint, $2::text) RETURNING "
		       "number) INSERT INTO %s.link SELECT page.number, target FROM page, "
		       "unnest($3::bigint[]) AS target",
		       worker->scraper->schema, worker->scraper->schema);

	return ilv_database_query(worker->connection, sql, 3, parameters, NULL);
}

static enum ilv_status scrape(struct worker *worker, uint32_t number)
{
	struct scraper *scraper = worker->scraper;
	struct finding finding = {.number = number};
	enum ilv_status status = fetch(worker, &finding);

	if (status == ILV_STATUS_OK) {
		status = follow_links(scraper, &finding);
	}

	if (status == ILV_STATUS_OK) {
		status = store(worker, &finding);
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
		status = ilv_database_connect(worker->scraper->database.url, &worker->connection);
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
	struct scraper *scraper = *(struct scraper **)argument;
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

/* Does `sql` on the main thread's connection, which may block: no job runs then. */
static enum ilv_status own(struct scraper *scraper, const char *sql, PGresult **answer)
{
	PGresult *done = PQexec(scraper->owner, sql);
	enum ilv_status status = ILV_STATUS_OK;

	if (PQresultStatus(done) != PGRES_COMMAND_OK && PQresultStatus(done) != PGRES_TUPLES_OK) {
		ilv_cause_add("the database refused a query: %s", PQerrorMessage(scraper->owner));
		status = ILV_STATUS_ERROR;
	}

	if (status == ILV_STATUS_OK && answer) {
		*answer = done;
	} else {
		PQclear(done);
	}

	return status;
}

/*
 * Makes the tables, in a schema of this run's own. A lock in the database says that it is in use;
 * schemas of runs that were killed have none any more, and are removed.
 */
static enum ilv_status make_tables(struct scraper *scraper)
{
	char sql[4 * SQL_SIZE];
	enum ilv_status status = ILV_STATUS_OK;

	scraper->owner = PQconnectdb(scraper->database.url);
	if (PQstatus(scraper->owner) != CONNECTION_OK) {
		ilv_cause_add("Cannot connect to the database: %s", PQerrorMessage(scraper->owner));
		return ILV_STATUS_IO;
	}

	(void)snprintf(scraper->schema, sizeof(scraper->schema), "interleave_scraper_%d",
		       PQbackendPID(scraper->owner));
	(void)snprintf(
		sql, sizeof(sql),
		"SET client_min_messages = error; "
		"DO $$ DECLARE ruin text; BEGIN FOR ruin IN SELECT nspname FROM pg_namespace WHERE "
		"starts_with(nspname::text, 'interleave_scraper_') LOOP IF "
		"pg_try_advisory_lock(hashtext(ruin)) THEN EXECUTE format('DROP SCHEMA %%I "
		"CASCADE', ruin); PERFORM pg_advisory_unlock(hashtext(ruin)); END IF; END LOOP; "
		"END $$; "
		"SELECT pg_advisory_lock(hashtext('%s')); "
		"CREATE SCHEMA %s; "
		"CREATE TABLE %s.page (number bigint PRIMARY KEY, digest text NOT NULL); "
		"CREATE TABLE %s.link (source bigint NOT NULL, target bigint NOT NULL)",
		scraper->schema, scraper->schema, scraper->schema, scraper->schema);
	status = own(scraper, sql, NULL);
	if (status < 0) {
		scraper->schema[0] = '\0';
	}

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
	struct scraper *scraper = calloc(1, sizeof(*scraper));
	enum ilv_status status = ILV_STATUS_OK;

	if (!scraper) {
		ilv_cause_add("Cannot prepare a scraper");
		return ILV_STATUS_MEMORY;
	}

	run->state = scraper;
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
		status = ilv_database_start(run->texts[OPTION_DATABASE_URL], run->job_count + 1,
					    &scraper->database);
	}

	if (status == ILV_STATUS_OK) {
		status = make_tables(scraper);
	}

	return status == ILV_STATUS_OK
		       ? ilv_server_start(run->values[OPTION_SERVICE_MS], &scraper->server)
		       : status;
}

/* Counts the rows of `table`. */
static enum ilv_status count_rows(struct scraper *scraper, const char *table, int64_t *row_count)
{
	char sql[SQL_SIZE];
	PGresult *answer = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s.%s", scraper->schema, table);
	status = own(scraper, sql, &answer);
	if (status == ILV_STATUS_OK) {
		*row_count = strtoll(PQgetvalue(answer, 0, 0), NULL, 10);
	}

	PQclear(answer);

	return status;
}

/* What is in the database, in an order that does not depend on who was first. */
static enum ilv_status sum_rows(struct scraper *scraper, uint64_t *checksum)
{
	char sql[SQL_SIZE];
	PGresult *answer = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	(void)snprintf(
		sql, sizeof(sql),
		"SELECT number || ' ' || digest || ' ' || coalesce(string_agg(target::text, "
		"',' ORDER BY target), '') FROM %s.page LEFT JOIN %s.link ON source = number "
		"GROUP BY number ORDER BY number",
		scraper->schema, scraper->schema);
	status = own(scraper, sql, &answer);
	*checksum = ILV_CHECKSUM_EMPTY;
	for (int row = 0; status == ILV_STATUS_OK && row < PQntuples(answer); row++) {
		*checksum = ilv_checksum_add_bytes(*checksum, PQgetvalue(answer, row, 0),
						   (size_t)PQgetlength(answer, row, 0));
	}

	PQclear(answer);

	return status;
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
	enum ilv_status status = count_rows(scraper, "page", &page_rows);

	if (status == ILV_STATUS_OK) {
		status = count_rows(scraper, "link", &link_rows);
	}

	if (status == ILV_STATUS_OK) {
		status = sum_rows(scraper, &run->checksum);
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
		       "%" PRId64 " workers: %" PRId64 " pages fetched, %" PRId64
		       " links found; the database has %" PRId64 " pages and %" PRId64 " links",
		       scraper->worker_count, fetched_count, found_count, page_rows, link_rows);
	if (fetched_count != scraper->page_count || page_rows != fetched_count ||
	    found_count != site_link_count || link_rows != found_count) {
		ilv_cause_add("the site has %" PRIu32 " pages and %" PRId64
			      " links, and not all of them arrived",
			      scraper->page_count, site_link_count);
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status run(struct ilv_run *run)
{
	struct scraper *scraper = run->state;
	struct scraper **arguments = calloc((size_t)run->job_count, sizeof(struct scraper *));
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (!arguments) {
		ilv_cause_add("Cannot plan workers: count=%lld", (long long)run->job_count);
		goto end;
	}

	for (int64_t index = 0; index < run->job_count; index++) {
		arguments[index] = scraper;
	}

	status = ilv_lock_init(&scraper->lock, "seen pages");
	if (status < 0) {
		goto end;
	}

	scraper->seen[0] = 1;
	atomic_store(&scraper->open_count, 1);
	push(scraper, 0);
	status = ilv_run_jobs(run, worker_job, arguments, sizeof(struct scraper *));
	run->has_checksum = false; /* It is of what is in the database. */
	ilv_lock_fini(&scraper->lock);
	if (status == ILV_STATUS_OK) {
		status = conclude(run, scraper);
	}

end:
	free(arguments);

	return status;
}

static void cleanup(struct ilv_run *run)
{
	struct scraper *scraper = run->state;
	char sql[SQL_SIZE];

	if (!scraper) {
		return;
	}

	/* A private server's tables go with it. */
	if (scraper->schema[0] && scraper->database.keeper_pid == 0) {
		(void)snprintf(sql, sizeof(sql), "DROP SCHEMA %s CASCADE", scraper->schema);
		(void)own(scraper, sql, NULL);
	}

	PQfinish(scraper->owner);
	ilv_database_stop(&scraper->database);
	ilv_server_stop(&scraper->server);
	close_if_open(scraper->queue[0]);
	close_if_open(scraper->queue[1]);
	free(scraper->seen);
	free(scraper);
	run->state = NULL;
}

const struct ilv_workload ilv_workload_web_scraper = {
	.name = "web-scraper",
	.description = "fetches pages, follows links, fills a database: waits, twice a page",
	.job_noun = "workers",
	.default_job_count = 6,
	.max_job_count = WORKER_LIMIT,
	.options = options,
	.variants = variants,
	.prepare = prepare,
	.run = run,
	.cleanup = cleanup,
};
