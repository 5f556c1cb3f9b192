using Plastic.Host;
using Plastic.Tasks;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Data files of every format give the same task, and a bad one is refused on one line with the place.</summary>
public sealed class DataFileTests : IDisposable
{
    /// <summary>Three episodes of one, two and one steps, one for each part.</summary>
    private const string Csv = """
        episode,split,input_a,input_b,target,weight
        first,train,1,2,0.5,1
        second,validation,3,4,-1,2
        second,validation,5,6,1,3
        third,test,7,8,2,1

        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-data-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_csv_file_has_a_line_per_step()
    {
        var data = DataFile.Read(Written("own trials.csv", Csv));
        Assert.Equal(("own trials.csv", "data_own_trials_csv"), (data.Name, data.Task.Name));
        Assert.Equal(64, data.Sha256.Length);
        var episodes = data.Task.Episodes.Invoke(EpisodeSettings.Default);
        Assert.Equal((2, 1, 2), (episodes.Inputs, episodes.Outputs, episodes.Steps));
        var batch = episodes.Of(Part.Validation, 1, 10).Batch(data.Task.TestKey, 0, 1);
        Assert.Equal([3, 4, 5, 6], batch.Input);
        Assert.Equal([-1, 1], batch.Target);
        Assert.Equal([0.4, 0.6], batch.Weight);
        batch = episodes.Of(Part.Test, 1, 10).Batch(data.Task.TestKey, 0, 1);
        Assert.Equal([7, 8, 0, 0], batch.Input);
        Assert.Equal([1, 0], batch.Weight);
    }

    [Fact]
    public void Every_format_gives_the_same_episodes()
    {
        NamedTensor[] arrays =
        [
            new("inputs", [3, 2, 2], new float[] { 1, 2, 0, 0, 3, 4, 5, 6, 7, 8, 0, 0 }),
            new("targets", [3, 2, 1], new double[] { 0.5, 0, -1, 1, 2, 0 }),
            new("weights", [3, 2], new double[] { 1, 0, 2, 3, 1, 0 }),
            new("lengths", [3], new double[] { 1, 2, 1 }),
            new("split", [3], new double[] { 0, 1, 2 }),
        ];
        Npz.Write(In("d.npz"), arrays, []);
        Safetensors.Write(In("d.safetensors"), arrays);
        Directory.CreateDirectory(In("arrays"));
        foreach (var array in arrays)
        {
            using var file = File.Create(In(Path.Combine("arrays", $"{array.Name}.npy")));
            Npy.Write(file, array);
        }
        Directory.CreateDirectory(In("parts"));
        foreach (var part in new[] { "train", "validation", "test" })
        {
            var lines = Csv.Split('\n').Where((line, at) => at == 0 || line.Contains($",{part},"))
                .Select(line => string.Join(',', line.Split(',').Where((_, column) => column != 1)));
            File.WriteAllLines(In(Path.Combine("parts", $"{part}.csv")), lines);
        }
        var expected = All(Written("d.csv", Csv));
        foreach (var name in new[] { "d.npz", "d.safetensors", "arrays", "parts" }) Assert.Equal(expected, All(In(name)));

        static double[] All(string file)
        {
            var task = DataFile.Read(file).Task;
            var episodes = task.Episodes.Invoke(EpisodeSettings.Default);
            return [.. Enum.GetValues<Part>().SelectMany(part =>
            {
                var batch = episodes.Of(part, 1, 1).Batch(task.TestKey, 0, 1);
                return batch.Input.Concat(batch.Target).Concat(batch.Weight);
            })];
        }
    }

    [Theory]
    [InlineData("episode,input,target", "episode input target", "columns, separated by commas")]
    [InlineData("input_b,", "colour,", "line 1: column 'colour' is unknown")]
    [InlineData("input_b,", "input_a,", "names the column 'input_a' twice")]
    [InlineData("3,4,-1", "3,x,-1", "line 3, column 'input_b': 'x' is not a number")]
    [InlineData("3,4,-1", "3,NaN,-1", "'NaN' is not a number")]
    [InlineData("3,4,-1", "3,-1", "line 3 has 5 values for 6 columns")]
    [InlineData("3,4,-1", "3,4,5,-1", "line 3 has more than 6 values")]
    [InlineData("third,test", "first,test", "line 5: episode 'first' comes back")]
    [InlineData("validation,5", "test,5", "line 4: split changes from 'validation' to 'test'")]
    [InlineData("first,train", "first,training", "line 2: split is 'training'")]
    [InlineData("third,test", "third,train", "split [3]: no episode has 2")]
    [InlineData(",1\n", ",-1\n", "weights[0] is -1")]
    [InlineData("target,weight", "label,weight", "label 0.5 is not a whole number")]
    public void A_bad_csv_file_is_refused_with_the_place(string from, string to, string words)
    {
        var bad = Csv.Contains(from, StringComparison.Ordinal) ? Csv.Replace(from, to) : to + "\n1,2,3\n";
        var fault = Assert.Throws<PlasticException>(() => DataFile.Read(Written("bad.csv", bad)));
        Assert.Equal(ExitCode.BadData, fault.Code);
        Assert.Contains(words, fault.Message);
        Assert.Contains("bad.csv", fault.Message);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void A_missing_file_another_kind_and_another_folder_are_refused()
    {
        Assert.Equal(ExitCode.MissingInput, Assert.Throws<PlasticException>(() => DataFile.Read(In("no.npz"))).Code);
        Assert.Contains("must end in", Assert.Throws<PlasticException>(() => DataFile.Read(Written("a.txt", ""))).Message);
        Assert.Contains("a folder has", Assert.Throws<PlasticException>(() => DataFile.Read(folder.FullName)).Message);
        Assert.Contains("is empty", Assert.Throws<PlasticException>(() => DataFile.Read(Written("a.csv", ""))).Message);
    }

    [Fact]
    public void The_hash_is_that_of_the_content()
    {
        var file = Written("d.csv", Csv);
        var before = DataFile.Read(file).Sha256;
        Assert.Equal(before, DataFile.HashOf(file));
        File.WriteAllText(file, Csv.Replace("7,8", "7,9"));
        Assert.NotEqual(before, DataFile.HashOf(file));
        Assert.Null(DataFile.HashOf(In("none")));
    }

    private string In(string name) => Path.Combine(folder.FullName, name);

    private string Written(string name, string content)
    {
        File.WriteAllText(In(name), content);
        return In(name);
    }
}
