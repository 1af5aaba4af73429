/* SPDX-License-Identifier: MIT */
/* Description: hidden files, renames and copies. */
#include "analysis/guard_output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cause.h"

#define COPY_SIZE 65536

static enum ilv_status cannot_write(const char *path, int error)
{
	if (path) {
		ilv_cause_add("Cannot write output: path=\"%s\", error=\"%s\"", path,
			      strerror(error));
	} else {
		ilv_cause_add("Cannot write to standard output: error=\"%s\"", strerror(error));
	}

	return ILV_STATUS_IO;
}

/* A file without a name: on disk where that is possible, for it may be large, else in memory. */
static int open_nameless(void)
{
	const char *folder = getenv("TMPDIR");
	int fd = open(folder && folder[0] ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : memfd_create("ilv-output", MFD_CLOEXEC);
}

enum ilv_status ilv_guard_file_create(struct ilv_guard_file *file, const char *path)
{
	struct stat info;
	int exists = 0;

	*file = (struct ilv_guard_file){.path = path, .fd = -1};
	if (path) {
		exists = stat(path, &info) == 0;
		if (exists && S_ISDIR(info.st_mode)) {
			return cannot_write(path, EISDIR);
		}

		/* A link stays one: what it points to is replaced. */
		file->target_path =
			exists && S_ISREG(info.st_mode) ? realpath(path, NULL) : strdup(path);
		if (!file->target_path) {
			return cannot_write(path, errno);
		}
	}

	if (path && (!exists || S_ISREG(info.st_mode))) {
		if (exists && access(path, W_OK) != 0) {
			return cannot_write(path, errno);
		}

		if (asprintf(&file->hidden_path, "%s.tmp-%d", file->target_path, (int)getpid()) <
		    0) {
			file->hidden_path = NULL;
			return cannot_write(path, ENOMEM);
		}

		file->fd = open(file->hidden_path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666);
		if (file->fd < 0 && errno == EEXIST) {
			/* From a process that had our number and was killed. */
			(void)unlink(file->hidden_path);
			file->fd = open(file->hidden_path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC,
					0666);
		}
	} else {
		file->fd = open_nameless();
	}

	if (file->fd < 0) {
		int error = errno;

		free(file->hidden_path);
		file->hidden_path = NULL;
		return cannot_write(path, error);
	}

	file->is_open = 1;
	return ILV_STATUS_OK;
}

enum ilv_status ilv_guard_file_open_stream(struct ilv_guard_file *file, FILE **stream)
{
	int fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);

	*stream = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!*stream) {
		int error = errno;

		if (fd >= 0) {
			close(fd);
		}

		return cannot_write(file->path, error);
	}

	return ILV_STATUS_OK;
}

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0 && errno != EINTR) {
			return -1;
		}

		if (written > 0) {
			bytes += written;
			size -= (size_t)written;
		}
	}

	return 0;
}

/* Copies the nameless file to where it was wanted. */
static enum ilv_status copy(const struct ilv_guard_file *file)
{
	enum ilv_status status = ILV_STATUS_OK;
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction saved;
	char *bytes = malloc(COPY_SIZE);
	ssize_t size = 0;
	off_t at = 0;
	int fd = file->path ? open(file->target_path, O_WRONLY | O_CLOEXEC) : STDOUT_FILENO;

	/* A reader that left is an ordinary failure to write. */
	(void)sigaction(SIGPIPE, &ignore, &saved);
	if (fd < 0 || !bytes) {
		status = cannot_write(file->path, errno);
		goto end;
	}

	while ((size = pread(file->fd, bytes, COPY_SIZE, at)) > 0) {
		at += size;
		if (write_all(fd, bytes, (size_t)size) != 0) {
			status = cannot_write(file->path, errno);
			goto end;
		}
	}

	if (size < 0) {
		status = cannot_write(file->path, errno);
	}

end:
	if (file->path && fd >= 0 && close(fd) != 0 && status == ILV_STATUS_OK) {
		status = cannot_write(file->path, errno);
	}

	(void)sigaction(SIGPIPE, &saved, NULL);
	free(bytes);
	return status;
}

enum ilv_status ilv_guard_file_place(struct ilv_guard_file *file)
{
	if (!file->hidden_path) {
		return copy(file);
	}

	if (rename(file->hidden_path, file->target_path) != 0) {
		return cannot_write(file->path, errno);
	}

	free(file->hidden_path);
	file->hidden_path = NULL;
	return ILV_STATUS_OK;
}

void ilv_guard_file_discard(struct ilv_guard_file *file)
{
	if (file->hidden_path) {
		(void)unlink(file->hidden_path);
	}

	if (file->is_open) {
		close(file->fd);
	}

	free(file->hidden_path);
	free(file->target_path);
	*file = (struct ilv_guard_file){.fd = -1};
}
