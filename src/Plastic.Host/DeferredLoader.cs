using Plastic.Core;
using Plastic.Scripts;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Loads rules and tasks from files. Only a call loads the assembly that can do it, and only a new file the compiler.</summary>
internal sealed class DeferredLoader : ICodeLoader
{
    public (Rule, CodeFile) Rule(string reference) => CodeLoader.Rule(reference);

    public (Tasks.Task, CodeFile) Task(string reference) => CodeLoader.Task(reference);

    public (Tasks.Task, CodeFile) Data(string path) => DataFile.Read(path).AsTask;
}
