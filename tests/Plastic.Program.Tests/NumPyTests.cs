using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>What NumPy writes is read with the same numbers, and NumPy reads what the program writes with the same numbers.</summary>
public sealed class NumPyTests : IDisposable
{
    private const string Arrays = """
        import numpy as np, json, struct
        types = ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8",
                 "u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8", "?"]
        arrays = {}
        for t in types:
            a = (np.arange(60) % 7).reshape(3, 4, 5).astype(t)
            arrays["c" + t] = a
            arrays["f" + t] = np.asfortranarray(a)
        arrays["scalar"] = np.float64(0.1)
        arrays["empty"] = np.zeros((0, 3), "<f4")

        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-numpy-");

    public void Dispose() => folder.Delete(recursive: true);

    [NumPyFact]
    public void Every_array_of_an_npz_file_is_read()
    {
        Python.Run(folder.FullName, Arrays + """
            np.savez("plain.npz", **arrays)
            np.savez_compressed("small.npz", **arrays)
            """);
        foreach (var name in new[] { "plain.npz", "small.npz" })
        {
            var read = Npz.Read(In(name));
            Assert.Equal(44, read.Count);
            foreach (var array in read.Where(array => array.Name.Length < 5)) RequireCounting(array);
            Assert.Equal([0.1], (double[])read.Single(array => array.Name == "scalar").Data);
            Assert.Equal([0, 3], read.Single(array => array.Name == "empty").Shape);
        }
    }

    [NumPyFact]
    public void Arrays_in_npy_files_of_every_version_are_read()
    {
        Python.Run(folder.FullName, """
            import numpy as np
            a = (np.arange(60) % 7).reshape(3, 4, 5).astype("<f4")
            for version in (1, 2, 3):
                with open(f"v{version}.npy", "wb") as f:
                    np.lib.format.write_array(f, a, version=(version, 0))
            """);
        foreach (var version in new[] { 1, 2, 3 })
        {
            using var stream = File.OpenRead(In($"v{version}.npy"));
            RequireCounting(Npy.Read("v", stream, stream.Length));
        }
    }

    [NumPyFact]
    public void Every_array_of_a_safetensors_file_is_read()
    {
        Python.Run(folder.FullName, Arrays + """
            names = {"<f2": "F16", "<f4": "F32", "<f8": "F64", "i1": "I8", "<i2": "I16", "<i4": "I32", "<i8": "I64",
                     "u1": "U8", "<u2": "U16", "<u4": "U32", "<u8": "U64", "?": "BOOL"}
            header, data = {}, b""
            for t, dtype in names.items():
                a = arrays["c" + t]
                header[dtype] = {"dtype": dtype, "shape": a.shape, "data_offsets": [len(data), len(data) + a.nbytes]}
                data += a.tobytes()
            text = json.dumps(header).encode()
            open("a.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)
            """);
        var read = Safetensors.Read(In("a.safetensors")).Tensors;
        Assert.Equal(12, read.Count);
        foreach (var array in read) RequireCounting(array);
    }

    [NumPyFact]
    public void Exports_open_with_equal_numbers()
    {
        using var session = new Session();
        var trained = session.Train("cuereward", "rule=gradient", "cell=LSTM", "hidden=5", "batch=6", "max_batch=4", "validate_every=2", "test_batches=3", "--seed", "7", "--threads", "1");
        Assert.Equal(ExitCode.Ok, trained.Code);
        var run = trained.Results[^1];
        string[] choice = ["--episodes", "15", "--layers", "recurrent", "--steps", "3,20"];
        foreach (var ending in new[] { "npz", "safetensors", "csv" })
        {
            var exported = session.Run(["export", run, "-o", In($"run.{ending}"), .. choice]);
            Assert.Equal((ExitCode.Ok, In($"run.{ending}")), (exported.Code, exported.Results[^1]));
            var again = In($"again.{ending}");
            Assert.Equal(ExitCode.Ok, session.Run(["export", run, "-o", again, .. choice, "--threads", "2"]).Code);
            Assert.Equal(File.ReadAllBytes(In($"run.{ending}")), File.ReadAllBytes(again));
        }
        foreach (var file in new[] { Path.Combine("checkpoints", "best.safetensors"), "config.json", "test.json" })
        {
            File.Copy(Path.Combine(run, file), In(Path.GetFileName(file)));
        }
        var printed = Python.Run(folder.FullName, """
            import numpy as np, json, struct
            def safetensors(file):
                data = open(file, "rb").read()
                length, = struct.unpack("<Q", data[:8])
                header = json.loads(data[8:8 + length])
                meta = header.pop("__metadata__", {})
                types = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}
                return {name: np.frombuffer(data[8 + length + h["data_offsets"][0]:8 + length + h["data_offsets"][1]],
                                            types[h["dtype"]]).reshape(h["shape"]) for name, h in header.items()}, meta
            run = np.load("run.npz")
            other, meta = safetensors("run.safetensors")
            axes = dict(line.split(": ") for line in run["axes"])
            made = json.loads(run["run"][0])
            assert made == json.loads(meta.pop("run")) and axes == meta
            assert made["settings"] == json.load(open("config.json")) and made["seed"] == 7 and "data" not in made
            assert made["weights_step"] == json.load(open("test.json"))["best_step"]
            assert set(run.files) == set(other) | {"axes", "run"}
            assert list(run["episode_index"]) == list(range(15)) and run["episode_index"].dtype == np.int64
            for name in other:
                assert run[name].dtype == other[name].dtype and np.array_equal(run[name], other[name]), name
                assert run[name].ndim == len(axes[name].split(", ")), name
            best, _ = safetensors("best.safetensors")
            for name in best:
                assert np.array_equal(run["weights." + name], best[name]), name
            assert run["inputs"].shape == (15, 20, 16) and run["outputs"].shape == (15, 20, 1)
            assert run["state.h"].shape == (15, 2, 5) and run["fast.recurrent"].shape[:2] == (15, 2)
            assert run["lengths"].dtype == run["kept_steps"].dtype == np.int64 and (run["lengths"] == 20).all()
            assert list(run["kept_steps"]) == [3, 20] and np.abs(run["fast.recurrent"]).max() > 0
            assert not any(name.startswith("fast.") and name != "fast.recurrent" for name in run.files)
            table = np.genfromtxt("run.csv", delimiter=",", names=True)
            assert (table["seed"] == 7).all() and (table["weights_step"] == made["weights_step"]).all()
            assert np.array_equal(table["episode_index"], np.repeat(np.arange(15), 20))
            assert np.array_equal(table["output_1"].astype("f4"), run["outputs"].reshape(-1))
            assert np.array_equal(table["input_16"], run["inputs"][:, :, 15].reshape(-1))
            assert np.array_equal(table["eta"].astype("f4"), run["eta"].reshape(-1))
            assert np.array_equal(table["lambda"].astype("f4"), run["lambda"].reshape(-1))
            error = ((run["outputs"] - run["targets"]) ** 2).mean(axis=2)
            print(repr((run["step_weights"] * error).sum(axis=1).mean()))
            """);
        // The first fifteen of eighteen test episodes; with all of them it is the loss that eval gives.
        Assert.True(double.Parse(printed, System.Globalization.CultureInfo.InvariantCulture) > 0);
        session.Run("export", run, "-o", In("all.npz"), "--episodes", "999", "--layers", "none", "--steps", "1");
        var loss = double.Parse(
            Python.Run(folder.FullName, """
                import numpy as np
                run = np.load("all.npz")
                assert len(run["inputs"]) == 18
                error = ((run["outputs"] - run["targets"]) ** 2).mean(axis=2)
                print(repr((run["step_weights"] * error).sum(axis=1).mean()))
                """),
            System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(TestResults.Read(run)!.TestLoss, loss, 1e-6);
    }

    /// <summary>The array is (0, 1, 2 … 59) mod 7, or whether that is not 0, as [3, 4, 5].</summary>
    private static void RequireCounting(NamedTensor array)
    {
        var isBool = array.Name is "BOOL" or "c?" or "f?";
        Assert.Equal([3, 4, 5], array.Shape);
        var expected = Enumerable.Range(0, 60).Select(at => isBool ? Math.Min(1.0, at % 7) : at % 7);
        Assert.Equal(expected, array.Data as double[] ?? Array.ConvertAll((float[])array.Data, x => (double)x));
    }

    private string In(string name) => Path.Combine(folder.FullName, name);
}
