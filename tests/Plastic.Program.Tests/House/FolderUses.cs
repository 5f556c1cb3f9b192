using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Plastic.Program.Tests.House;

/// <summary>
/// Which folder of a project uses which: read from the built assembly, whose symbols tell the source file of every type. A
/// folder here is the first one below the project, "." for files beside the project file.
/// </summary>
internal sealed class FolderUses
{
    private readonly Dictionary<string, string> folderOf = [];
    private readonly SortedDictionary<(string From, string To), string> uses = [];

    public FolderUses(string assembly, string project)
    {
        using var module = ModuleDefinition.ReadModule(assembly, new ReaderParameters { ReadSymbols = true });
        var types = module.Types.Where(type => type.Name != "<Module>").ToArray();
        var declared = DeclaredTypes(project);
        foreach (var type in types)
        {
            var files = Files(type).Select(file => Path.GetRelativePath(project, file)).Where(file => !IsBuilt(file)).ToArray();
            var file = files.Length > 0
                ? files.GroupBy(name => name).MaxBy(group => group.Count())!.Key
                : declared.GetValueOrDefault(PlainName(type));
            if (file is not null)
            {
                folderOf[type.FullName] = file.Split(Path.DirectorySeparatorChar) is [var folder, _, ..] ? folder : ".";
            }
            else if (!IsGenerated(type))
            {
                Unplaced.Add(type.FullName);
            }
        }
        foreach (var type in types)
        {
            foreach (var used in Nested(type).SelectMany(Used))
            {
                if (folderOf.TryGetValue(type.FullName, out var from) && folderOf.TryGetValue(used, out var to) && from != to)
                {
                    uses.TryAdd((from, to), $"{type.Name} uses {used}");
                }
            }
        }
    }

    /// <summary>Types of which no source file was found.</summary>
    public List<string> Unplaced { get; } = [];

    /// <summary>The folders that hold types.</summary>
    public IEnumerable<string> Folders => folderOf.Values.Distinct();

    /// <summary>The uses on one cycle of folders, each with an example; empty where there is none.</summary>
    public IReadOnlyList<string> Cycle()
    {
        var left = new HashSet<string>(Folders);
        // Folders that use nothing of those left, or that nothing left uses, are on no cycle.
        while (left.RemoveWhere(folder =>
            !uses.Keys.Any(use => use.From == folder && left.Contains(use.To))
            || !uses.Keys.Any(use => use.To == folder && left.Contains(use.From))) > 0)
        {
        }
        return
        [
            .. uses
                .Where(use => left.Contains(use.Key.From) && left.Contains(use.Key.To))
                .Select(use => $"{use.Key.From} → {use.Key.To}: {use.Value}"),
        ];
    }

    private static bool IsBuilt(string file) => file.StartsWith("obj", StringComparison.Ordinal) || Path.IsPathRooted(file);

    private static bool IsGenerated(TypeDefinition type) => type.Name.StartsWith('<') || type.Namespace.StartsWith('<');

    private static string PlainName(TypeDefinition type) => type.Name.Split('`')[0];

    /// <summary>The file of each type by its name in the source: for those without code, such as interfaces and enumerations.</summary>
    private static Dictionary<string, string> DeclaredTypes(string project)
    {
        var declaration = new Regex(@"\b(?:class|struct|record|enum|interface|delegate\s+\S+|type|module|and)\s+(?:\[<[^>]*>\]\s+)?(?:internal\s+|private\s+)?(\w+)");
        var found = new Dictionary<string, string>();
        foreach (var file in SourceTree.Files(project))
        {
            foreach (Match match in declaration.Matches(File.ReadAllText(file)))
            {
                found.TryAdd(match.Groups[1].Value, Path.GetRelativePath(project, file));
            }
        }
        return found;
    }

    private static IEnumerable<TypeDefinition> Nested(TypeDefinition type) =>
        type.NestedTypes.SelectMany(Nested).Prepend(type);

    private static IEnumerable<string> Files(TypeDefinition type) =>
        from part in Nested(type)
        from method in part.Methods
        where method.HasBody
        from point in method.DebugInformation.SequencePoints
        where !point.IsHidden
        // Symbols name files from the repository's root on (PathMap).
        select point.Document.Url.Replace("/_/", ReadmeTests.Root + Path.DirectorySeparatorChar);

    private static IEnumerable<string> Used(TypeDefinition type)
    {
        var references = new List<TypeReference?> { type.BaseType };
        references.AddRange(type.Interfaces.Select(implemented => implemented.InterfaceType));
        references.AddRange(type.Fields.Select(field => field.FieldType));
        foreach (var method in type.Methods)
        {
            references.Add(method.ReturnType);
            references.AddRange(method.Parameters.Select(parameter => parameter.ParameterType));
            if (!method.HasBody)
            {
                continue;
            }
            references.AddRange(method.Body.Variables.Select(variable => variable.VariableType));
            foreach (var instruction in method.Body.Instructions)
            {
                references.AddRange(Operands(instruction));
            }
        }
        return references.OfType<TypeReference>().SelectMany(Parts)
            .Where(part => part.Scope == type.Module)
            .Select(Outermost)
            .Distinct();
    }

    private static IEnumerable<TypeReference> Operands(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        MethodReference method =>
        [
            method.DeclaringType, method.ReturnType, .. method.Parameters.Select(p => p.ParameterType),
            .. method is GenericInstanceMethod generic ? generic.GenericArguments : [],
        ],
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType),
        FunctionPointerType pointer => pointer.Parameters.Select(p => p.ParameterType).Append(pointer.ReturnType).SelectMany(Parts),
        TypeSpecification specification => Parts(specification.ElementType),
        GenericParameter => [],
        _ => [type],
    };

    private static string Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }
        return type.FullName;
    }
}
