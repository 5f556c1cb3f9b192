// A stand-in for CUDA's driver: cards whose memory is the host's and whose kernels run on its CPU. Streams run late, when somebody waits
// for them, as a card may. Every handle, size and order is checked; memory begins as NaN, and a page behind each buffer may not be touched.
//   STANDIN_DEVICES  how many cards (1)          STANDIN_INIT        what cuInit returns (0)
//   STANDIN_MEMORY   bytes of a card (8 GiB)     STANDIN_LOSE_AFTER  launches after which a card is lost (never)
//   STANDIN_LOCAL    bytes of local memory       STANDIN_CARD        compute capability in tenths (90)
//   STANDIN_DRIVER   its version (12040)         STANDIN_LAUNCH      what cuLaunchKernel returns (0)
#define _GNU_SOURCE
#include "fibers.h"
#include "things.h"

static int run_kernel(struct job* j) {
    if (launches++ == number("STANDIN_LOSE_AFTER", -1)) return lost = LAUNCH_FAILED;
    struct function* f = j->kernel;
    struct module* m = f->module;
    int* lane = dlsym(m->library, "threadIdx"), *group = dlsym(m->library, "blockIdx");
    *(void (**)(void))dlsym(m->library, "standin_barrier") = at_barrier;
    uint32_t* near = dlsym(m->library, "near");
    long all = local_limit() / 4 + 1024, given = j->local / 4;
    void* arguments[MOST_ARGUMENTS];
    for (int k = 0; f->size(k); k++) {
        arguments[k] = &j->values[k];
        if (f->size(k) < 0 && !buffer_of((char*)j->values[k], BUFFER)) REFUSE(lost = LAUNCH_FAILED, "%s: argument %d is no memory of the card", f->name, k);
    }
    job.run = f->run;
    job.arguments = arguments;
    job.lane = lane;
    for (unsigned g = 0; g < j->groups; g++) {
        *group = g;
        memset(near, 0xFF, 4 * all);
        if (!run_group(j->threads)) REFUSE(lost = LAUNCH_FAILED, "%s: not all threads came to a barrier", f->name);
        for (long k = given; k < all; k++) {
            if (near[k] != 0xFFFFFFFF) REFUSE(lost = LAUNCH_FAILED, "%s: writes beyond its %u bytes of local memory", f->name, j->local);
        }
    }
    return OK;
}

static int drain(struct stream* s) {
    while (s->first && !lost) {
        struct job* j = s->first;
        s->first = j->next;
        if (!s->first) s->last = &s->first;
        if (j->kind == 'l') run_kernel(j);
        else if (j->kind == 'w' || j->kind == 'r') {
            if (!holds(j->kind == 'w' ? j->to : j->from, j->bytes, BUFFER)) REFUSE(lost = LAUNCH_FAILED, "a copy runs after its memory was freed");
            memcpy(j->to, j->staged ? j->staged : j->from, j->bytes);
        } else if (j->kind == 'f') for (size_t k = 0; k < j->bytes / 4; k++) memcpy(j->to + 4 * k, &j->value, 4);
        free(j->staged);
        free(j);
    }
    return lost;
}
static int drain_all(void) {
    for (struct thing* t = things; t; t = t->next) if (t->kind == STREAM) drain((struct stream*)t);
    return lost;
}
static struct job* put(struct stream* s, char kind) {
    struct job* j = calloc(1, sizeof *j);
    j->kind = kind;
    *s->last = j;
    s->last = &j->next;
    return j;
}

__attribute__((destructor)) static void tell(void) {
    int left[7] = {0};
    for (struct thing* t = things; t; t = t->next) left[t->kind]++;
    record("left: buffers=%d pinned=%d streams=%d events=%d modules=%d contexts=%d; faults=%d launches=%d",
        left[BUFFER], left[PINNED], left[STREAM], left[EVENT], left[MODULE], contexts, faults, launches);
}

int cuInit(unsigned flags) { is_started = 1; return flags ? INVALID_VALUE : count_cards() ? number("STANDIN_INIT", OK) : NO_DEVICE; }
int cuGetErrorName(int error, const char** text) {
    *text = error == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : error == LAUNCH_FAILED ? "CUDA_ERROR_LAUNCH_FAILED" : error == 701 ? "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES" : error == 803 ? "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH" : NULL;
    return *text ? OK : INVALID_VALUE;
}
int cuDriverGetVersion(int* version) { *version = number("STANDIN_DRIVER", 12040); return OK; }
int cuDeviceGetCount(int* count) { if (!is_started) return NOT_STARTED; *count = count_cards(); return OK; }
int cuDeviceGet(int* device, int index) { if (index < 0 || index >= count_cards()) REFUSE(INVALID_DEVICE, "cuDeviceGet %d", index); *device = index; return OK; }
int cuDeviceGetName(char* to, int room, int device) { snprintf(to, room, "Stand-in %d", device); return OK; }
int cuDeviceTotalMem_v2(size_t* bytes, int device) { (void)device; *bytes = number("STANDIN_MEMORY", 8L << 30); return OK; }
int cuDeviceGetAttribute(int* value, int what, int device) {
    (void)device;
    switch (what) {
    case 1: *value = 1024; return OK;
    case 13: *value = 1000000; return OK;
    case 16: *value = 2; return OK;
    case 75: *value = number("STANDIN_CARD", 90) / 10; return OK;
    case 76: *value = number("STANDIN_CARD", 90) % 10; return OK;
    case 97: *value = local_limit(); return OK;
    default: REFUSE(INVALID_VALUE, "cuDeviceGetAttribute: %d", what);
    }
}
int cuDevicePrimaryCtxRetain(void** context, int device) { LOCK; contexts++; *context = (char*)&contexts + device; return OK; }
int cuDevicePrimaryCtxRelease_v2(int device) { LOCK; (void)device; if (contexts-- == 0) REFUSE(INVALID_CONTEXT, "a context is released twice"); return OK; }
int cuCtxSetCurrent(void* context) { current = context; return OK; }

int cuStreamCreate(struct stream** to, unsigned flags) {
    LOCK; NEED_CONTEXT();
    if (flags != 1) REFUSE(INVALID_VALUE, "cuStreamCreate: the stream would wait for others");
    *to = add(sizeof **to, STREAM);
    (*to)->last = &(*to)->first;
    return OK;
}
int cuStreamSynchronize(struct stream* s) { LOCK; NEED_CONTEXT(); NEED(s, STREAM); return drain(s); }
int cuStreamDestroy_v2(struct stream* s) { LOCK; NEED(s, STREAM); drain(s); drop(s); return lost; }
int cuEventCreate(struct event** to, unsigned flags) { LOCK; NEED_CONTEXT(); (void)flags; *to = add(sizeof **to, EVENT); return OK; }
int cuEventRecord(struct event* e, struct stream* s) { LOCK; NEED_CONTEXT(); NEED(e, EVENT); NEED(s, STREAM); e->stream = s; return OK; }
int cuEventSynchronize(struct event* e) { LOCK; NEED_CONTEXT(); NEED(e, EVENT); return e->stream ? drain(e->stream) : OK; }
int cuEventDestroy_v2(struct event* e) { LOCK; NEED(e, EVENT); drop(e); return lost; }

int cuModuleLoadData(struct module** to, const char* from) {
    LOCK; NEED_CONTEXT();
    struct image head;
    memcpy(&head, from, sizeof head);
    if ((strcmp(head.kind, "BINARY") && strcmp(head.kind, "PTX")) || digest(from + sizeof head, head.size) != head.digest) return INVALID_IMAGE;
    if (head.compiler > number("STANDIN_DRIVER", 12040) / 1000) return INVALID_IMAGE;
    long card = number("STANDIN_CARD", 90);
    if (*head.kind == 'B' ? head.card != card : head.card > card) REFUSE(NO_BINARY, "an image for card %ld on card %ld", head.card, card);
    char path[] = "/tmp/standin-XXXXXX";
    int file = mkstemp(path);
    if (file < 0 || write(file, from + sizeof head, head.size) != (ssize_t)head.size) return OUT_OF_MEMORY;
    close(file);
    void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    remove(path);
    if (!library) REFUSE(INVALID_IMAGE, "%s", dlerror());
    *to = add(sizeof **to, MODULE);
    (*to)->library = library;
    record("load %s for %ld", head.kind, head.card);
    return OK;
}
int cuModuleUnload(struct module* m) {
    LOCK; NEED(m, MODULE);
    drain_all();
    for (struct thing* t = things, *next; t; t = next) {
        next = t->next;
        if (t->kind == FUNCTION && ((struct function*)t)->module == m) drop(t);
    }
    dlclose(m->library);
    drop(m);
    return lost;
}
int cuModuleGetFunction(struct function** to, struct module* m, const char* name) {
    LOCK; NEED_CONTEXT(); NEED(m, MODULE);
    char run[80], size[80];
    snprintf(run, sizeof run, "%.60s_run", name);
    snprintf(size, sizeof size, "%.60s_size", name);
    if (!dlsym(m->library, run)) return NOT_FOUND;
    struct function* f = *to = add(sizeof *f, FUNCTION);
    f->module = m;
    f->run = dlsym(m->library, run);
    f->size = dlsym(m->library, size);
    f->most = UNASKED;
    snprintf(f->name, sizeof f->name, "%s", name);
    return OK;
}
int cuFuncSetAttribute(struct function* f, int what, int value) {
    LOCK; NEED_CONTEXT(); NEED(f, FUNCTION);
    if (what != 8 || value < 0 || value > local_limit()) REFUSE(INVALID_VALUE, "cuFuncSetAttribute: %d of %d", what, value);
    record("local %s %d", f->name, value);
    f->most = value;
    return OK;
}
int cuFuncGetAttribute(int* value, int what, struct function* f) {
    LOCK; NEED_CONTEXT(); NEED(f, FUNCTION);
    if (what != 3 && what != 4) REFUSE(INVALID_VALUE, "cuFuncGetAttribute: %d", what);
    *value = what == 4 ? 40 : 0;
    return OK;
}

int cuMemAlloc_v2(char** to, size_t bytes) {
    LOCK; NEED_CONTEXT();
    if (bytes == 0) REFUSE(INVALID_VALUE, "cuMemAlloc: no bytes");
    struct buffer* b = taken + bytes > (size_t)number("STANDIN_MEMORY", 8L << 30) ? NULL : take(bytes, BUFFER);
    if (!b) return OUT_OF_MEMORY;
    taken += bytes;
    *to = b->start;
    return OK;
}
int cuMemGetInfo_v2(size_t* left, size_t* all) {
    LOCK; NEED_CONTEXT();
    *all = number("STANDIN_MEMORY", 8L << 30);
    *left = *all - taken;
    return OK;
}
int cuMemFree_v2(char* at) {
    LOCK; NEED_CONTEXT();
    struct buffer* b = buffer_of(at, BUFFER);
    if (!b || b->start != at) REFUSE(INVALID_VALUE, "cuMemFree: no memory of the card begins there");
    drain_all();
    taken -= b->bytes;
    give(b);
    return lost;
}
int cuMemAllocHost_v2(char** to, size_t bytes) {
    LOCK; NEED_CONTEXT();
    struct buffer* b = take(bytes, PINNED);
    return b ? (*to = b->start, OK) : OUT_OF_MEMORY;
}
int cuMemFreeHost(char* at) {
    LOCK; NEED_CONTEXT();
    struct buffer* b = buffer_of(at, PINNED);
    if (!b || b->start != at) REFUSE(INVALID_VALUE, "cuMemFreeHost: no memory begins there");
    drain_all();
    give(b);
    return lost;
}

// Memory of the host that the driver does not know is copied at once; what it knows is read and written when the stream comes to it.
int cuMemcpyHtoDAsync_v2(char* to, char* from, size_t bytes, struct stream* s) {
    LOCK; NEED_CONTEXT(); NEED(s, STREAM);
    if (!holds(to, bytes, BUFFER)) REFUSE(INVALID_VALUE, "cuMemcpyHtoD: %zu bytes do not fit", bytes);
    struct job* j = put(s, 'w');
    *j = (struct job){ .kind = 'w', .to = to, .from = from, .bytes = bytes };
    if (!holds(from, bytes, PINNED)) memcpy(j->staged = malloc(bytes), from, bytes);
    return OK;
}
int cuMemcpyDtoHAsync_v2(char* to, char* from, size_t bytes, struct stream* s) {
    LOCK; NEED_CONTEXT(); NEED(s, STREAM);
    if (!holds(from, bytes, BUFFER)) REFUSE(INVALID_VALUE, "cuMemcpyDtoH: %zu bytes are not there", bytes);
    *put(s, 'r') = (struct job){ .kind = 'r', .to = to, .from = from, .bytes = bytes };
    return holds(to, bytes, PINNED) ? OK : drain(s);
}
int cuMemsetD32Async(char* to, unsigned value, size_t count, struct stream* s) {
    LOCK; NEED_CONTEXT(); NEED(s, STREAM);
    if (!holds(to, 4 * count, BUFFER)) REFUSE(INVALID_VALUE, "cuMemsetD32: %zu numbers do not fit", count);
    *put(s, 'f') = (struct job){ .kind = 'f', .to = to, .value = value, .bytes = 4 * count };
    return OK;
}

int cuLaunchKernel(struct function* f, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned ty, unsigned tz, unsigned local,
    struct stream* s, void** arguments, void** extra) {
    LOCK; NEED_CONTEXT(); NEED(f, FUNCTION); NEED(s, STREAM);
    if (!x || y != 1 || z != 1 || !threads || threads > 1024 || ty != 1 || tz != 1 || extra) REFUSE(INVALID_VALUE, "cuLaunchKernel: %u groups of %u", x, threads);
    if (local > (unsigned)f->most) REFUSE(INVALID_VALUE, "cuLaunchKernel: %s takes %u bytes of local memory, without having asked", f->name, local);
    if (number("STANDIN_LAUNCH", OK)) return number("STANDIN_LAUNCH", OK);
    struct job* j = put(s, 'l');
    j->kernel = f;
    j->groups = x;
    j->threads = threads;
    j->local = local;
    for (int k = 0; f->size(k); k++) memcpy(&j->values[k], arguments[k], abs(f->size(k)));
    record("launch %s groups=%u local=%u", f->name, x, local);
    return OK;
}
