using System.Runtime.InteropServices;

namespace Plastic.Engine;

/// <summary>
/// An MPI library, loaded when it is asked for. There are three kinds, which differ in what handles are: addresses of objects that Open MPI
/// exports; numbers in MPICH and its kin; small pointers in the ABI of MPI 5. Where a handle is a number its upper half is not read, so one
/// signature serves all.
/// </summary>
internal sealed unsafe class MpiLibrary
{
    /// <summary>The environment variable that names the library's file.</summary>
    public const string Setting = "PLASTIC_MPI";

    private readonly delegate* unmanaged<int*, byte***, int, int*, int> init;
    private readonly delegate* unmanaged<nint, int*, int> rank, size;
    private readonly delegate* unmanaged<void*, int, nint, int, int, nint, int> send;
    private readonly delegate* unmanaged<void*, int, nint, int, int, nint, nint, int> receive;
    private readonly delegate* unmanaged<void*, int, nint, int, nint, int> broadcast;
    private readonly delegate* unmanaged<void*, int, nint, void*, int, nint, nint, int> gather;
    private readonly delegate* unmanaged<nint, int, int> abort;
    private readonly delegate* unmanaged<int> finish;
    private readonly nint world, bytes, statusIgnore;
    private readonly int funneled;

    private MpiLibrary(string file, nint library)
    {
        File = file;
        if (Path.GetFileName(file).StartsWith("libmpi_abi", StringComparison.Ordinal))
        {
            // By its name, which the standard gives: it may be linked to a library of another kind, whose objects are found through it.
            (Kind, world, bytes, statusIgnore, funneled) = ("the MPI 5 ABI", 0x101, 0x247, 0, 1024);
        }
        else if (NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out var exported))
        {
            (Kind, world, bytes, statusIgnore, funneled) = ("Open MPI", exported, Find("ompi_mpi_byte"), 0, 1);
        }
        else
        {
            (Kind, world, bytes, statusIgnore, funneled) = ("MPICH", 0x44000000, 0x4c00010d, 1, 1);
        }
        init = (delegate* unmanaged<int*, byte***, int, int*, int>)Find("MPI_Init_thread");
        rank = (delegate* unmanaged<nint, int*, int>)Find("MPI_Comm_rank");
        size = (delegate* unmanaged<nint, int*, int>)Find("MPI_Comm_size");
        send = (delegate* unmanaged<void*, int, nint, int, int, nint, int>)Find("MPI_Send");
        receive = (delegate* unmanaged<void*, int, nint, int, int, nint, nint, int>)Find("MPI_Recv");
        broadcast = (delegate* unmanaged<void*, int, nint, int, nint, int>)Find("MPI_Bcast");
        gather = (delegate* unmanaged<void*, int, nint, void*, int, nint, nint, int>)Find("MPI_Allgather");
        abort = (delegate* unmanaged<nint, int, int>)Find("MPI_Abort");
        finish = (delegate* unmanaged<int>)Find("MPI_Finalize");

        nint Find(string name) => NativeLibrary.TryGetExport(library, name, out var address)
            ? address
            : throw new MpiException($"{file} is no MPI library: it has no {name} ({Setting} names another file)");
    }

    /// <summary>The file, as it was asked for.</summary>
    public string File { get; }

    /// <summary>Whose handles it has.</summary>
    public string Kind { get; }

    /// <summary>Loads the library that a setting names, or the first that goes with a launcher and is installed.</summary>
    /// <param name="launcher">The launcher.</param>
    /// <param name="named">The file that the setting names; null for none.</param>
    /// <exception cref="MpiException">It is not installed, or no MPI library.</exception>
    public static MpiLibrary Load(Launcher launcher, string? named)
    {
        if (!string.IsNullOrEmpty(named))
        {
            return NativeLibrary.TryLoad(named, out var library)
                ? new MpiLibrary(named, library)
                : throw new MpiException($"the MPI library {named}, which {Setting} names, cannot be loaded");
        }
        foreach (var file in launcher.Libraries)
        {
            if (NativeLibrary.TryLoad(file, out var library)) return new MpiLibrary(file, library);
        }
        throw new MpiException(
            $"no MPI library is installed for {launcher.Name}: looked for {string.Join(", ", launcher.Libraries)} ({Setting} names another file)");
    }

    /// <summary>Begins; the thread that calls this is the only one that may call the library.</summary>
    public (int Rank, int Count) Init()
    {
        int granted, number, count;
        Check(init(null, null, funneled, &granted), "MPI_Init_thread");
        Check(rank(world, &number), "MPI_Comm_rank");
        Check(size(world, &count), "MPI_Comm_size");
        return (number, count);
    }

    public void Send(ReadOnlySpan<byte> from, int to)
    {
        fixed (byte* start = from) Check(send(start, from.Length, bytes, to, 0, world), "MPI_Send");
    }

    public void Receive(Span<byte> to, int from)
    {
        fixed (byte* start = to) Check(receive(start, to.Length, bytes, from, 0, world, statusIgnore), "MPI_Recv");
    }

    public void Broadcast(Span<byte> values, int from)
    {
        fixed (byte* start = values) Check(broadcast(start, values.Length, bytes, from, world), "MPI_Bcast");
    }

    public void Gather(ReadOnlySpan<byte> own, Span<byte> all)
    {
        fixed (byte* from = own, to = all) Check(gather(from, own.Length, bytes, to, own.Length, bytes, world), "MPI_Allgather");
    }

    public void Abort(int code) => abort(world, code);

    public void Finish() => Check(finish(), "MPI_Finalize");

    private void Check(int code, string call)
    {
        if (code != 0) throw new MpiException($"{call} of {File} failed with code {code}");
    }
}
