namespace Plastic.Engine;

/// <summary>
/// What every source begins with: the words in which OpenCL C 1.2 and CUDA C differ, and the elementary functions. These are those of
/// <see cref="VectorMath"/>, number for number, so that no device's own functions decide a bit.
/// </summary>
internal static class Prelude
{
    /// <summary>Threads of a group. A constant, since it sets the order of sums.</summary>
    public const int GroupSize = 256;

    /// <summary>Sums that the partial sums of a group's threads are first brought to.</summary>
    public const int Folds = 16;

    /// <summary>
    /// A source can be compiled with REVERSED, which hands the elements to the threads in reversed order, and with POISONED, which fills
    /// local memory with NaN; neither changes a bit of the results of a correct kernel.
    /// </summary>
    public static readonly string Text = $$"""
        #ifdef __OPENCL_VERSION__
        #pragma OPENCL FP_CONTRACT OFF
        #define KERNEL __kernel __attribute__((reqd_work_group_size(SIZE, 1, 1)))
        #define RESTRICT restrict
        #define GLOBAL __global
        #define LOCAL_FLOATS(name, count) __local float name[count]
        #define NEAR __local
        #define FUNCTION
        #define LANE ((int)get_local_id(0))
        #define GID ((int)get_group_id(0))
        #define BAR() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
        #define FMA(a, b, c) fma(a, b, c)
        #define SQRT(x) sqrt(x)
        #define ROUND(x) rint(x)
        #define ABS(x) fabs(x)
        #define AS_INT(x) as_int(x)
        #define AS_FLOAT(x) as_float(x)
        #define LOAD4(x, k) vload4(k, x)
        typedef ulong wide;
        typedef float4 four;
        #else
        #define KERNEL extern "C" __global__ __launch_bounds__(SIZE)
        #define RESTRICT __restrict__
        #define GLOBAL
        // As much as the launch gives: more than 48 KiB has to be asked for.
        #define LOCAL_FLOATS(name, count) extern __shared__ __align__(16) float name[]
        #define NEAR
        #define FUNCTION static __device__
        #define LANE ((int)threadIdx.x)
        #define GID ((int)blockIdx.x)
        #define BAR() __syncthreads()
        #define FMA(a, b, c) __fmaf_rn(a, b, c)
        #define SQRT(x) __fsqrt_rn(x)
        #define ROUND(x) rintf(x)
        #define ABS(x) fabsf(x)
        #define AS_INT(x) __float_as_int(x)
        #define AS_FLOAT(x) __int_as_float(x)
        #define LOAD4(x, k) (((const float4*)(x))[k])
        typedef unsigned long long wide;
        typedef float4 four;
        #endif

        #define SIZE {{GroupSize}}
        #define FOLDS {{Folds}}
        #ifdef REVERSED
        #define LID (SIZE - 1 - LANE)
        #else
        #define LID LANE
        #endif

        FUNCTION float two_to(float n) { return AS_FLOAT((int)((unsigned int)AS_INT(n + 12583039.0f) << 23)); }

        FUNCTION float f_exp(float x) {
            x = 89.0f < x ? 89.0f : x;
            x = x < -104.0f ? -104.0f : x;
            float n = ROUND(x * 1.442695f);
            float r = FMA(n, -6.931472e-1f, x);
            r = FMA(n, 1.9046542e-9f, r);
            float p = 1.3838902e-3f;
            p = FMA(p, r, 8.3691925e-3f);
            p = FMA(p, r, 4.1668102e-2f);
            p = FMA(p, r, 1.6666517e-1f);
            p = FMA(p, r, 4.9999994e-1f);
            p = FMA(p, r, 1.0f);
            p = FMA(p, r, 1.0f);
            float half_n = ROUND(n * 0.5f);
            return p * two_to(half_n) * two_to(n - half_n);
        }

        FUNCTION float f_log(float x) {
            int tiny = x < 1.17549435e-38f;
            float normal = x * (tiny ? 16777216.0f : 1.0f);
            int bits = AS_INT(normal) - 0x3F3504F3;
            float e = (float)(bits >> 23) - (tiny ? 24.0f : 0.0f);
            float f = AS_FLOAT((bits & 0x7FFFFF) + 0x3F3504F3) - 1.0f;
            float p = 6.746611e-2f;
            p = FMA(p, f, -1.1675635e-1f);
            p = FMA(p, f, 1.1888166e-1f);
            p = FMA(p, f, -1.2405592e-1f);
            p = FMA(p, f, 1.4219552e-1f);
            p = FMA(p, f, -1.6667996e-1f);
            p = FMA(p, f, 2.0002119e-1f);
            p = FMA(p, f, -2.500001e-1f);
            p = FMA(p, f, 3.3333313e-1f);
            float square = f * f;
            float y = FMA(p * f, square, e * -1.9046542e-9f);
            y = FMA(square, -0.5f, y);
            y = FMA(e, 6.931472e-1f, y + f);
            float other = x < 0.0f ? AS_FLOAT(0x7FC00000) : AS_FLOAT(0xFF800000);
            y = 0.0f < x ? y : other;
            return x < AS_FLOAT(0x7F800000) ? y : x;
        }

        FUNCTION float f_tanh(float x) {
            float a = ABS(x);
            float z = a * a;
            float p = 2.152684e-3f;
            p = FMA(p, z, -8.1900135e-3f);
            p = FMA(p, z, 2.1706894e-2f);
            p = FMA(p, z, -5.394818e-2f);
            p = FMA(p, z, 1.3333221e-1f);
            p = FMA(p, z, -3.333333e-1f);
            float y = a < 0.625f ? FMA(z * a, p, a) : 1.0f - 2.0f / (f_exp(a + a) + 1.0f);
            return AS_FLOAT((AS_INT(y) & 0x7FFFFFFF) | (int)((unsigned int)AS_INT(x) & 0x80000000u));
        }

        FUNCTION float f_sigmoid(float x) {
            float e = f_exp(-ABS(x));
            float n = x < 0.0f ? e : 1.0f;
            return FMA(-n, e / (1.0f + e), n);
        }

        FUNCTION float f_relu(float x) { return x < 0.0f ? 0.0f : x; }
        FUNCTION float f_step(float x) { return 0.0f < x ? 1.0f : 0.0f; }
        FUNCTION float f_max(float a, float b) { return a < b ? b : a; }
        FUNCTION float f_min(float a, float b) { return b < a ? b : a; }

        FUNCTION float folded(NEAR const float* x) {
            float a = 0.0f;
            for (int c = 0; c < FOLDS; c++) a += x[c];
            return a;
        }

        """;
}
