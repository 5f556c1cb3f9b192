/* Stands in for a library of the MPI 5 ABI: what a caller of that ABI says, in the words of an Open MPI or an MPICH that is installed without its
   headers (STANDIN_MPI names its file). It ends a caller who uses another handle or another level of threads than the ABI has. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define COMM_WORLD 0x101
#define BYTE 0x247
#define THREAD_FUNNELED 1024

static void refuse(const char *what, intptr_t given) {
    fprintf(stderr, "stand-in: %s is 0x%lx\n", what, (long)given);
    exit(99);
}

static void *library(void) {
    static void *found;
    if (!found) found = dlopen(getenv("STANDIN_MPI"), RTLD_NOW | RTLD_GLOBAL);
    if (!found) refuse("STANDIN_MPI", 0);
    return found;
}

static intptr_t comm(intptr_t given) {
    if (given != COMM_WORLD) refuse("a communicator", given);
    void *open = dlsym(library(), "ompi_mpi_comm_world");
    return open ? (intptr_t)open : 0x44000000;
}

static intptr_t type(intptr_t given) {
    if (given != BYTE) refuse("a type", given);
    void *open = dlsym(library(), "ompi_mpi_byte");
    return open ? (intptr_t)open : 0x4c00010d;
}

static intptr_t status(intptr_t given) {
    if (given != 0) refuse("a status to ignore", given);
    return dlsym(library(), "ompi_mpi_comm_world") ? 0 : 1;
}

int MPI_Init_thread(int *count, char ***words, int level, int *granted) {
    if (level != THREAD_FUNNELED) refuse("a level of threads", level);
    int code = ((int (*)(int *, char ***, int, int *))dlsym(library(), "MPI_Init_thread"))(count, words, 1, granted);
    *granted *= THREAD_FUNNELED;
    return code;
}

int MPI_Comm_rank(intptr_t c, int *rank) { return ((int (*)(intptr_t, int *))dlsym(library(), "MPI_Comm_rank"))(comm(c), rank); }

int MPI_Comm_size(intptr_t c, int *size) { return ((int (*)(intptr_t, int *))dlsym(library(), "MPI_Comm_size"))(comm(c), size); }

int MPI_Send(const void *from, int count, intptr_t t, int to, int tag, intptr_t c) {
    return ((int (*)(const void *, int, intptr_t, int, int, intptr_t))dlsym(library(), "MPI_Send"))(from, count, type(t), to, tag, comm(c));
}

int MPI_Recv(void *to, int count, intptr_t t, int from, int tag, intptr_t c, intptr_t s) {
    return ((int (*)(void *, int, intptr_t, int, int, intptr_t, intptr_t))dlsym(library(), "MPI_Recv"))(
        to, count, type(t), from, tag, comm(c), status(s));
}

int MPI_Bcast(void *values, int count, intptr_t t, int from, intptr_t c) {
    return ((int (*)(void *, int, intptr_t, int, intptr_t))dlsym(library(), "MPI_Bcast"))(values, count, type(t), from, comm(c));
}

int MPI_Allgather(const void *own, int count, intptr_t t, void *all, int each, intptr_t u, intptr_t c) {
    return ((int (*)(const void *, int, intptr_t, void *, int, intptr_t, intptr_t))dlsym(library(), "MPI_Allgather"))(
        own, count, type(t), all, each, type(u), comm(c));
}

int MPI_Abort(intptr_t c, int code) { return ((int (*)(intptr_t, int))dlsym(library(), "MPI_Abort"))(comm(c), code); }

int MPI_Finalize(void) { return ((int (*)(void))dlsym(library(), "MPI_Finalize"))(); }
