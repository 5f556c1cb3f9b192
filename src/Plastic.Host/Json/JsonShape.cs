using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Plastic.Host;

/// <summary>
/// Whether a JSON value has the shape of a type, as the serializer's contract describes it. The serializer would refuse
/// the same values, but its messages name types of this program, and these name the place in the file. Beyond that, numbers are
/// finite and whole numbers not negative in every file of the program.
/// </summary>
internal static class JsonShape
{
    /// <summary>The first place where a value differs from a type, and what was expected there; null where there is none.</summary>
    /// <exception cref="InvalidOperationException">A text is not valid Unicode.</exception>
    public static (string Path, string What)? Mismatch(JsonElement value, Type type, JsonSerializerOptions options, string path = "")
    {
        var contract = options.GetTypeInfo(type);
        return contract.Kind switch
        {
            JsonTypeInfoKind.Object => OfObject(value, contract, options, path),
            JsonTypeInfoKind.Dictionary => OfDictionary(value, contract.ElementType!, options, path),
            JsonTypeInfoKind.Enumerable => OfArray(value, contract.ElementType!, options, path),
            _ => OfLeaf(value, type, options) is { } what ? (path, what) : null,
        };
    }

    private static (string, string)? OfObject(JsonElement value, JsonTypeInfo contract, JsonSerializerOptions options, string path)
    {
        if (value.ValueKind != JsonValueKind.Object) return (path, "expected an object");
        var known = contract.Properties.Where(property => property.Set is not null).ToArray();
        foreach (var member in value.EnumerateObject())
        {
            if (known.FirstOrDefault(property => property.Name == member.Name) is not { } property)
            {
                if (contract.UnmappedMemberHandling == JsonUnmappedMemberHandling.Skip) continue;
                return (path, $"{member.Name} is unknown");
            }
            if (member.Value.ValueKind == JsonValueKind.Null && property.IsSetNullable) continue;
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (Mismatch(member.Value, type, options, Joined(path, member.Name)) is { } mismatch) return mismatch;
        }
        return known.FirstOrDefault(property => property.IsRequired && !value.TryGetProperty(property.Name, out _)) is { } missing
            ? (path, $"{missing.Name} is missing")
            : null;
    }

    private static (string, string)? OfDictionary(JsonElement value, Type type, JsonSerializerOptions options, string path)
    {
        if (value.ValueKind != JsonValueKind.Object) return (path, "expected an object");
        foreach (var member in value.EnumerateObject())
        {
            if (Mismatch(member.Value, type, options, Joined(path, member.Name)) is { } mismatch) return mismatch;
        }
        return null;
    }

    /// <summary>A path for each item is made only where it is needed: arrays of numbers are long.</summary>
    private static (string, string)? OfArray(JsonElement value, Type type, JsonSerializerOptions options, string path)
    {
        if (value.ValueKind != JsonValueKind.Array) return (path, "expected an array");
        var isLeaf = options.GetTypeInfo(type).Kind == JsonTypeInfoKind.None;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (!isLeaf && Mismatch(item, type, options, $"{path}[{index}]") is { } mismatch) return mismatch;
            if (isLeaf && OfLeaf(item, type, options) is { } what) return ($"{path}[{index}]", what);
            index++;
        }
        return null;
    }

    private static string? OfLeaf(JsonElement value, Type type, JsonSerializerOptions options)
    {
        var isNumber = value.ValueKind == JsonValueKind.Number;
        if (type == typeof(JsonElement)) return null;
        if (type == typeof(string)) return IsText(value) ? null : "expected a string";
        if (type == typeof(bool)) return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : "expected true or false";
        if (type == typeof(int))
        {
            return isNumber && value.TryGetInt32(out var whole) && whole >= 0 ? null : $"expected a whole number from 0 to {int.MaxValue}";
        }
        if (type == typeof(long))
        {
            return isNumber && value.TryGetInt64(out var whole) && whole >= 0 ? null : "expected a whole number ≥ 0";
        }
        if (type == typeof(double))
        {
            return isNumber && value.TryGetDouble(out var number) && double.IsFinite(number) ? null : "expected a finite number";
        }
        if (type.IsEnum)
        {
            var names = Enum.GetNames(type).Select(options.PropertyNamingPolicy!.ConvertName).ToArray();
            return IsText(value) && names.Contains(value.GetString()) ? null : $"expected {string.Join(", ", names)}";
        }
        throw new NotSupportedException($"no file of the program holds a {type.Name}");
    }

    /// <summary>Whether it is a text that can be read.</summary>
    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString() is not null;

    private static string Joined(string path, string name) => path.Length == 0 ? name : $"{path} > {name}";
}
