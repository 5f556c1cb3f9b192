namespace Plastic.Host;

/// <summary>
/// The user's folder of what files of code and kernels compile to, and of what the user has named before. It may be deleted at any time. What lies
/// there is run, so nobody else may write to it.
/// </summary>
internal static class CacheFolder
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Its path; it is created where it is not there, and closed to others. Null where it cannot be, and nothing is kept.</summary>
    /// <exception cref="PlasticException">It belongs to another user, or others could write to it.</exception>
    public static string? Find() => Closed(Place());

    /// <summary>The same for a folder at that path.</summary>
    /// <exception cref="PlasticException">It belongs to another user, or others could write to it.</exception>
    public static string? Closed(string path)
    {
        // Owners are asked for as Unix has them.
        if (OperatingSystem.IsWindows()) return null;
        try
        {
            Directory.CreateDirectory(path, Own);
            if (FileStatus.Of(path) is not { } status) return null;
            if (!status.IsOwn) throw Refused(path, "it belongs to another user");
            if ((status.Mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0) throw Refused(path, "others may write to it");
            if (status.Mode != Own) File.SetUnixFileMode(path, Own);
            return path;
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Place()
    {
        static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } path ? path : null;
        return Variable("PLASTIC_CACHE")
            ?? Path.Combine(
                Variable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
                "plastic");
    }

    private static PlasticException Refused(string path, string why) => new(
        ExitCode.Configuration,
        $"{path} cannot hold compiled code: {why}; delete it, or name another folder in PLASTIC_CACHE");
}
