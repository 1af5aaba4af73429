/* SPDX-License-Identifier: MIT */
/* Description: hidden files, renames and copies. */
#include "base/whole_file.h"

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

static enum ilv_status cannot_write(const struct ilv_whole_file *file, int error)
{
	if (file->path) {
		ilv_cause_add("Cannot write %s: path=\"%s\", error=\"%s\"", file->what, file->path,
			      strerror(error));
	} else if (error == EBADF) {
		ilv_cause_add("Cannot write to standard output: it is not open for writing");
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

/* A file beside the target: a rename does not lead from one file system to another. */
static int open_hidden(const char *path)
{
	const int flags = O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC;
	int fd = open(path, flags, 0666);

	if (fd < 0 && errno == EEXIST) {
		/* From a process that had our number and was killed. */
		(void)unlink(path);
		fd = open(path, flags, 0666);
	}

	return fd;
}

/*
 * Which of the process's own outputs the file is, or -1. Opened anew, as /dev/stdout, a plain file
 * would lose what was written to it already, and a socket cannot be.
 */
static int find_own(const struct stat *info)
{
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat own;

		if (fstat(fd, &own) == 0 && own.st_dev == info->st_dev &&
		    own.st_ino == info->st_ino) {
			return fd;
		}
	}

	return -1;
}

/* Finds out what is at `path`: a plain file, or none, is to be replaced as a whole, by a rename. */
static enum ilv_status look(struct ilv_whole_file *file, bool *is_replaced)
{
	struct stat info;

	if (stat(file->path, &info) == 0) {
		if (S_ISDIR(info.st_mode)) {
			return cannot_write(file, EISDIR);
		}

		file->own_fd = find_own(&info);
		*is_replaced = S_ISREG(info.st_mode) && file->own_fd < 0;
		/* A link stays one: what it points to is replaced. */
		file->target_path = *is_replaced ? realpath(file->path, NULL) : strdup(file->path);
		return file->target_path && (!*is_replaced || access(file->target_path, W_OK) == 0)
			       ? ILV_STATUS_OK
			       : cannot_write(file, errno);
	}

	if (errno != ENOENT) {
		return cannot_write(file, errno);
	}

	/* A link to nothing stays one too, and whoever opens it creates what it points to. */
	*is_replaced = lstat(file->path, &info) != 0;
	file->target_path = strdup(file->path);

	return file->target_path ? ILV_STATUS_OK : cannot_write(file, errno);
}

enum ilv_status ilv_whole_file_create(struct ilv_whole_file *file, const char *what,
				      const char *path)
{
	bool is_replaced = false;

	*file = (struct ilv_whole_file){
		.what = what, .path = path, .own_fd = path ? -1 : STDOUT_FILENO, .fd = -1};
	if (path) {
		enum ilv_status status = look(file, &is_replaced);

		if (status != ILV_STATUS_OK) {
			return status;
		}
	}

	if (is_replaced &&
	    asprintf(&file->hidden_path, "%s.tmp-%d", file->target_path, (int)getpid()) < 0) {
		file->hidden_path = NULL;
		return cannot_write(file, ENOMEM);
	}

	file->fd = is_replaced ? open_hidden(file->hidden_path) : open_nameless();
	if (file->fd < 0) {
		int error = errno;

		free(file->hidden_path);
		file->hidden_path = NULL;
		return cannot_write(file, error);
	}

	file->is_open = true;
	return ILV_STATUS_OK;
}

enum ilv_status ilv_whole_file_open_stream(struct ilv_whole_file *file, FILE **stream)
{
	int fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);

	*stream = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!*stream) {
		int error = errno;

		if (fd >= 0) {
			close(fd);
		}

		return cannot_write(file, error);
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

/* Asks to create it only where it is not there: who does so in a folder for all users is refused
 * the pipes of others. */
static int open_target(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 || errno != ENOENT ? fd : open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
}

/* Copies the nameless file to where it was wanted. */
static enum ilv_status copy(const struct ilv_whole_file *file)
{
	enum ilv_status status = ILV_STATUS_OK;
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction saved;
	char *bytes = malloc(COPY_SIZE);
	ssize_t size = 0;
	off_t at = 0;
	int fd = file->own_fd >= 0 ? file->own_fd : open_target(file->target_path);

	/* A reader that left is an ordinary failure to write. */
	(void)sigaction(SIGPIPE, &ignore, &saved);
	if (fd < 0 || !bytes) {
		status = cannot_write(file, errno);
		goto end;
	}

	while ((size = pread(file->fd, bytes, COPY_SIZE, at)) > 0) {
		at += size;
		if (write_all(fd, bytes, (size_t)size) != 0) {
			status = cannot_write(file, errno);
			goto end;
		}
	}

	if (size < 0) {
		status = cannot_write(file, errno);
	}

end:
	if (file->own_fd < 0 && fd >= 0 && close(fd) != 0 && status == ILV_STATUS_OK) {
		status = cannot_write(file, errno);
	}

	(void)sigaction(SIGPIPE, &saved, NULL);
	free(bytes);
	return status;
}

enum ilv_status ilv_whole_file_place(struct ilv_whole_file *file)
{
	if (!file->hidden_path) {
		return copy(file);
	}

	if (rename(file->hidden_path, file->target_path) != 0) {
		return cannot_write(file, errno);
	}

	free(file->hidden_path);
	file->hidden_path = NULL;
	return ILV_STATUS_OK;
}

void ilv_whole_file_discard(struct ilv_whole_file *file)
{
	if (file->hidden_path) {
		(void)unlink(file->hidden_path);
	}

	if (file->is_open) {
		close(file->fd);
	}

	free(file->hidden_path);
	free(file->target_path);
	*file = (struct ilv_whole_file){.fd = -1};
}
