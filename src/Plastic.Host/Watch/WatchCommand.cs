using System.Globalization;
using System.Security.Cryptography;
using Plastic.CommandLine;

namespace Plastic.Host;

/// <summary>`plastic watch [DIR]`: serves a page that shows runs while they train, until it is stopped.</summary>
internal static class WatchCommand
{
    private const int TokenBytes = 16;

    public static ExitCode Run(WatchRequest request, Output output)
    {
        WebFramework.Load();
        using var interruption = new Interruption();
        using var watch = WatchServer.Start(RootOf(request.Directory), request.Port, request.Reading);
        output.Document(new { watch.Address, watch.Port, watch.Root });
        output.Result(watch.Address);
        var port = watch.Port.ToString(CultureInfo.InvariantCulture);
        output.Message($"shows {watch.Root}; Ctrl-C ends it");
        output.Message($"from another machine: ssh -N -L {port}:127.0.0.1:{port} {Environment.UserName}@{Environment.MachineName}, then open the same address there");
        interruption.Token.WaitHandle.WaitOne();
        return interruption.Code;
    }

    /// <summary>The folder of all runs, which need not be there yet.</summary>
    /// <param name="directory">The folder that holds runs/, or runs/ itself; empty for the current one.</param>
    /// <exception cref="PlasticException">There is no such folder.</exception>
    public static string RootOf(string directory)
    {
        var given = Path.GetFullPath(directory.Length == 0 ? "." : directory);
        if (CLibrary.RealPath(given) is not { } folder || !Directory.Exists(folder))
        {
            throw new PlasticException(ExitCode.MissingInput, $"{given}: no such folder");
        }
        var below = RunDirectory.Root(folder);
        return Path.GetFileName(folder) == Path.GetFileName(below) && !Directory.Exists(below) ? folder : CLibrary.RealPath(below) ?? below;
    }

    /// <summary>A secret of 128 random bits.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
}
