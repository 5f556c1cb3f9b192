using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The crew runs every item once, reports failures the same way for any number of threads, and can be disposed of.</summary>
public sealed class CrewTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    public void Every_item_is_done_once_and_workers_do_not_overlap(int threads)
    {
        using var crew = new Crew(threads);
        var done = new int[500];
        var busy = new int[threads];
        var overlaps = 0;
        Action<int, int> job = (worker, item) =>
        {
            if (Interlocked.Increment(ref busy[worker]) != 1) Interlocked.Increment(ref overlaps);
            Interlocked.Increment(ref done[item]);
            Interlocked.Decrement(ref busy[worker]);
        };
        for (var items = 0; items <= done.Length; items++)
        {
            Array.Clear(done);
            crew.Run(items, job);
            Assert.All(done, (times, item) => Assert.Equal(item < items ? 1 : 0, times));
        }

        Assert.Equal(0, overlaps);
    }

    [Fact]
    public void Threads_work_at_the_same_time_even_after_a_pause()
    {
        using var crew = new Crew(3);
        foreach (var pause in new[] { 0, 0, 50, 0 })
        {
            Thread.Sleep(pause);
            using var meeting = new Barrier(3);
            var workers = new int[3];
            crew.Run(3, (worker, item) =>
            {
                Assert.True(meeting.SignalAndWait(Patience), "the others did not come");
                workers[item] = worker;
            });
            Assert.Equal([0, 1, 2], workers.Order());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void The_exception_of_the_lowest_item_is_thrown_after_all_have_stopped(int threads)
    {
        using var crew = new Crew(threads);
        for (var round = 0; round < 200; round++)
        {
            var inside = 0;
            var error = Assert.Throws<FormatException>(() => crew.Run(100, (_, item) =>
            {
                Interlocked.Increment(ref inside);
                try
                {
                    if (item % 10 == 7)
                    {
                        Thread.SpinWait(item == 7 ? 2000 : 1);
                        throw new FormatException($"item {item}");
                    }
                }
                finally
                {
                    Interlocked.Decrement(ref inside);
                }
            }));
            Assert.Equal("item 7", error.Message);
            Assert.Equal(0, inside);
        }

        var sum = 0;
        crew.Run(10, (_, item) => Interlocked.Add(ref sum, item));
        Assert.Equal(45, sum);
    }

    [Fact]
    public void The_caller_is_worker_zero_and_one_thread_runs_in_order()
    {
        using var crew = new Crew(1);
        var items = new List<int>();
        crew.Run(5, (worker, item) =>
        {
            Assert.Equal(0, worker);
            items.Add(item);
        });
        Assert.Equal([0, 1, 2, 3, 4], items);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_run_inside_a_run_is_refused(int threads)
    {
        using var crew = new Crew(threads);
        Action<int, int> nothing = (_, _) => { };
        Assert.Throws<InvalidOperationException>(() => crew.Run(4, (_, _) => crew.Run(4, nothing)));
        crew.Run(4, nothing);
    }

    [Fact]
    public void A_run_allocates_nothing()
    {
        using var crew = new Crew(2);
        var results = new double[64];
        Action<int, int> job = (_, item) => results[item]++;
        long before = 0;
        for (var round = 0; round < 200; round++)
        {
            before = round == 100 ? GC.GetAllocatedBytesForCurrentThread() : before;
            crew.Run(results.Length, job);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.All(results, times => Assert.Equal(200, times));
    }

    [Fact]
    public void Disposal_ends_the_crew()
    {
        var crew = new Crew(4);
        crew.Run(4, (_, _) => { });
        crew.Dispose();
        crew.Dispose();
        Assert.Throws<ObjectDisposedException>(() => crew.Run(4, (_, _) => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Crew(0));
    }
}
