using System.Security.Cryptography;
using System.Text;

namespace Plastic.Engine;

/// <summary>
/// What kernels compiled to, in a folder of the user's, or nowhere. Each entry begins with a digest of itself and of its key, so that a damaged one,
/// or one in another's place, is never loaded. What was not used for <see cref="Days"/> days is removed when something new is written. The folder may be
/// deleted at any time.
/// </summary>
/// <param name="folder">Where nobody else may write, since what lies there is run; null for nowhere.</param>
internal sealed class KernelCache(string? folder)
{
    /// <summary>Days that an entry is kept without being used.</summary>
    public const int Days = 90;

    /// <summary>The key of what a compiler makes of a source.</summary>
    /// <param name="parts">All that decides it: the source, the options, the device, its driver, the compiler.</param>
    public static string Key(params IEnumerable<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => $"{part.Length} {part}\n")))));

    /// <summary>What lies there under a key; null if there is nothing, or nothing whole.</summary>
    public byte[]? Read(string key)
    {
        if (folder is null) return null;
        try
        {
            var file = Path.Combine(folder, key);
            var entry = File.ReadAllBytes(file);
            if (entry.Length < SHA256.HashSizeInBytes) return null;
            var image = entry[SHA256.HashSizeInBytes..];
            if (!entry.AsSpan(0, SHA256.HashSizeInBytes).SequenceEqual(Digest(key, image))) return null;
            MarkUsed(file);
            return image;
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps an image, as a whole or not at all. A full or read-only disk only makes the next start slower.</summary>
    public void Write(string key, byte[] image)
    {
        if (folder is null) return;
        var file = Path.Combine(folder, key);
        // Another process or thread may do the same.
        var temporary = $"{file}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.tmp";
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(temporary, [.. Digest(key, image), .. image]);
            File.Move(temporary, file, overwrite: true);
            RemoveUnused(folder);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
        }
    }

    // Not every file system keeps this by itself.
    private static void MarkUsed(string file)
    {
        try
        {
            File.SetLastAccessTimeUtc(file, DateTime.UtcNow);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            // An entry that cannot be marked is compiled again some day.
        }
    }

    /// <summary>Removes old entries, and what was left behind on the way to one; other files are not this cache's.</summary>
    private static void RemoveUnused(string folder)
    {
        var since = DateTime.UtcNow.AddDays(-Days);
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            if (IsEntry(file.Name) && file.LastAccessTimeUtc < since) TryDelete(file.FullName);
        }

        static bool IsEntry(string name) =>
            name.Length >= 2 * SHA256.HashSizeInBytes && name.Take(2 * SHA256.HashSizeInBytes).All(char.IsAsciiHexDigitLower);
    }

    private static byte[] Digest(string key, byte[] image) => SHA256.HashData([.. Encoding.UTF8.GetBytes(key), .. image]);

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            // It stays behind, under a name that nothing reads.
        }
    }
}
