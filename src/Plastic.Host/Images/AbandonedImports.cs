namespace Plastic.Host;

/// <summary>
/// Folders of imports whose process was killed. A living one has its staged images open, and locked, until its folder gets its name.
/// </summary>
internal static class AbandonedImports
{
    public const string StagedName = "staged.bin";

    /// <summary>The folder in which a process makes a set.</summary>
    public static string Folder(string root, string name) => Path.Combine(root, $".{name}.{Environment.ProcessId}.tmp");

    /// <summary>Deletes them.</summary>
    public static void Delete(string root)
    {
        if (!Directory.Exists(root)) return;
        foreach (var folder in Directory.EnumerateDirectories(root, ".*.tmp"))
        {
            var staged = Path.Combine(folder, StagedName);
            try
            {
                if (!File.Exists(staged)) continue;
                using (new FileStream(staged, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) File.Delete(staged);
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                // It is in use, or somebody else's.
            }
        }
    }
}
