namespace Plastic.Host;

/// <summary>How the program ended, for its caller (docs/adr/0004-exit-codes.md).</summary>
internal enum ExitCode
{
    Ok = 0,

    /// <summary>The command line is wrong: an unknown command, option, name or key.</summary>
    Usage = 64,

    /// <summary>A file exists but its content is wrong: a golden case, a checkpoint.</summary>
    BadData = 65,

    /// <summary>A requested file does not exist.</summary>
    MissingInput = 66,

    /// <summary>Some of several runs failed.</summary>
    SomeFailed = 69,

    /// <summary>A number that is not finite, a check that does not hold, or a fault of the program itself.</summary>
    Failed = 70,

    /// <summary>The output already exists or is in use.</summary>
    Exists = 73,

    /// <summary>Reading or writing failed.</summary>
    InputOutput = 74,

    /// <summary>Stopped with a checkpoint after SIGUSR1: the same command continues the work.</summary>
    TryAgain = 75,

    /// <summary>Code that came with a run's folder, which nobody has said may run here.</summary>
    NotTrusted = 77,

    /// <summary>Settings that describe no run, or a machine that is not set up.</summary>
    Configuration = 78,

    /// <summary>Ctrl-C.</summary>
    Interrupted = 130,

    /// <summary>SIGTERM.</summary>
    Terminated = 143,
}
