using Plastic.CommandLine;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>`plastic data import SOURCE`: reads whichever of the four layouts a folder has.</summary>
internal static class ImageImport
{
    private const string Layouts =
        "published pickles (…_train.pickle, …_val.pickle, …_test.pickle), images/ with train.csv, val.csv and test.csv, "
        + "class folders (train/CLASS/*.png, val/, test/), or CIFAR-100's train.bin and test.bin";

    /// <summary>Pictures of this set have the normalisation of its publications; nothing in the files tells that they are of this set.</summary>
    private const string MiniImageNet = "mini_imagenet";

    public static ImageSetFacts Run(ImageImportRequest request, Output output)
    {
        var source = request.Source;
        if (!Directory.Exists(source)) throw new PlasticException(ExitCode.MissingInput, $"{source}: no such folder");
        using var interruption = new Interruption();
        using var writer = new ImageSetWriter(ImageFolder.Root(request.Directory), request.Name, request.Side, interruption.Token);
        try
        {
            var facts = Read(source, writer);
            if (writer.Resized is { } resized) output.Message(resized);
            if (writer.Shared is { } shared) output.Warn(shared);
            return facts;
        }
        catch (OperationCanceledException)
        {
            throw new PlasticException(interruption.Code, "stopped; nothing was imported");
        }
        catch (FormatException fault)
        {
            throw new PlasticException(ExitCode.BadData, $"{source}: {Failure.OneLine(fault.Message)}", fault);
        }
    }

    private static ImageSetFacts Read(string source, ImageSetWriter writer)
    {
        if (PickledImages.Files(source) is { } pickles)
        {
            EachPart(pickles, (file, part) => Within(file, stream => PickledImages.Read(stream, part, writer)));
            return writer.Finish("published pickles", [], PickledImages.Published(pickles));
        }
        if (ListedImages.Files(source) is { } lists)
        {
            EachPart(lists, (file, part) => Within(file, stream => ListedImages.Read(source, stream, part, writer)));
            return writer.Finish("pictures listed in train.csv, val.csv and test.csv", [], writer.Name == MiniImageNet ? Normalisation.MiniImageNet : null);
        }
        if (ClassFolders.Parts(source) is { } folders)
        {
            EachPart(folders, (folder, part) => ClassFolders.Read(folder, part, writer));
            return writer.Finish("folders of classes", []);
        }
        if (Cifar100.Files(source) is { } files)
        {
            var classes = Cifar100.AddClasses(writer);
            foreach (var file in files) Within(file, stream => Cifar100.Read(stream, classes, writer));
            return writer.Finish(
                "CIFAR-100's binary files, split as CIFAR-FS",
                ["CIFAR-100: Alex Krizhevsky 2009, Learning multiple layers of features from tiny images", "CIFAR-FS: Bertinetto and others 2019, arXiv:1805.08136"],
                Normalisation.CifarFs);
        }
        throw new PlasticException(ExitCode.BadData, $"{source}: no layout that is known: a folder holds {Layouts}");
    }

    private static void EachPart(string[] paths, Action<string, Part> read)
    {
        foreach (var part in Enum.GetValues<Part>()) read(paths[(int)part], part);
    }

    /// <summary>Reads a file, whose name its faults then have.</summary>
    private static void Within(string file, Action<Stream> read)
    {
        InputFile.RequireFile(file);
        InputFile.Open(file, stream =>
        {
            try
            {
                read(stream);
                return true;
            }
            catch (FormatException fault)
            {
                throw new PlasticException(ExitCode.BadData, $"{file}: {Failure.OneLine(fault.Message)}", fault);
            }
        });
    }
}
