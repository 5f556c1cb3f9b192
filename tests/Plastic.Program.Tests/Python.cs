using Xunit;

namespace Plastic.Program.Tests;

/// <summary>A Python with NumPy: Debian's python3-numpy, or another that is in the path.</summary>
internal static class Python
{
    private static readonly Lazy<string?> WithNumPy = new(() =>
        new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(python => Try(python, Path.GetTempPath(), "-c", "import numpy").Code == 0));

    /// <summary>Whether there is one.</summary>
    public static bool IsThere => WithNumPy.Value is not null;

    /// <summary>Runs a script in a folder, and returns what it prints.</summary>
    public static string Run(string folder, string script)
    {
        var (code, printed, errors) = Try(WithNumPy.Value!, folder, "-c", script);
        Assert.True(code == 0, $"python: {errors}");
        return printed;
    }

    private static (int Code, string Printed, string Errors) Try(string python, string folder, params string[] words)
    {
        try
        {
            return Processes.Run(folder, python, words);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "", "");
        }
    }
}

/// <summary>A test that needs NumPy; skipped, and named as such, where there is none.</summary>
internal sealed class NumPyFactAttribute : FactAttribute
{
    public NumPyFactAttribute()
    {
        if (!Python.IsThere) Skip = "needs python3-numpy";
    }
}
