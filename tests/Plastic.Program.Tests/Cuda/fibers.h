// The threads of a group as fibers, which run up to the next barrier one after the other: in order, in reversed order, or shuffled
// (STANDIN_ORDER). So threads that miss a barrier see each other's work too late, or too early.
#pragma once
#include "standin.h"
#include <setjmp.h>
#include <ucontext.h>

enum { MOST_THREADS = 1024, STACK = 256 << 10 };
enum { READY, WAITS, ENDED };

static struct { jmp_buf at; ucontext_t start; int is_started, state; void* barrier; } fibers[MOST_THREADS];
static jmp_buf scheduler;
static struct { void (*run)(void**); void** arguments; int* lane; } job;
static int running;

static void leave(int state, void* barrier) {
    fibers[running].state = state;
    fibers[running].barrier = barrier;
    if (!_setjmp(fibers[running].at)) _longjmp(scheduler, 1);
}

static void at_barrier(void) { leave(WAITS, __builtin_return_address(0)); }

static void fiber(void) {
    for (;;) {
        job.run(job.arguments);
        leave(ENDED, NULL);
    }
}

static void go_on(int thread) {
    running = thread;
    *job.lane = thread;
    if (_setjmp(scheduler)) return;
    if (fibers[thread].is_started) _longjmp(fibers[thread].at, 1);
    fibers[thread].is_started = 1;
    getcontext(&fibers[thread].start);
    fibers[thread].start.uc_stack.ss_sp = malloc(STACK);
    fibers[thread].start.uc_stack.ss_size = STACK;
    makecontext(&fibers[thread].start, fiber, 0);
    setcontext(&fibers[thread].start);
}

// Runs a group; 0 if its threads do not all come to the same barriers.
static int run_group(int threads) {
    static uint64_t random = 1;
    const char* order = setting("STANDIN_ORDER", "forward");
    for (int k = 0; k < threads; k++) fibers[k].state = READY;
    for (;;) {
        int turn[MOST_THREADS], ended = 0;
        for (int k = 0; k < threads; k++) turn[k] = *order == 'b' ? threads - 1 - k : k;
        for (int k = threads - 1; *order == 's' && k > 0; k--) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            int other = (random >> 33) % (k + 1), kept = turn[k];
            turn[k] = turn[other];
            turn[other] = kept;
        }
        for (int k = 0; k < threads; k++) go_on(turn[k]);
        for (int k = 0; k < threads; k++) ended += fibers[k].state == ENDED;
        if (ended == threads) return 1;
        for (int k = 0; k < threads; k++) {
            if (fibers[k].state == ENDED || fibers[k].barrier != fibers[0].barrier) return 0;
        }
    }
}
