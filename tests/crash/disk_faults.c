// disk_faults.so, loaded with LD_PRELOAD: counts what a process does to the files below one directory, and at
// a chosen operation stops the process, cuts the power, or lets the disk fail.
//
//   FAULT_DIR    the directory, absolute; without it nothing happens
//   FAULT_AT     the number of the operation, from 1; 0 or unset: only count
//   FAULT_MODE   before | after | torn     kill -9 there; torn: after half of a write
//                eio | enospc | short | eintr   what the call answers instead
//   FAULT_STAYS  1: eio and enospc are answered from then on
//   FAULT_POWER  1: a kill is a power cut: whatever was not synced is gone from the disk, bytes and names
//   FAULT_LIE    1: fsync and fdatasync answer without syncing (with FAULT_POWER: a disk that lies)
//   FAULT_LOG    a file outside of the directory: a line `N call file` for every operation at the end, and
//                for the one that was hit at once
//
// A lock is held from the count to the end of each call, so the numbers are the order in which things happened.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { descriptors = 4096, files_max = 4096, operations_max = 200000, path_bytes = 256 };

enum call { call_create, call_write, call_sync, call_rename, call_unlink, call_truncate, call_allocate, call_mkdir, call_link };
static const char *const call_names[] = {"create", "write", "sync", "rename", "unlink", "truncate", "allocate", "mkdir", "link"};

// A file by its present name. What lies beyond `durable`, or under a name that is not `named`, does not survive a power cut.
struct file {
    char path[path_bytes];
    off_t durable;
    int named;
    int gone;
};
// Bytes that were durable and were written over without a sync since.
struct undo {
    int file;
    off_t at;
    size_t size;
    char *bytes;
    struct undo *next; // older
};
// A rename that is not durable yet; `kept` is another name of the file that it replaced.
struct renamed {
    char from[path_bytes], to[path_bytes], kept[path_bytes + 16];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[path_bytes], log_path[path_bytes];
static size_t root_length;
static long at, count;
static int stays, power, lie;
static char mode[16];
static struct file files[files_max];
static int file_count;
static int file_of[descriptors]; // index + 1
static struct undo *undos;
static struct renamed renames[64];
static int rename_count;
static struct { char call; short file; } operations[operations_max];

// ---- what the C library would have done

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
static __typeof__(&open) real_open;
static __typeof__(&write) real_write;
static __typeof__(&pwrite) real_pwrite;
static __typeof__(&writev) real_writev;
static __typeof__(&fsync) real_fsync;
static __typeof__(&fdatasync) real_fdatasync;
static __typeof__(&ftruncate) real_ftruncate;
static __typeof__(&fallocate) real_fallocate;
static __typeof__(&posix_fallocate) real_posix_fallocate;
static __typeof__(&rename) real_rename;
static __typeof__(&unlink) real_unlink;
static __typeof__(&mkdir) real_mkdir;
static __typeof__(&link) real_link;
static __typeof__(&close) real_close;

static void copy(char *to, const char *from) { snprintf(to, path_bytes, "%s", from ? from : ""); }
static long number(const char *name) { return getenv(name) ? atol(getenv(name)) : 0; }

__attribute__((constructor)) static void begin(void) {
    real_open = REAL(open), real_write = REAL(write), real_pwrite = REAL(pwrite), real_writev = REAL(writev);
    real_fsync = REAL(fsync), real_fdatasync = REAL(fdatasync), real_ftruncate = REAL(ftruncate);
    real_fallocate = REAL(fallocate), real_posix_fallocate = REAL(posix_fallocate), real_rename = REAL(rename);
    real_unlink = REAL(unlink), real_mkdir = REAL(mkdir), real_link = REAL(link), real_close = REAL(close);
    copy(root, getenv("FAULT_DIR"));
    root_length = strlen(root);
    copy(log_path, getenv("FAULT_LOG"));
    at = number("FAULT_AT");
    stays = number("FAULT_STAYS") != 0, power = number("FAULT_POWER") != 0, lie = number("FAULT_LIE") != 0;
    snprintf(mode, sizeof mode, "%s", getenv("FAULT_MODE") ? getenv("FAULT_MODE") : "");
}

// ---- which file

static int inside(const char *path) {
    return root_length != 0 && path != NULL && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static int file_at(const char *path) {
    for (int i = file_count; i-- > 0;)
        if (!files[i].gone && strcmp(files[i].path, path) == 0) return i;
    if (file_count == files_max) abort();
    struct stat now;
    struct file *const f = &files[file_count];
    copy(f->path, path);
    f->named = stat(path, &now) == 0; // it was there before this process: it is durable
    f->durable = f->named ? now.st_size : 0;
    return file_count++;
}

static int file_behind(int fd) { return fd >= 0 && fd < descriptors ? file_of[fd] - 1 : -1; }

// ---- a power cut

static void keep_overwritten(int file, off_t offset, size_t size) {
    if (!power || offset >= files[file].durable) return;
    const off_t end = offset + (off_t)size < files[file].durable ? offset + (off_t)size : files[file].durable;
    struct undo *const u = malloc(sizeof *u);
    *u = (struct undo){file, offset, (size_t)(end - offset), malloc((size_t)(end - offset)), undos};
    const int fd = real_open(files[file].path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || pread(fd, u->bytes, u->size, offset) != (ssize_t)u->size) abort();
    real_close(fd);
    undos = u;
}

static void made_durable(int file, int fd) {
    struct stat now;
    if (lie || fstat(fd, &now) != 0) return;
    if (S_ISDIR(now.st_mode)) { // its names are durable
        const size_t length = strlen(files[file].path);
        for (int i = 0; i < file_count; ++i)
            if (strncmp(files[i].path, files[file].path, length) == 0 && strrchr(files[i].path, '/') == files[i].path + length) files[i].named = 1;
        for (int i = 0; i < rename_count; ++i)
            if (renames[i].kept[0]) real_unlink(renames[i].kept);
        rename_count = 0;
        return;
    }
    files[file].durable = now.st_size;
    for (struct undo **u = &undos; *u;) {
        if ((*u)->file != file) { u = &(*u)->next; continue; }
        struct undo *const done = *u;
        *u = done->next;
        free(done->bytes);
        free(done);
    }
}

static void cut_power(void) {
    for (struct undo *u = undos; u; u = u->next) {
        if (files[u->file].gone) continue;
        const int fd = real_open(files[u->file].path, O_WRONLY | O_CLOEXEC);
        if (fd >= 0 && real_pwrite(fd, u->bytes, u->size, u->at) < 0) abort();
        real_close(fd);
    }
    for (int i = 0; i < file_count; ++i) {
        struct stat now;
        if (files[i].gone || stat(files[i].path, &now) != 0 || !S_ISREG(now.st_mode)) continue;
        if (!files[i].named) real_unlink(files[i].path);
        else if (now.st_size > files[i].durable && truncate(files[i].path, files[i].durable) != 0) abort();
    }
    for (int i = rename_count; i-- > 0;) {
        real_rename(renames[i].to, renames[i].from);
        if (renames[i].kept[0]) real_rename(renames[i].kept, renames[i].to);
    }
}

// ---- the operation that is hit

static void note(long n, int call, const char *path) {
    char line[path_bytes + 64];
    const int length = snprintf(line, sizeof line, "%ld %s %s\n", n, call_names[call], path + root_length);
    const int fd = real_open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0 || real_write(fd, line, (size_t)length) != length) abort();
    real_close(fd);
}

static void stop_here(void) {
    if (power) cut_power();
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

enum verdict { go, half, fail, end_after };

// With the lock held: counts, and says what to do. errno is set for `fail`.
static enum verdict step(enum call call, const char *path) {
    const long n = ++count;
    if (n < operations_max) operations[n].call = (char)call, operations[n].file = (short)file_at(path);
    const int hit = at != 0 && (n == at || (stays && n > at));
    if (!hit) return go;
    if (n == at && log_path[0]) note(n, call, path);
    if (!strcmp(mode, "before")) stop_here();
    if (!strcmp(mode, "torn") && call != call_write) stop_here();
    if (!strcmp(mode, "torn")) return half;
    if (!strcmp(mode, "after")) return end_after;
    if (!strcmp(mode, "eio")) return errno = EIO, fail;
    // Taking something away and naming needs no room.
    if (!strcmp(mode, "enospc") && call != call_unlink && call != call_truncate) return errno = ENOSPC, fail;
    if (!strcmp(mode, "eintr") && call == call_write) return errno = EINTR, fail;
    if (!strcmp(mode, "short") && call == call_write) return half;
    return go;
}

__attribute__((destructor)) static void end(void) {
    if (at != 0 || !log_path[0]) return;
    for (long n = 1; n <= count && n < operations_max; ++n) note(n, operations[n].call, files[operations[n].file].path);
}

// The call itself between a count and its end. `half_of` stands for the torn or short form.
#define AROUND(kind, path, type, real_call, half_of)                      \
    pthread_mutex_lock(&lock);                                            \
    type result;                                                          \
    switch (step(kind, path)) {                                           \
    case fail: result = -1; break;                                        \
    case half:                                                            \
        result = half_of;                                                 \
        if (!strcmp(mode, "torn")) stop_here();                           \
        break;                                                            \
    case end_after: result = real_call; stop_here(); break;               \
    default: result = real_call;                                          \
    }

#define DONE                                                              \
    const int error = errno;                                              \
    pthread_mutex_unlock(&lock);                                          \
    errno = error;                                                        \
    return result

// ---- files that are opened

static int opened(int fd, const char *path) {
    if (fd >= 0 && fd < descriptors) file_of[fd] = file_at(path) + 1;
    return fd;
}

static int open_inside(const char *path, int flags, mode_t permissions) {
    struct stat now;
    if (!(flags & O_CREAT) || stat(path, &now) == 0) {
        pthread_mutex_lock(&lock);
        int result = real_open(path, flags, permissions);
        if (result >= 0) opened(result, path);
        if (result >= 0 && (flags & O_TRUNC)) files[file_of[result] - 1].durable = 0;
        DONE;
    }
    AROUND(call_create, path, int, opened(real_open(path, flags, permissions), path), -1)
    DONE;
}

static int open_any(const char *path, int flags, mode_t permissions) {
    if (!real_open) real_open = REAL(open);
    return inside(path) ? open_inside(path, flags, permissions) : real_open(path, flags, permissions);
}

#define OPEN(name)                                                        \
    int name(const char *path, int flags, ...) {                          \
        va_list rest;                                                     \
        va_start(rest, flags);                                            \
        const mode_t permissions = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                                     \
        return open_any(path, flags, permissions);                        \
    }
OPEN(open)
OPEN(open64)
int __open_2(const char *path, int flags) { return open_any(path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_any(path, flags, 0); }

int close(int fd) {
    if (fd >= 0 && fd < descriptors) {
        pthread_mutex_lock(&lock);
        file_of[fd] = 0;
        pthread_mutex_unlock(&lock);
    }
    if (!real_close) real_close = REAL(close);
    return real_close(fd);
}

// ---- what is written

static ssize_t write_at(int file, int fd, const void *bytes, size_t size, off_t offset) {
    keep_overwritten(file, offset, size);
    return real_pwrite(fd, bytes, size, offset);
}

static ssize_t write_here(int file, int fd, const void *bytes, size_t size) {
    keep_overwritten(file, lseek(fd, 0, SEEK_CUR), size);
    return real_write(fd, bytes, size);
}

ssize_t write(int fd, const void *bytes, size_t size) {
    if (!real_write) real_write = REAL(write);
    const int file = file_behind(fd);
    if (file < 0) return real_write(fd, bytes, size);
    AROUND(call_write, files[file].path, ssize_t, write_here(file, fd, bytes, size), write_here(file, fd, bytes, size > 1 ? size / 2 : size))
    DONE;
}

#define PWRITE(name)                                                      \
    ssize_t name(int fd, const void *bytes, size_t size, off_t offset) {  \
        const int file = file_behind(fd);                                 \
        if (file < 0) return real_pwrite(fd, bytes, size, offset);        \
        AROUND(call_write, files[file].path, ssize_t, write_at(file, fd, bytes, size, offset), \
               write_at(file, fd, bytes, size > 1 ? size / 2 : size, offset)) \
        DONE;                                                             \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t writev(int fd, const struct iovec *parts, int number_of_parts) {
    if (!real_writev) real_writev = REAL(writev);
    const int file = file_behind(fd);
    if (file < 0) return real_writev(fd, parts, number_of_parts);
    AROUND(call_write, files[file].path, ssize_t, real_writev(fd, parts, number_of_parts),
           real_writev(fd, parts, number_of_parts > 1 ? number_of_parts / 2 : number_of_parts))
    DONE;
}

#define TRUNCATE(name)                                                    \
    int name(int fd, off_t size) {                                        \
        const int file = file_behind(fd);                                 \
        if (file < 0) return real_ftruncate(fd, size);                    \
        AROUND(call_truncate, files[file].path, int, real_ftruncate(fd, size), -1) \
        if (result == 0 && size < files[file].durable) files[file].durable = size; \
        DONE;                                                             \
    }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

int fallocate(int fd, int how, off_t offset, off_t size) {
    const int file = file_behind(fd);
    if (file < 0) return real_fallocate(fd, how, offset, size);
    AROUND(call_allocate, files[file].path, int, real_fallocate(fd, how, offset, size), -1)
    DONE;
}

int posix_fallocate(int fd, off_t offset, off_t size) {
    const int file = file_behind(fd);
    if (file < 0) return real_posix_fallocate(fd, offset, size);
    AROUND(call_allocate, files[file].path, int, real_posix_fallocate(fd, offset, size), -1)
    if (result < 0) result = errno; // it answers the error itself
    DONE;
}

// ---- what is made durable

static int sync_really(int file, int fd, int (*real)(int)) {
    if (lie) return 0;
    const int result = real(fd);
    if (result == 0) made_durable(file, fd);
    return result;
}

#define SYNC(name)                                                        \
    int name(int fd) {                                                    \
        const int file = file_behind(fd);                                 \
        if (file < 0) return real_##name(fd);                             \
        AROUND(call_sync, files[file].path, int, sync_really(file, fd, real_##name), -1) \
        DONE;                                                             \
    }
SYNC(fsync)
SYNC(fdatasync)

// ---- names

static int rename_really(const char *from, const char *to) {
    const int file = file_at(from), replaced = file_at(to);
    struct renamed r;
    copy(r.from, from);
    copy(r.to, to);
    r.kept[0] = 0;
    if (power && access(to, F_OK) == 0) {
        snprintf(r.kept, sizeof r.kept, "%s.kept%d", log_path, rename_count);
        real_unlink(r.kept);
        if (real_link(to, r.kept) != 0) abort();
    }
    const int result = real_rename(from, to);
    if (result != 0) return result;
    files[replaced].gone = 1;
    files[file].named = 1; // under one of its two names
    copy(files[file].path, to);
    if (rename_count == 64) abort();
    renames[rename_count++] = r;
    return 0;
}

int rename(const char *from, const char *to) {
    if (!inside(to)) return real_rename(from, to);
    AROUND(call_rename, to, int, rename_really(from, to), -1)
    DONE;
}

static int unlink_really(const char *path) {
    const int file = file_at(path);
    const int result = real_unlink(path);
    if (result == 0) files[file].gone = 1;
    return result;
}

int unlink(const char *path) {
    if (!inside(path)) return real_unlink(path);
    AROUND(call_unlink, path, int, unlink_really(path), -1)
    DONE;
}

int mkdir(const char *path, mode_t permissions) {
    if (!inside(path)) return real_mkdir(path, permissions);
    AROUND(call_mkdir, path, int, real_mkdir(path, permissions), -1)
    DONE;
}

int link(const char *from, const char *to) {
    if (!inside(to)) return real_link(from, to);
    AROUND(call_link, to, int, real_link(from, to), -1)
    DONE;
}
