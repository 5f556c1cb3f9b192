// CUDA's words for a CPU: what stands before a source that the stand-in for NVRTC compiles. The threads of a group are fibers of one
// thread of the system, so what CUDA has for each of them is a global that the driver sets whenever it goes on with another one.
struct Dim { int x; };
extern "C" {
Dim threadIdx, blockIdx;
void (*standin_barrier)();
// All the local memory that a group can have; the driver gives each launch its part.
__attribute__((aligned(64))) float near[STANDIN_LOCAL / 4 + 1024];
}
#define __global__
#define __launch_bounds__(n)
#define __device__
#define __shared__
#define __align__(n) __attribute__((aligned(n)))
struct alignas(16) float4 { float x, y, z, w; };
#define __syncthreads() standin_barrier()
static inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
static inline float rintf(float a) { return __builtin_rintf(a); }
static inline float fabsf(float a) { return __builtin_fabsf(a); }
static inline double __dsqrt_rn(double a) { return __builtin_sqrt(a); }
static inline double __hiloint2double(int high, int low) {
    return __builtin_bit_cast(double, ((unsigned long long)(unsigned int)high << 32) | (unsigned int)low);
}
static inline int __float_as_int(float x) { return __builtin_bit_cast(int, x); }
static inline float __int_as_float(int x) { return __builtin_bit_cast(float, x); }

// How the driver calls a kernel with an array of pointers to its arguments, and what it asks about them.
template <class T, T... I> struct Numbers {};
template <class... A, unsigned... I> static void standin_call(void (*kernel)(A...), void** p, Numbers<unsigned, I...>) {
    kernel(*(A*)p[I]...);
}
template <class... A> static void standin_call(void (*kernel)(A...), void** p) {
    standin_call(kernel, p, __make_integer_seq<Numbers, unsigned, sizeof...(A)>());
}
template <class... A> static int standin_size(void (*)(A...), unsigned k) {
    const int sizes[] = {(__is_pointer(A) ? -1 : 1) * (int)sizeof(A)..., 0};
    return k < sizeof...(A) ? sizes[k] : 0;
}
// Bytes of argument k, negative for a pointer, 0 behind the last one.
#define STANDIN_KERNEL(name) \
    extern "C" void name##_run(void** p) { standin_call(name, p); } \
    extern "C" int name##_size(unsigned k) { return standin_size(name, k); }
