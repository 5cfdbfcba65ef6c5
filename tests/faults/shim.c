/* Faults at chosen steps: preloaded into firefly, counts what it does to files below $FAULT_UNDER and lets the
   $FAULT_AT-th step fail as $FAULT_KIND says.

   count   nothing fails; the number of steps is written to $FAULT_COUNT at the end
   kill    the process is killed (SIGKILL) just before the step
   short   a write stores half of its bytes and is then told that the disk is full, as is every later write
   full    this write and every later one is told that the disk is full
   error   the step fails once with an input/output error, whatever it is: write, sync, rename, truncate, remove
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long steps;
static atomic_int full;

enum { PASS, SHORT, FULL, ERROR };

static int below(const char *path) {
    const char *under = getenv("FAULT_UNDER");
    return under && strncmp(path, under, strlen(under)) == 0;
}

static int below_fd(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return below(path);
}

static int step(int writes) {
    const char *kind = getenv("FAULT_KIND"), *at = getenv("FAULT_AT");
    long now = atomic_fetch_add(&steps, 1) + 1;
    if (!kind || !at) return PASS;
    if (writes && atomic_load(&full)) return FULL;
    if (now != atol(at)) return PASS;
    if (!strcmp(kind, "kill")) kill(getpid(), SIGKILL);
    if (!strcmp(kind, "error")) return ERROR;
    if (!strcmp(kind, "short") || !strcmp(kind, "full")) {
        atomic_store(&full, 1);
        if (writes) return strcmp(kind, "short") ? FULL : SHORT;
    }
    return PASS;
}

__attribute__((destructor)) static void report(void) {
    const char *path = getenv("FAULT_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "%ld", atomic_load(&steps));
    fclose(file);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL(code) do { errno = (code); return -1; } while (0)

ssize_t write(int fd, const void *bytes, size_t n) {
    if (below_fd(fd)) switch (step(1)) {
        case SHORT: return REAL(write)(fd, bytes, n / 2 ? n / 2 : n);
        case FULL: FAIL(ENOSPC);
        case ERROR: FAIL(EIO);
    }
    return REAL(write)(fd, bytes, n);
}

ssize_t writev(int fd, const struct iovec *parts, int n) {
    if (below_fd(fd)) switch (step(1)) {
        case SHORT: case FULL: FAIL(ENOSPC);
        case ERROR: FAIL(EIO);
    }
    return REAL(writev)(fd, parts, n);
}

#define PWRITE(name, offset_type) \
    ssize_t name(int fd, const void *bytes, size_t n, offset_type offset) { \
        if (below_fd(fd)) switch (step(1)) { \
            case SHORT: return REAL(name)(fd, bytes, n / 2 ? n / 2 : n, offset); \
            case FULL: FAIL(ENOSPC); \
            case ERROR: FAIL(EIO); \
        } \
        return REAL(name)(fd, bytes, n, offset); \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define ON_FD(name) \
    int name(int fd) { \
        if (below_fd(fd) && step(0) == ERROR) FAIL(EIO); \
        return REAL(name)(fd); \
    }
ON_FD(fsync)
ON_FD(fdatasync)

int ftruncate64(int fd, off64_t length) {
    if (below_fd(fd) && step(0) == ERROR) FAIL(EIO);
    return REAL(ftruncate64)(fd, length);
}

int rename(const char *from, const char *to) {
    if (below(to) && step(0) == ERROR) FAIL(EIO);
    return REAL(rename)(from, to);
}

int unlink(const char *path) {
    if (below(path) && step(0) == ERROR) FAIL(EIO);
    return REAL(unlink)(path);
}
