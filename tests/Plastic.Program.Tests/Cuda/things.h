// What a program holds of the stand-in for CUDA's driver, by handle, and what is refused.
#pragma once
#include "standin.h"
#include <pthread.h>
#include <sys/mman.h>

enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_STARTED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101, INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201, NO_BINARY = 209, INVALID_HANDLE = 400, NOT_FOUND = 500, LAUNCH_FAILED = 719 };
enum { UNASKED = 48 << 10, PAGE = 4096, MOST_ARGUMENTS = 32 };

struct thing { int kind; struct thing* next; };
enum { BUFFER = 1, PINNED, STREAM, EVENT, MODULE, FUNCTION };
struct buffer { struct thing head; char* start; size_t bytes; char* map; size_t mapped; };
struct module { struct thing head; void* library; };
struct function { struct thing head; struct module* module; char name[64]; void (*run)(void**); int (*size)(unsigned); int most; };
struct event { struct thing head; struct stream* stream; };
struct job { struct job* next; char kind; char* to; char* from; size_t bytes; uint32_t value; char* staged;
    struct function* kernel; unsigned groups, threads, local; uint64_t values[MOST_ARGUMENTS]; };
struct stream { struct thing head; struct job* first; struct job** last; };

static struct thing* things;
static int is_started, contexts, faults, launches, lost;
static size_t taken;
static __thread void* current;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
#define LOCK __attribute__((cleanup(unlock))) pthread_mutex_t* held = &one_at_a_time; pthread_mutex_lock(held)
static void unlock(pthread_mutex_t** m) { pthread_mutex_unlock(*m); }

static long number(const char* name, long otherwise) { return getenv(name) ? atol(getenv(name)) : otherwise; }
static long count_cards(void) { return number("STANDIN_DEVICES", 1); }

#define REFUSE(code, ...) do { fault(__VA_ARGS__); faults++; return code; } while (0)
#define NEED_CONTEXT() do { if (!current || !contexts) REFUSE(INVALID_CONTEXT, "%s: no context is current", __func__); \
    if (lost) return LAUNCH_FAILED; } while (0)
#define NEED(what, wanted) do { if (!is_there(what, wanted)) REFUSE(INVALID_HANDLE, "%s: no such handle", __func__); } while (0)

static void* add(size_t size, int kind) {
    struct thing* made = calloc(1, size);
    made->kind = kind;
    made->next = things;
    return things = made;
}
static int is_there(void* what, int kind) {
    for (struct thing* t = things; t; t = t->next) if (t == what) return t->kind == kind;
    return 0;
}
static void drop(void* what) {
    for (struct thing** t = &things; *t; t = &(*t)->next) if (*t == what) { *t = (*t)->next; break; }
    free(what);
}
// The buffer, or the memory of the host, that an address lies in.
static struct buffer* buffer_of(char* at, int kind) {
    for (struct thing* t = things; t; t = t->next) {
        struct buffer* b = (struct buffer*)t;
        if (t->kind == kind && at >= b->start && at < b->start + b->bytes) return b;
    }
    return NULL;
}
static int holds(char* at, size_t bytes, int kind) {
    struct buffer* b = buffer_of(at, kind);
    return b && bytes <= (size_t)(b->start + b->bytes - at);
}

static struct buffer* take(size_t bytes, int kind) {
    size_t used = (bytes + 15) / 16 * 16, mapped = (used + PAGE - 1) / PAGE * PAGE + PAGE;
    char* map = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) return NULL;
    mprotect(map + mapped - PAGE, PAGE, PROT_NONE);
    struct buffer* b = add(sizeof *b, kind);
    *b = (struct buffer){ b->head, map + mapped - PAGE - used, bytes, map, mapped };
    memset(b->start, 0xFF, bytes);
    return b;
}
static void give(struct buffer* b) { munmap(b->map, b->mapped); drop(b); }
