using System.Reflection;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Tasks;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>What C# meets of the core: a network, an episode and a gradient, with no F# type in sight.</summary>
public sealed class FaceTests
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // What is for authors of rules and for F# callers, and says so.
    private static readonly string[] ForFSharp =
    [
        "Rule.Parameters", "Rule.Learn", "Rule.TraceBound", "Rule.Settings", "Rule..ctor",
        "Task.Published", "Task.Reads", "Task.Size", "Task.Chance", "Task.LeastLoss", "Task.Episodes", "Task..ctor",
    ];

    public static TheoryData<string> Rules => [.. RuleBook.All.Select(rule => rule.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_network_runs_and_learns_through_the_face_alone(string ruleName)
    {
        Assert.True(RuleBook.TryFind(ruleName, out var rule));
        var options = NetworkOptions.Default;
        options.Rule = rule;
        options.Cell = Cell.Lstm;
        options.Alpha = AlphaMode.Uniform;
        options.InnerLoss = InnerLossMean.PerSample;
        options.Inputs = 3;
        options.Hidden = 5;
        options.Outputs = 2;
        options.Batch = 4;

        Assert.Empty(options.Faults);

        var network = new PlasticNetwork(options);
        var batch = RandomBatch(options, steps: 6);
        var parameters = network.InitialValues(seed: 1);
        Assert.Equal(network.Parameters.Select(p => p.Size), parameters.Select(values => values.Length));
        using IExecutor executor = new ReferenceExecutor(network.Program);

        var episode = executor.Run(parameters, batch, wantGradient: true);

        Assert.Equal(4 * 6 * 2, episode.Outputs["output"].Length);
        Assert.Equal(episode.Loss, episode.SampleLoss.Sum(), 1e-12);
        Assert.Equal(network.RunReference(parameters, batch, wantGradient: false).Loss, episode.Loss);
        Assert.Equal(ruleName == "none" ? [] : ["cell", "input", "output", "recurrent"], episode.FastWeights.Keys.Order());
        Assert.Equal(5 * 4, episode.States["h"].Length);
        var scale = 0.01 / Math.Sqrt(episode.Gradients.Sum(g => g.Sum(x => x * x)));
        var lower = parameters.Zip(episode.Gradients, (p, g) => p.Zip(g, (x, d) => x - scale * d).ToArray()).ToArray();
        Assert.True(executor.Run(lower, batch, wantGradient: false).Loss < episode.Loss);
    }

    [Fact]
    public void The_engine_takes_the_same_gradient_into_buffers()
    {
        var options = NetworkOptions.Default;
        options.Hidden = 7;
        options.Batch = 3;
        var network = new PlasticNetwork(options);
        var batch = RandomBatch(options, steps: 4);
        var parameters = network.InitialValues(seed: 2);
        var narrow = Array.ConvertAll(parameters, p => Array.ConvertAll(p, x => (float)x));
        var gradients = Array.ConvertAll(narrow, p => new float[p.Length]);
        using IExecutor executor = new CpuExecutor(network.Program, threads: 2);

        var loss = executor.Gradient(narrow, batch, gradients);

        var reference = network.RunReference(parameters, batch, wantGradient: true);
        Assert.Equal(reference.Loss, loss, 1e-5);
        Assert.Equal(reference.Loss, executor.Evaluate(narrow, batch), 1e-5);
        var largest = reference.Gradients.Max(g => g.Max(Math.Abs));
        foreach (var (expected, found) in reference.Gradients.Zip(gradients))
        {
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * largest));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Batches_evaluated_together_give_what_each_gives_alone(bool isReference)
    {
        var options = NetworkOptions.Default;
        options.Hidden = 6;
        options.Batch = 3;
        var network = new PlasticNetwork(options);
        var parameters = Array.ConvertAll(network.InitialValues(seed: 3), p => Array.ConvertAll(p, x => (float)x));
        using IExecutor executor = isReference ? new ReferenceExecutor(network.Program) : new CpuExecutor(network.Program, threads: 2);
        Batch[] batches = [RandomBatch(options, steps: 4), RandomBatch(options, steps: 5)];
        Dictionary<string, double[]> Room(Batch batch) => new() { ["output"] = new double[batch.Size * batch.Steps * options.Outputs] };
        Dictionary<string, double[]>[] together = Array.ConvertAll(batches, Room), alone = Array.ConvertAll(batches, Room);
        var losses = new double[2];

        executor.EvaluateEach(parameters, batches, losses, together);

        for (var k = 0; k < batches.Length; k++)
        {
            Assert.Equal(executor.Evaluate(parameters, batches[k], alone[k]), losses[k]);
            Assert.Equal(alone[k]["output"], together[k]["output"]);
        }
        Assert.Throws<ArgumentException>(() => executor.EvaluateEach(parameters, batches, new double[1]));
        Assert.Throws<ArgumentException>(() => executor.EvaluateEach(parameters, batches, losses, together.AsSpan(0, 1)));
    }

    [Fact]
    public void Options_that_describe_no_network_are_told_fault_by_fault()
    {
        var options = NetworkOptions.Default;
        options.Hidden = -1;
        options = options.With("p_lr", double.NaN);

        Assert.Equal(2, options.Faults.Count);
        var raised = Assert.Throws<OptionsException>(() => new PlasticNetwork(options));
        Assert.Equal(options.Faults, raised.Faults);
        Assert.False(RuleBook.TryFind("hebian", out _));
    }

    [Fact]
    public void Episodes_and_a_measure_are_made_of_lambdas()
    {
        var episodes = new Episodes(1, 2, 3, t => t == 2 ? 1 : 0, (stream, input, target) =>
        {
            input.AsSpan().Fill(stream.Uniform());
            target.AsSpan().Fill(input[0]);
        });
        var batch = episodes.Batch(Philox.key(7, "face"), 5, 4);
        Assert.Equal([0, 0, 1], batch.Weight);
        Assert.Equal(4, batch.Input.Distinct().Count());
        Assert.Equal(batch.Input[9], batch.Target[^1]);
        var task = Tasks.Task.Create("own", "", Loss.MeanSquaredError, 1, 2, 3, 1, (_, _, _, _) => { })
            .Measuring(new Measure("first output", (of, outputs) => outputs[0] / of.Size));
        Assert.Equal(("first output", 2), (task.Measure.Name, task.Measure.Of(batch, [8])));
    }

    [Fact]
    public void The_default_options_are_nobodys_to_change()
    {
        NetworkOptions.Default.Hidden = 3;
        Assert.Equal(128, NetworkOptions.Default.Hidden);
    }

    [Fact]
    public void No_signature_that_CSharp_meets_has_an_FSharp_type()
    {
        Type[] roots = [typeof(RuleBook), typeof(PlasticNetwork), typeof(Tasks.Task), typeof(Measure), typeof(Episodes), .. typeof(IExecutor).Assembly.GetExportedTypes()];
        var seen = new HashSet<Type>();
        var pending = new Stack<Type>(roots);
        var met = new List<string>();
        while (pending.TryPop(out var type))
        {
            if (!IsOurs(type) || !seen.Add(type))
            {
                continue;
            }
            foreach (var member in type.GetMembers(Everything))
            {
                var name = $"{type.Name}.{member.Name}";
                if (ForFSharp.Contains(name) || ForFSharp.Contains(name.Replace(".get_", ".")))
                {
                    continue;
                }
                foreach (var part in Signature(member).SelectMany(Parts))
                {
                    pending.Push(part);
                    if (part.Namespace?.StartsWith("Microsoft.FSharp", StringComparison.Ordinal) == true)
                    {
                        met.Add($"{name}: {part.Name}");
                    }
                }
            }
        }

        Assert.Empty(met);
        Type[] expected =
            [typeof(NetworkOptions), typeof(Rule), typeof(Parameter), typeof(Batch), typeof(Episode), typeof(StepProgram)];
        Assert.All(expected, type => Assert.Contains(type, seen));
    }

    private static bool IsOurs(Type type) =>
        type.Assembly == typeof(RuleBook).Assembly || type.Assembly == typeof(IExecutor).Assembly || type.Assembly == typeof(Tasks.Task).Assembly;

    private static IEnumerable<Type> Signature(MemberInfo member) => member switch
    {
        MethodInfo method => method.GetParameters().Select(p => p.ParameterType).Append(method.ReturnType),
        ConstructorInfo constructor => constructor.GetParameters().Select(p => p.ParameterType),
        PropertyInfo property => [property.PropertyType],
        FieldInfo field => [field.FieldType],
        EventInfo { EventHandlerType: { } handler } => [handler],
        Type nested => [nested],
        _ => [],
    };

    /// <summary>A type, what it is an array or reference of, and its arguments.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        yield return type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
        Type[] inner = type.GetElementType() is { } element ? [element] : type.GetGenericArguments();
        foreach (var part in inner.Where(part => !part.IsGenericParameter).SelectMany(Parts))
        {
            yield return part;
        }
    }

    private static Batch RandomBatch(NetworkOptions options, int steps)
    {
        var stream = new RandomStream(Philox.key(7, "face"), 0, 0);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => stream.Uniform(-1, 1))];
        var (size, inputs, outputs) = (options.Batch, options.Inputs, options.Outputs);
        var weight = Enumerable.Repeat(1.0 / steps, steps).ToArray();
        return new Batch(size, steps, inputs, outputs, Draw(size * steps * inputs), Draw(size * steps * outputs), weight);
    }
}
