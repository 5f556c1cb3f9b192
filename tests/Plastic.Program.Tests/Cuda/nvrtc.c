// A stand-in for NVRTC, CUDA's compiler: it compiles a source for this machine's CPU with clang, and refuses what NVRTC would.
// VERSION is that of the CUDA that it belongs to.
//   STANDIN_CARDS  the cards that it knows, such as 80,90
#define _GNU_SOURCE
#include "standin.h"
#include <sys/wait.h>

struct program { char* source; char* log; char* image; size_t size; int is_binary; };

enum { OK = 0, INVALID_INPUT = 3, INVALID_OPTION = 5, COMPILE_FAILED = 6 };

static int cards(int* to) {
    int count = 0;
    char* text = strdup(setting("STANDIN_CARDS", "75,80,90"));
    for (char* word = strtok(text, ","); word; word = strtok(NULL, ",")) {
        if (to) to[count] = atoi(word);
        count++;
    }
    free(text);
    return count;
}

int nvrtcVersion(int* major, int* minor) { *major = VERSION; *minor = 9; return OK; }
int nvrtcGetNumSupportedArchs(int* count) { *count = cards(NULL); return OK; }
int nvrtcGetSupportedArchs(int* to) { cards(to); return OK; }

int nvrtcCreateProgram(struct program** to, const char* source, const char* name, int headers, const char** texts, const char** names) {
    if (!source || !name || headers || texts || names) return fault("nvrtcCreateProgram: no source, or headers"), INVALID_INPUT;
    record("NVRTC %d", VERSION);
    *to = calloc(1, sizeof **to);
    (*to)->source = strdup(source);
    (*to)->log = strdup("");
    return OK;
}

int nvrtcDestroyProgram(struct program** program) {
    free((*program)->source);
    free((*program)->log);
    free((*program)->image);
    free(*program);
    *program = NULL;
    return OK;
}

static char* read_file(const char* path, size_t* size) {
    FILE* file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    *size = ftell(file);
    rewind(file);
    char* bytes = calloc(*size + 1, 1);
    if (fread(bytes, 1, *size, file) != *size) fault("nvrtc: a file cannot be read");
    fclose(file);
    return bytes;
}

// The folder of this library holds words.h too.
static const char* folder(void) {
    static char path[4096];
    Dl_info found;
    dladdr(folder, &found);
    snprintf(path, sizeof path, "%s", found.dli_fname);
    *strrchr(path, '/') = 0;
    return path;
}

int nvrtcCompileProgram(struct program* p, int count, const char** options) {
    int card = 0, contracts = 1, known = cards(NULL), is_known = 0, cards_known[64];
    char defines[4096] = "";
    cards(cards_known);
    for (int k = 0; k < count; k++) {
        const char* option = options[k];
        if (!strncmp(option, "--gpu-architecture=", 19)) {
            p->is_binary = !strncmp(option + 19, "sm_", 3);
            card = atoi(strchr(option, '_') + 1);
        } else if (!strcmp(option, "--fmad=false")) contracts = 0;
        else if (!strncmp(option, "--define-macro=", 15)) snprintf(defines + strlen(defines), 200, "#define %s\n", option + 15);
        // What NVRTC does by itself, said again.
        else if (strcmp(option, "--ftz=false") && strcmp(option, "--prec-div=true") && strcmp(option, "--prec-sqrt=true"))
            return fault("nvrtcCompileProgram: option %s", option), INVALID_OPTION;
        record("option %s", option);
    }
    for (int k = 0; k < known; k++) is_known |= cards_known[k] == card;
    if (!is_known) return fault("nvrtcCompileProgram: card %d is not known", card), INVALID_OPTION;

    char place[] = "/tmp/standin-XXXXXX", source[64], made[64], log[64];
    if (!mkdtemp(place)) return fault("nvrtc: no folder"), COMPILE_FAILED;
    snprintf(source, sizeof source, "%s/kernels.cc", place);
    snprintf(made, sizeof made, "%s/kernels.so", place);
    snprintf(log, sizeof log, "%s/log", place);
    FILE* file = fopen(source, "w");
    fprintf(file, "%s#define STANDIN_LOCAL %ld\n#include \"%s/words.h\"\n#line 1 \"kernels.cu\"\n%s\n", defines, local_limit(), folder(), p->source);
    for (const char* at = p->source; (at = strstr(at, "\nKERNEL void ")); at++) {
        fprintf(file, "STANDIN_KERNEL(%.*s)\n", (int)strcspn(at + 13, "( "), at + 13);
    }
    fclose(file);

    pid_t child = fork();
    if (!child) {
        if (!freopen(log, "w", stderr)) _exit(126);
        const char* compilers[] = { "clang-19", "clang-18", "clang-17", "clang-16" };
        for (int k = 0; k < 4; k++) {
            execlp(
                compilers[k], compilers[k], "-x", "c++", "-std=c++17", "-O1", "-march=native", "-shared", "-fPIC", "-w",
                contracts ? "-ffp-contract=fast" : "-ffp-contract=off", "-nostdlib", "-o", made, source, "-lm", NULL);
        }
        _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    size_t size;
    free(p->log);
    if (!(p->log = read_file(log, &size))) p->log = strdup("error: clang cannot be run");
    char* library = status == 0 ? read_file(made, &size) : NULL;
    remove(source); remove(made); remove(log); remove(place);
    if (!library) return COMPILE_FAILED;

    struct image head = { "", card, VERSION, size, digest(library, size) };
    memcpy(head.kind, p->is_binary ? "BINARY" : "PTX", p->is_binary ? 7 : 4);
    p->size = sizeof head + size;
    p->image = malloc(p->size);
    memcpy(p->image, &head, sizeof head);
    memcpy(p->image + sizeof head, library, size);
    free(library);
    return OK;
}

int nvrtcGetProgramLogSize(struct program* p, size_t* size) { *size = strlen(p->log) + 1; return OK; }
int nvrtcGetProgramLog(struct program* p, char* to) { strcpy(to, p->log); return OK; }

static int image_size(struct program* p, int is_binary, size_t* size) {
    if (!p->image || p->is_binary != is_binary) return fault("nvrtc: a program has no image of this kind"), INVALID_INPUT;
    *size = p->size;
    return OK;
}

static int image(struct program* p, int is_binary, char* to) {
    size_t size;
    int error = image_size(p, is_binary, &size);
    if (!error) memcpy(to, p->image, size);
    return error;
}

int nvrtcGetCUBINSize(struct program* p, size_t* size) { return image_size(p, 1, size); }
int nvrtcGetCUBIN(struct program* p, char* to) { return image(p, 1, to); }
int nvrtcGetPTXSize(struct program* p, size_t* size) { return image_size(p, 0, size); }
int nvrtcGetPTX(struct program* p, char* to) { return image(p, 0, to); }
