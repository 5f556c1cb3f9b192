using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Microsoft.FSharp.Core;
using Microsoft.FSharp.Reflection;

namespace Plastic.Program.Tests.House;

/// <summary>The public members of an assembly that people wrote, by the names that XML documentation gives them.</summary>
internal static class PublicMembers
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Members without a summary in the documentation file beside the assembly.</summary>
    public static IEnumerable<string> Undocumented(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        var documented = XDocument.Load(file).Descendants("member")
            .Where(member => member.Value.Trim().Length > 0 || member.Element("inheritdoc") is not null)
            .Select(member => WithoutParameters((string)member.Attribute("name")!))
            .ToHashSet();
        return assembly.GetExportedTypes()
            .Where(type => !IsGenerated(type))
            .SelectMany(Names)
            .Where(name => !documented.Contains(name))
            .Distinct()
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Names(Type type)
    {
        // A case of a union is a nested type, and is documented as one, whether it has fields or not.
        if (IsUnion(type))
        {
            yield return "T:" + Name(type);
            foreach (var union in FSharpType.GetUnionCases(type, FSharpOption<BindingFlags>.None))
            {
                yield return $"T:{Name(type)}.{union.Name}";
            }
        }
        else if (!IsUnionCase(type))
        {
            yield return "T:" + Name(type);
        }
        foreach (var member in IsUnionCase(type) ? [] : type.GetMembers(Declared).Where(m => IsVisible(m) && !IsGenerated(m)))
        {
            if (Letter(member) is { } letter && !(IsUnion(type) && IsOfUnion(type, member)))
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

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        PropertyInfo property => (property.GetMethod ?? property.SetMethod) is { } accessor && IsVisible(accessor),
        FieldInfo field => field.IsPublic || field.IsFamily,
        EventInfo { AddMethod: { } add } => IsVisible(add),
        _ => false,
    };

    private static bool IsGenerated(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || member.Name is "Equals" or "GetHashCode" or "CompareTo" or "ToString" or "Deconstruct" or "PrintMembers" or "value__"
        || member.Name.Contains('@') || member.Name.Contains('<')
        || member is MethodInfo { IsVirtual: true } method && method.GetBaseDefinition() != method
        || member.DeclaringType is { IsEnum: true } && member is not FieldInfo { IsLiteral: true };

    private static bool IsUnion(Type type) =>
        FSharpType.IsUnion(type, FSharpOption<BindingFlags>.None) && !IsUnionCase(type);

    private static bool IsUnionCase(Type type) =>
        type.DeclaringType is { } outer && FSharpType.IsUnion(outer, FSharpOption<BindingFlags>.None);

    private static bool IsOfUnion(Type type, MemberInfo member) =>
        member.Name is "Tag" or "Tags" || FSharpType.GetUnionCases(type, FSharpOption<BindingFlags>.None)
            .Any(union => member.Name == union.Name || member.Name == "New" + union.Name || member.Name == "Is" + union.Name);

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    private static string WithoutParameters(string name)
    {
        var end = name.AsSpan(2).IndexOfAny('(', '~');
        var plain = end < 0 ? name : name[..(end + 2)];
        return plain.StartsWith("M:", StringComparison.Ordinal) && plain.IndexOf("``", StringComparison.Ordinal) is > 0 and var generic ? plain[..generic] : plain;
    }
}
