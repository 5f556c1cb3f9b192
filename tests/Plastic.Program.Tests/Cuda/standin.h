// What the two stand-ins share. Each call is a line in the file STANDIN_LOG; what CUDA does not allow is a fault, a line that begins with
// "fault", and an error for the caller.
#pragma once
#include <dlfcn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What an image begins with; a library for this machine's CPU follows.
struct image { char kind[8]; long card, compiler; size_t size; uint64_t digest; };

static inline const char* setting(const char* name, const char* otherwise) {
    const char* text = getenv(name);
    return text && *text ? text : otherwise;
}

// Bytes of local memory that a group can have when it asks for them.
static inline long local_limit(void) { return atol(setting("STANDIN_LOCAL", "232448")); }

static inline void write_line(const char* head, const char* format, va_list values) {
    const char* path = getenv("STANDIN_LOG");
    FILE* file = path ? fopen(path, "a") : NULL;
    if (!file) return;
    fprintf(file, "%s", head);
    vfprintf(file, format, values);
    fprintf(file, "\n");
    fclose(file);
}

__attribute__((format(printf, 1, 2))) static inline void record(const char* format, ...) {
    va_list values;
    va_start(values, format);
    write_line("", format, values);
    va_end(values);
}

__attribute__((format(printf, 1, 2))) static inline void fault(const char* format, ...) {
    va_list values;
    va_start(values, format);
    write_line("fault: ", format, values);
    va_end(values);
}

static inline uint64_t digest(const char* bytes, size_t size) {
    uint64_t value = 14695981039346656037u;
    for (size_t k = 0; k < size; k++) value = (value ^ (unsigned char)bytes[k]) * 1099511628211u;
    return value;
}
