namespace Plastic.Host;

/// <summary>
/// What code this user has named before, by its SHA-256: a run's copy of it runs without a question. Whoever deletes the cache is
/// asked for --trust again.
/// </summary>
internal static class CodeTrust
{
    /// <summary>Whether the user has named a file of this content.</summary>
    /// <exception cref="PlasticException">The cache is not the user's own.</exception>
    public static bool Has(string hash) => CacheFolder.Find() is { } folder && File.Exists(PathOf(folder, hash));

    /// <summary>The user names a file of this content.</summary>
    /// <exception cref="PlasticException">The cache is not the user's own.</exception>
    public static void Add(string hash)
    {
        if (CacheFolder.Find() is not { } folder) return;
        try
        {
            var file = PathOf(folder, hash);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, []);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            // A full or read-only disk: the user will be asked.
        }
    }

    // The hash may be a text of someone else's file.
    private static string PathOf(string folder, string hash) => Path.Combine(folder, "trusted", Path.GetFileName(hash));
}
