using System.Text;

namespace Plastic.Engine;

/// <summary>
/// The places of a kernel's vectors. A place passes from a vector that is no longer read to the next one of the same length, so that each
/// element of a place belongs to one thread throughout. Where a place lies is decided last, and changes no bit.
/// </summary>
internal sealed class VectorPlaces
{
    private readonly List<(int Length, double Accesses)> places = [];
    private readonly Dictionary<int, Stack<int>> free = [];

    /// <summary>A place for a vector, by its name in the source.</summary>
    public string Take(int length)
    {
        if (free.TryGetValue(length, out var some) && some.TryPop(out var found)) return Name(found);
        return TakeAlone(length);
    }

    /// <summary>A place that is not passed on.</summary>
    public string TakeAlone(int length)
    {
        places.Add((length, 0));
        return Name(places.Count - 1);
    }

    /// <summary>Makes a place at least so long.</summary>
    public void Grow(string place, int length) =>
        places[Index(place)] = places[Index(place)] with { Length = Math.Max(length, places[Index(place)].Length) };

    /// <summary>Gives a place back.</summary>
    public void Release(string place)
    {
        var index = Index(place);
        var length = places[index].Length;
        if (!free.TryGetValue(length, out var some)) free[length] = some = new Stack<int>();
        some.Push(index);
    }

    /// <summary>Counts how often each element is touched.</summary>
    public void Touch(string place, double times)
    {
        if (place[0] == 'P') places[Index(place)] = places[Index(place)] with { Accesses = places[Index(place)].Accesses + times };
    }

    /// <summary>
    /// Lays out the places: those that are touched most often in local memory as far as it goes, the others in global memory.
    /// </summary>
    /// <param name="localFloats">Floats of local memory that there are.</param>
    /// <param name="taken">Floats of local memory that are taken.</param>
    /// <param name="localSize">Floats of local memory that are then used.</param>
    /// <param name="globalSize">Floats of global memory for each group.</param>
    /// <returns>Their declarations.</returns>
    public string Declare(int localFloats, int taken, out int localSize, out int globalSize)
    {
        (localSize, globalSize) = (taken, 0);
        var text = new StringBuilder();
        foreach (var place in Enumerable.Range(0, places.Count).OrderByDescending(k => places[k].Accesses))
        {
            // Four floats are read at once.
            var length = (places[place].Length + 3) / 4 * 4;
            if (localSize + length <= localFloats)
            {
                text.Append($"    NEAR float* const {Name(place)} = near + {localSize};\n");
                localSize += length;
            }
            else
            {
                text.Append($"    GLOBAL float* const {Name(place)} = far + {globalSize};\n");
                globalSize += length;
            }
        }
        return text.ToString();
    }

    private static string Name(int place) => $"P{place}";

    private static int Index(string place) => int.Parse(place.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
}
