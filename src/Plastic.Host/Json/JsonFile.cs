using System.Text.Json;

namespace Plastic.Host;

/// <summary>
/// Reads untrusted JSON as a type that defines what it may contain. A fault is a <see cref="PlasticException"/> of one line
/// that names the file, the place in it, and what was expected there.
/// </summary>
internal static class JsonFile
{
    private const int LongestText = 200;

    /// <summary>Reads a file that holds one value.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">How names are spelled; as the program's own files have them where none is given.</param>
    /// <exception cref="PlasticException">The file is missing, cannot be read, or its content is not of the type.</exception>
    public static T Read<T>(string file, JsonSerializerOptions? options = null) => Parse<T>(file, InputFile.Bytes(file), options);

    /// <summary>The same; null if the file is missing, cannot be read, or is not of the type.</summary>
    public static T? ReadOrNull<T>(string file) where T : class
    {
        try
        {
            return Read<T>(file);
        }
        catch (PlasticException)
        {
            return null;
        }
    }

    /// <summary>Reads one value from part of a file.</summary>
    /// <param name="place">The file, and where in it, for messages.</param>
    /// <param name="json">The value's text.</param>
    /// <param name="options">How names are spelled.</param>
    /// <exception cref="PlasticException">It is not of the type.</exception>
    public static T Parse<T>(string place, ReadOnlyMemory<byte> json, JsonSerializerOptions? options = null) =>
        Guarded(place, () =>
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Value<T>(place, "", document.RootElement, options);
        });

    /// <summary>Reads a member whose type depends on another.</summary>
    /// <param name="place">The file.</param>
    /// <param name="path">Where in it the member is.</param>
    /// <param name="element">The member.</param>
    /// <exception cref="PlasticException">It is not of the type.</exception>
    public static T Member<T>(string place, string path, JsonElement element) =>
        Guarded(place, () => Value<T>(place, path, element, null));

    /// <summary>The fault to throw when a value is not what it should be.</summary>
    public static PlasticException Fault(string place, string path, string what) =>
        new(ExitCode.BadData, $"{place}: {Short(path.Length == 0 ? what : $"{path}: {what}")}");

    private static T Value<T>(string place, string path, JsonElement element, JsonSerializerOptions? options)
    {
        options ??= JsonText.Lines;
        return JsonShape.Mismatch(element, typeof(T), options, path) is var (at, what)
            ? throw Fault(place, at, what)
            : element.Deserialize<T>(options)!;
    }

    private static T Guarded<T>(string place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (JsonException fault)
        {
            throw new PlasticException(ExitCode.BadData, $"{place}: cut short or not valid JSON: {Short(fault.Message)}", fault);
        }
        catch (InvalidOperationException fault)
        {
            // The parser accepts escapes such as "\ud800"; they fail when the text is read.
            throw new PlasticException(ExitCode.BadData, $"{place}: a string in it is not valid Unicode: {Short(fault.Message)}", fault);
        }
    }

    /// <summary>Untrusted text, made safe for one line of a message.</summary>
    private static string Short(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= LongestText ? line : line[..LongestText] + "…";
    }
}
