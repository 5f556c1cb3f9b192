using System.Reflection;
using System.Xml.Linq;

namespace Plastic.Program.Tests.House;

/// <summary>The public members of an assembly, by the names that XML documentation gives them.</summary>
internal static class Documentation
{
    /// <summary>Members without a summary in the documentation file beside the assembly.</summary>
    public static IEnumerable<string> Missing(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        var documented = XDocument.Load(file).Descendants("member")
            .Where(member => member.Value.Trim().Length > 0 || member.Element("inheritdoc") is not null)
            .Select(member => WithoutParameters((string)member.Attribute("name")!))
            .ToHashSet();
        return PublicMembers.Types(assembly)
            .SelectMany(Names)
            .Where(name => !documented.Contains(name))
            .Distinct()
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Names(Type type)
    {
        yield return "T:" + Name(type);
        // A case of a union is documented as a nested type, whether it has fields or not.
        foreach (var union in PublicMembers.Cases(type))
        {
            yield return $"T:{Name(type)}.{union.Name}";
        }
        // The compiler writes a delegate's members.
        if (type.IsSubclassOf(typeof(Delegate))) yield break;
        foreach (var member in PublicMembers.Of(type))
        {
            if (Letter(member) is { } letter)
            {
                yield return $"{letter}:{Name(type)}.{member.Name}";
            }
        }
    }

    private static string? Letter(MemberInfo member) => member switch
    {
        PropertyInfo => "P",
        FieldInfo => "F",
        EventInfo => "E",
        // A property's own methods, and the members that records and unions get from the compiler.
        MethodInfo { IsSpecialName: true } => null,
        MethodInfo => "M",
        _ => null,
    };

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    private static string WithoutParameters(string name)
    {
        var end = name.AsSpan(2).IndexOfAny('(', '~');
        var plain = end < 0 ? name : name[..(end + 2)];
        return plain.StartsWith("M:", StringComparison.Ordinal) && plain.IndexOf("``", StringComparison.Ordinal) is > 0 and var generic ? plain[..generic] : plain;
    }
}
