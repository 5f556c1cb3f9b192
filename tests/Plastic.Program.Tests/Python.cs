using System.Collections.Concurrent;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>A Python with a module that a test needs: Debian's, or another that is in the path.</summary>
internal static class Python
{
    private const string NumPy = "numpy";

    private static readonly ConcurrentDictionary<string, string?> Found = new();

    /// <summary>Whether there is one with NumPy.</summary>
    public static bool IsThere => Has(NumPy);

    /// <summary>Whether there is one with a module.</summary>
    public static bool Has(string module) => With(module) is not null;

    /// <summary>Runs a script in a folder, and returns what it prints.</summary>
    public static string Run(string folder, string script, string module = NumPy)
    {
        var (code, printed, errors) = Try(With(module)!, folder, "-c", script);
        Assert.True(code == 0, $"python: {errors}");
        return printed;
    }

    private static string? With(string module) => Found.GetOrAdd(module, _ => new[] { "/usr/bin/python3", "python3" }
        .FirstOrDefault(python => Try(python, Path.GetTempPath(), "-c", $"import {module}").Code == 0));

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
