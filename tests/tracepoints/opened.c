/* SPDX-License-Identifier: MIT */
/* Description: opens the library late, as a plug-in or an interpreter does, in another thread than
 * the main one, and uses it from there and from a thread that is older than it. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int (*lock)(pthread_mutex_t *);
static int (*unlock)(pthread_mutex_t *);

static void use(void)
{
	for (int i = 0; i < 1000; i++) {
		(void)lock(&mutex);
		(void)unlock(&mutex);
	}
}

static void *open_and_use(void *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		(void)fprintf(stderr, "%s\n", dlerror());
		return NULL;
	}

	*(void **)&lock = dlsym(library, "ilv_mutex_lock");
	*(void **)&unlock = dlsym(library, "ilv_mutex_unlock");
	if (!lock || !unlock) {
		return NULL;
	}
	use();
	return library;
}

int main(int argc, char **argv)
{
	void *library = NULL;
	pthread_t thread;

	if (argc != 2 || pthread_create(&thread, NULL, open_and_use, argv[1]) != 0 ||
	    pthread_join(thread, &library) != 0 || !library) {
		return 1;
	}

	use();
	/* It stays all the same: LTTng and exit() keep pointers into it. */
	return dlclose(library) == 0 ? 0 : 1;
}
