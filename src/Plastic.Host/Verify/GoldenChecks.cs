using Plastic.Core;

namespace Plastic.Host;

/// <summary>Checks of what a golden file says. Nothing in it is trusted: names, shapes, sizes and ranges are all checked.</summary>
/// <param name="path">The file, for messages.</param>
internal sealed class GoldenChecks(string path)
{
    /// <summary>Far above any golden case, and low enough that no product of sizes overflows.</summary>
    public const int LargestSize = 65_536;

    /// <summary>One array for each parameter, by name, and no other.</summary>
    public double[][] OnePerParameter(string place, Dictionary<string, GoldenTensor> arrays, IReadOnlyList<Parameter> parameters)
    {
        Only(place, arrays, parameters.Select(parameter => parameter.Name));
        return [.. parameters.Select(parameter => Values(place, arrays, parameter.Name, parameter.Shape))];
    }

    /// <summary>The numbers of a named array of a given shape.</summary>
    public double[] Values(string place, Dictionary<string, GoldenTensor> arrays, string name, params int[] shape) =>
        arrays.TryGetValue(name, out var array) ? Values($"{place} > {name}", array, shape) : throw Fault(place, $"{name} is missing");

    /// <summary>The numbers of an array of a given shape.</summary>
    public double[] Values(string place, GoldenTensor array, params int[] shape)
    {
        if (!array.Shape.AsSpan().SequenceEqual(shape))
        {
            throw Fault(place, $"expected shape [{string.Join(", ", shape)}], got [{string.Join(", ", array.Shape)}]");
        }
        var size = shape.Aggregate(1L, (product, length) => product * length);
        return array.Data.Length == size ? array.Data : throw Fault($"{place} > data", $"expected {size} numbers, got {array.Data.Length}");
    }

    /// <summary>The numbers of an array that holds whole numbers below a bound.</summary>
    public int[] Wholes(string place, GoldenTensor array, int bound, params int[] shape) =>
    [
        .. Values(place, array, shape).Select(x => x >= 0 && x < bound && x == Math.Floor(x)
            ? (int)x : throw Fault($"{place} > data", $"expected whole numbers from 0 to {bound - 1}")),
    ];

    /// <summary>Refuses arrays that the network does not have: they could change what the file means.</summary>
    public void Only(string place, Dictionary<string, GoldenTensor> arrays, IEnumerable<string> names)
    {
        if (arrays.Keys.Except(names).FirstOrDefault() is { } unknown) throw Fault(place, $"{unknown} is unknown");
    }

    public int Whole(string place, int value, int low, int high) =>
        value >= low && value <= high ? value : throw Fault(place, $"expected a whole number from {low} to {high}");

    public double AtLeastZero(string place, double value) => value >= 0 ? value : throw Fault(place, "expected a number ≥ 0");

    public T OneOf<T>(string place, string text, params (string Name, T Value)[] choices)
    {
        foreach (var choice in choices)
        {
            if (choice.Name == text) return choice.Value;
        }
        throw Fault(place, $"unknown: {text}; expected {string.Join(", ", choices.Select(choice => choice.Name))}");
    }

    /// <summary>The fault to throw for what is wrong at a place.</summary>
    public PlasticException Fault(string place, string what) => JsonFile.Fault(path, place, what);
}
