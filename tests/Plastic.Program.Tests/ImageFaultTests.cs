using Plastic.Host;
using Plastic.Tasks;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>What is wrong with an image set is said when it is made, listed and trained on, on one line.</summary>
public sealed class ImageFaultTests : IDisposable
{
    private const int Side = 8;

    private readonly Session session = new();
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("plastic-faults-");

    public void Dispose()
    {
        session.Dispose();
        root.Delete(recursive: true);
    }

    [Fact]
    public void Too_few_classes_and_images_are_named()
    {
        WriteFolders("few", (part, label) => part == "test" && label > 2 ? 0 : 2);
        IsRefused("few", "test has 3 classes; an episode needs 5");
        WriteFolders("single", (part, label) => part == "val" && label == 4 ? 1 : 2);
        IsRefused("single", "class 'val 4' of validation has one image; an episode needs two");
        WriteFolders("singles", (_, label) => label is 2 or 4 ? 1 : 2);
        IsRefused("singles", "class 'train 2' and 1 more of train have one image; an episode needs two");

        void IsRefused(string name, string said)
        {
            var ended = Import(name);
            Assert.Equal(ExitCode.Ok, ended.Code);
            Assert.Equal($"plastic: warning: it cannot be trained on: {said}", Assert.Single(ended.Messages));
            ended = session.Run("train", $"data={Path.Combine(Sets, name)}");
            Assert.Equal(ExitCode.BadData, ended.Code);
            Assert.EndsWith($"{name}: {said}", Assert.Single(ended.Messages));
        }
    }

    [Fact]
    public void A_part_without_classes_is_refused()
    {
        var folder = MadeSet.Write(Sets, Side, seed: 1);
        Change(folder, facts => facts with { Test = new([], []) });
        foreach (var words in new string[][] { ["data", "show", MadeSet.Name, "--data", Sets], ["train", $"data={folder}"] })
        {
            var ended = session.Run(words);
            Assert.Equal(ExitCode.BadData, ended.Code);
            Assert.EndsWith("images.json: test has no class", Assert.Single(ended.Messages));
        }
    }

    [Fact]
    public void Pictures_and_classes_that_are_there_twice_are_counted()
    {
        // Picture 0 of train 0 is in every part; picture 1 of train 0 is in train 1 too. Classes 3 have one name in two parts.
        WriteFolders("twice", (_, _) => 2);
        string At(string part, int label, int n) => Path.Combine(root.FullName, "twice", part, $"{part} {label}", $"{n}.png");
        File.Copy(At("train", 0, 0), At("val", 2, 7));
        File.Copy(At("train", 0, 0), At("test", 2, 7));
        File.Copy(At("train", 0, 1), At("train", 1, 7));
        // The same picture twice in its class is no fault of a set.
        File.Copy(At("train", 0, 1), At("train", 0, 7));
        foreach (var part in new[] { "val", "test" }) Directory.Move(Path.GetDirectoryName(At(part, 3, 0))!, Path.Combine(root.FullName, "twice", part, "fish"));
        var ended = Import("twice");
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Equal(
            "plastic: warning: the same more than once: 1 picture in two parts; 1 picture in two classes of a part; 1 class in two parts (fish)",
            Assert.Single(ended.Messages));
    }

    [Fact]
    public void Numbers_are_the_names_of_classes_in_each_part()
    {
        WriteFolders("numbers", (_, _) => 2);
        foreach (var part in new[] { "train", "val", "test" })
        {
            for (var label = 0; label < 6; label++)
            {
                var place = Path.Combine(root.FullName, "numbers", part);
                Directory.Move(Path.Combine(place, $"{part} {label}"), Path.Combine(place, $"{label}"));
            }
        }
        var ended = Import("numbers");
        Assert.Equal((ExitCode.Ok, 0), (ended.Code, ended.Messages.Length));
    }

    [Fact]
    public void One_damaged_set_does_not_hide_the_others()
    {
        MadeSet.Write(Sets, Side, seed: 1);
        Directory.Move(Path.Combine(Sets, MadeSet.Name), Path.Combine(Sets, "first"));
        var folder = MadeSet.Write(Sets, Side, seed: 2);
        Change(folder, facts => facts with { Format = 9 });
        var ended = session.Run("data", "list", "--data", Sets);
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.StartsWith("first ", Assert.Single(ended.Results));
        Assert.EndsWith("made/images.json: format 9; this version reads 1", Assert.Single(ended.Messages));
        Assert.Contains("\"damaged\"", session.Run("data", "list", "--data", Sets, "--json").Output);
    }

    [Fact]
    public void A_pipe_among_the_pictures_is_refused()
    {
        WriteFolders("piped", (_, _) => 2);
        var pipe = Path.Combine(root.FullName, "piped", "val", "val 1", "9.png");
        Assert.Equal(0, Processes.Run(root.FullName, "mkfifo", [pipe]).Code);
        var ended = Import("piped");
        Assert.Equal(ExitCode.BadData, ended.Code);
        Assert.EndsWith("9.png: a pipe, not a file", Assert.Single(ended.Messages));
    }

    [Fact]
    public void What_a_killed_import_left_is_removed_by_the_next_one_and_a_living_one_is_left_alone()
    {
        WriteFolders("ok", (_, _) => 2);
        var killed = Directory.CreateDirectory(Path.Combine(Sets, ".big.4000000.tmp")).FullName;
        File.WriteAllBytes(Path.Combine(killed, "staged.bin"), [1, 2, 3]);
        File.WriteAllBytes(Path.Combine(killed, "images.bin"), [1, 2, 3]);
        using (var living = new ImageSetWriter(Sets, "living", Side, CancellationToken.None))
        {
            Assert.Equal(ExitCode.Ok, Import("ok").Code);
            Assert.False(Directory.Exists(killed));
            foreach (var part in Enum.GetValues<Part>()) living.Add(living.AddClass(part, $"{part}"), new PixelImage(Side, Side, new byte[Side * Side * 3]));
            living.Finish("a test", []);
        }
        Assert.Equal(["living", "ok"], Directory.EnumerateFileSystemEntries(Sets).Select(path => Path.GetFileName(path)).Order());
        Assert.Equal(["images.bin", "images.json"], Directory.EnumerateFiles(Path.Combine(Sets, "ok")).Select(path => Path.GetFileName(path)).Order());
    }

    private string Sets => Path.Combine(root.FullName, "data");

    private static void Change(string folder, Func<ImageSetFacts, ImageSetFacts> change)
    {
        var facts = ImageSetFacts.Read(folder);
        File.WriteAllText(Path.Combine(folder, ImageSetFacts.FileName), JsonText.Document(change(facts)));
    }

    /// <summary>Six classes in each part, of as many pictures as asked for, each another one.</summary>
    private void WriteFolders(string name, Func<string, int, int> count)
    {
        var random = new Random(1);
        foreach (var part in new[] { "train", "val", "test" })
        {
            for (var label = 0; label < 6; label++)
            {
                if (count(part, label) == 0) continue;
                var place = Directory.CreateDirectory(Path.Combine(root.FullName, name, part, $"{part} {label}")).FullName;
                for (var n = 0; n < count(part, label); n++)
                {
                    var pixels = new byte[Side * Side * 3];
                    random.NextBytes(pixels);
                    File.WriteAllBytes(Path.Combine(place, $"{n}.png"), MadeImages.Encoded(pixels, Side, SkiaSharp.SKEncodedImageFormat.Png));
                }
            }
        }
    }

    private Ended Import(string name) => session.Run("data", "import", Path.Combine(root.FullName, name), "--name", name, "--data", Sets);
}
