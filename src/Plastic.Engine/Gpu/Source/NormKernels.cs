namespace Plastic.Engine;

/// <summary>
/// Writes the kernels that measure a step: squares, the sum of squares of each range of the gradient; and finish, which adds them, computes
/// the norm and the factor that clips, collects the losses, and sees to it that a step with a number that is not finite changes nothing.
/// </summary>
/// <remarks>
/// Float64 is not on every device. A sum is a pair of floats whose second holds what the first rounds off; each range is divided by a power
/// of two near its largest number first, so no square overflows. The norm has about 46 bits.
/// </remarks>
internal static class NormKernels
{
    /// <summary>Numbers of a range. A constant, since it sets the order of sums.</summary>
    private const int Range = 4096;

    /// <summary>Numbers that squares leaves of each range: a pair, and the bits of the largest magnitude.</summary>
    public const int PartialFloats = 3;

    /// <summary>Numbers that lie in the state: whether training has stopped, and the factor that clips, a pair.</summary>
    public const int StateFloats = 3;

    /// <summary>Numbers of a result before the losses: the norm, a pair and the power of two that it is multiplied by.</summary>
    public const int ResultFloats = 3;

    /// <summary>Floats of local memory that the kernels take.</summary>
    public static readonly IReadOnlyDictionary<string, int> LocalFloats =
        new Dictionary<string, int> { ["squares"] = 3 * Prelude.GroupSize, ["finish"] = 4 * Prelude.GroupSize };

    /// <summary>Ranges of the gradient, which are the groups of squares.</summary>
    public static int Ranges(EpisodeLayout layout) => (layout.ParameterSize + Range - 1) / Range;

    /// <summary>The two kernels, without a prelude.</summary>
    public static string Write(EpisodeLayout layout) => $$"""
        // Adds x, and what x is rounded by, to the pair (top, rest).
        #define ADD_PAIR(top, rest, x, below) { \
            float term = x; \
            float sum = top + term; \
            float part = sum - top; \
            rest += ((top - (sum - part)) + (term - part)) + below; \
            top = sum; }

        // The power of two that a magnitude is divided by, so that it is below 4 and no square of it is tiny.
        FUNCTION int exponent(int bits) { int e = (bits >> 23) - 128; return e < -126 ? -126 : e; }
        FUNCTION float power(int e) { return e < -126 ? 0.0f : AS_FLOAT((e + 127) << 23); }

        KERNEL void squares(GLOBAL const float* gradient, GLOBAL float* partials) {
            LOCAL_FLOATS(near, 3 * SIZE);
            NEAR float* peaks = near;
            NEAR float* tops = near + SIZE;
            NEAR float* rests = near + 2 * SIZE;
            int first = GID * {{Range}};
            int end = first + {{Range}} < {{layout.ParameterSize}} ? first + {{Range}} : {{layout.ParameterSize}};
            int peak = 0;
            for (int k = first + LID; k < end; k += SIZE) {
                int bits = AS_INT(gradient[k]) & 0x7FFFFFFF;
                peak = bits > peak ? bits : peak;
            }
            peaks[LID] = AS_FLOAT(peak);
            BAR();
            for (int c = 0; c < SIZE; c++) peak = AS_INT(peaks[c]) > peak ? AS_INT(peaks[c]) : peak;
            float down = power(-exponent(peak));
            float top = 0.0f;
            float rest = 0.0f;
            for (int k = first + LID; k < end; k += SIZE) {
                float x = gradient[k] * down;
                float square = x * x;
                ADD_PAIR(top, rest, square, FMA(x, x, -square))
            }
            tops[LID] = top;
            rests[LID] = rest;
            BAR();
            if (LID != 0) return;
            for (int c = 1; c < SIZE; c++) ADD_PAIR(top, rest, tops[c], rests[c])
            partials[GID * {{PartialFloats}}] = top;
            partials[GID * {{PartialFloats}} + 1] = rest;
            partials[GID * {{PartialFloats}} + 2] = AS_FLOAT(peak);
        }

        KERNEL void finish(GLOBAL const float* partials, GLOBAL const float* outs, GLOBAL float* state, GLOBAL float* result, int rows,
            float most, float most_rest) {
            LOCAL_FLOATS(near, 4 * SIZE);
            NEAR float* peaks = near;
            NEAR float* tops = near + SIZE;
            NEAR float* rests = near + 2 * SIZE;
            NEAR float* faults = near + 3 * SIZE;
            int fault = 0;
            for (int row = LID; row < rows; row += SIZE) {
                float loss = outs[(wide)row * {{layout.OutputSize + 1}} + {{layout.OutputSize}}];
                result[{{ResultFloats}} + row] = loss;
                if ((AS_INT(loss) & 0x7FFFFFFF) >= 0x7F800000) fault = 1;
            }
            int peak = 0;
            for (int k = LID; k < {{Ranges(layout)}}; k += SIZE) {
                int bits = AS_INT(partials[k * {{PartialFloats}} + 2]);
                peak = bits > peak ? bits : peak;
            }
            peaks[LID] = AS_FLOAT(peak);
            faults[LID] = (float)fault;
            BAR();
            for (int c = 0; c < SIZE; c++) {
                peak = AS_INT(peaks[c]) > peak ? AS_INT(peaks[c]) : peak;
                if (faults[c] != 0.0f) fault = 1;
            }
            int e = exponent(peak);
            float top = 0.0f;
            float rest = 0.0f;
            for (int k = LID; k < {{Ranges(layout)}}; k += SIZE) {
                float down = power(2 * (exponent(AS_INT(partials[k * {{PartialFloats}} + 2])) - e));
                ADD_PAIR(top, rest, partials[k * {{PartialFloats}}] * down, partials[k * {{PartialFloats}} + 1] * down)
            }
            tops[LID] = top;
            rests[LID] = rest;
            BAR();
            if (LID != 0) return;
            for (int c = 1; c < SIZE; c++) ADD_PAIR(top, rest, tops[c], rests[c])
            float root = SQRT(top);
            float root_rest = root > 0.0f ? (FMA(-root, root, top) + rest) / (root + root) : 0.0f;
            if (peak >= 0x7F800000) {
                fault = 1;
                root = AS_FLOAT(peak);
                root_rest = 0.0f;
                e = 0;
            }
            result[0] = root;
            result[1] = root_rest;
            result[2] = (float)e;

            // most / (norm + 1e-6), with both sides divided by a power of two where the norm is large; 1e-6 as a pair.
            int up = e > 0 ? e : 0;
            float norm = root * power(e - up);
            float norm_rest = root_rest * power(e - up);
            ADD_PAIR(norm, norm_rest, 9.99999997e-7f * power(-up), 2.5247573e-15f * power(-up))
            float about = most / norm;
            float beside = (FMA(-about, norm, most) - about * norm_rest + most_rest) / norm;
            float factor = about + beside;
            float factor_rest = (beside - (factor - about)) * power(-up);
            factor *= power(-up);
            // Not a number where the quotient overflows: there it does not clip either.
            if (!(factor < 1.0f || (factor == 1.0f && factor_rest < 0.0f))) {
                factor = 1.0f;
                factor_rest = 0.0f;
            }
            if (fault) state[0] = 1.0f;
            state[1] = factor;
            state[2] = factor_rest;
        }

        """;
}
