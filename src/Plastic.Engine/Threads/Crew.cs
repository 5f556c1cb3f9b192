using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Plastic.Engine;

/// <summary>
/// A fixed set of threads that share numbered work items; the caller is one of them. Which thread runs which item is not
/// determined, so a job whose result must not depend on it writes only to memory that belongs to the item, and uses the
/// worker's index only to find scratch space. <see cref="Run"/> allocates nothing.
/// </summary>
public sealed class Crew : IDisposable
{
    // Long enough to bridge the caller's serial work between two runs within a training step, short enough not to waste the processor.
    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    private readonly object gate = new();
    private readonly Thread[] helpers;
    private readonly bool spins;

    // Everything below is guarded by the gate, except next (interlocked) and what a spinning thread reads.
    private Action<int, int>? job;
    private int count;
    private long next;
    private int round;
    private bool open;
    private int inside;
    private bool closing;
    private long failedItem;
    private ExceptionDispatchInfo? failure;
    private int busy;

    /// <summary>Starts threads − 1 background threads, which live until <see cref="Dispose"/>.</summary>
    /// <param name="threads">The number of threads, including the caller; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one thread.</exception>
    public Crew(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        spins = threads <= Environment.ProcessorCount;
        helpers = new Thread[threads - 1];
        for (var i = 0; i < helpers.Length; i++)
        {
            var worker = i + 1;
            helpers[i] = new Thread(() => Serve(worker)) { IsBackground = true, Name = $"crew {worker}" };
            helpers[i].Start();
        }
    }

    /// <summary>The number of threads, including the caller of <see cref="Run"/>; workers are 0 … Threads − 1.</summary>
    public int Threads { get; }

    /// <summary>
    /// Calls <paramref name="work"/>(worker, item) once for every item 0 … <paramref name="items"/> − 1, taking
    /// items in ascending order, and returns when all are done. Worker 0 is the caller. If items throw, no further items are
    /// taken, those under way are finished, and the exception of the lowest item is thrown here: the same one for any number
    /// of threads.
    /// </summary>
    /// <param name="items">The number of items, ≥ 0.</param>
    /// <param name="work">Does one item, given the index of the worker and of the item.</param>
    /// <exception cref="InvalidOperationException">The crew is already running: Run was called within a job, or on two threads.</exception>
    /// <exception cref="ObjectDisposedException">The crew has been disposed of.</exception>
    public void Run(int items, Action<int, int> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentOutOfRangeException.ThrowIfNegative(items);
        Enter();
        try
        {
            if (helpers.Length == 0 || items < 2)
            {
                for (var item = 0; item < items; item++)
                {
                    work(0, item);
                }
            }
            else
            {
                RunTogether(items, work);
            }
        }
        finally
        {
            Volatile.Write(ref busy, 0);
        }
    }

    /// <summary>Stops the threads and waits for them to end. A second call does nothing.</summary>
    /// <exception cref="InvalidOperationException">The crew is running.</exception>
    public void Dispose()
    {
        if (closing)
        {
            return;
        }

        Enter();
        lock (gate)
        {
            closing = true;
            Monitor.PulseAll(gate);
        }

        foreach (var helper in helpers)
        {
            helper.Join();
        }

        Volatile.Write(ref busy, 0);
    }

    private void Enter()
    {
        if (Interlocked.Exchange(ref busy, 1) != 0)
        {
            throw new InvalidOperationException("Crew: already running; only one run at a time.");
        }

        if (closing)
        {
            Volatile.Write(ref busy, 0);
            throw new ObjectDisposedException(nameof(Crew));
        }
    }

    private void RunTogether(int items, Action<int, int> work)
    {
        lock (gate)
        {
            job = work;
            count = items;
            next = 0;
            open = true;
            round++;
            Monitor.PulseAll(gate);
        }

        Work(0, work, items);

        // A helper that has not woken by now is not waited for: it can no longer join this round.
        lock (gate)
        {
            open = false;
        }

        var start = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref inside) > 0 && MaySpin(start))
        {
        }

        ExceptionDispatchInfo? thrown;
        lock (gate)
        {
            while (inside > 0)
            {
                Monitor.Wait(gate);
            }

            thrown = failure;
            failure = null;
            job = null;
        }

        thrown?.Throw();
    }

    private void Serve(int worker)
    {
        var seen = 0;
        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref round) == seen && MaySpin(start))
            {
            }

            Action<int, int> work;
            int items;
            lock (gate)
            {
                while (round == seen && !closing)
                {
                    Monitor.Wait(gate);
                }

                if (closing)
                {
                    return;
                }

                seen = round;
                if (!open)
                {
                    continue;
                }

                inside++;
                work = job!;
                items = count;
            }

            Work(worker, work, items);
            lock (gate)
            {
                if (--inside == 0)
                {
                    Monitor.PulseAll(gate);
                }
            }
        }
    }

    private void Work(int worker, Action<int, int> work, int items)
    {
        long item = 0;
        try
        {
            while ((item = Interlocked.Increment(ref next) - 1) < items)
            {
                work(worker, (int)item);
            }
        }
        catch (Exception e)
        {
            // All items below this one have been started and run to their end, so the lowest failure is always seen.
            Volatile.Write(ref next, items);
            lock (gate)
            {
                if (failure is null || item < failedItem)
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                    failedItem = item;
                }
            }
        }
    }

    private bool MaySpin(long start)
    {
        Thread.SpinWait(20);
        return spins && Stopwatch.GetTimestamp() - start < SpinTicks;
    }
}
