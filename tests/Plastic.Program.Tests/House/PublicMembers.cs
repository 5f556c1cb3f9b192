using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.FSharp.Core;
using Microsoft.FSharp.Reflection;

namespace Plastic.Program.Tests.House;

/// <summary>What people wrote of an assembly's public types and members, without what the compilers added.</summary>
internal static class PublicMembers
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The types; a union's cases are not among them.</summary>
    public static IEnumerable<Type> Types(Assembly assembly) =>
        assembly.GetExportedTypes().Where(type => !IsGenerated(type) && !IsUnionCase(type));

    /// <summary>The members that a type declares, except for the cases of a union and what tests for them or makes them.</summary>
    public static IEnumerable<MemberInfo> Of(Type type)
    {
        var cases = Cases(type).Select(union => union.Name).ToHashSet();
        return type.GetMembers(Declared)
            .Where(member => IsVisible(member) && !IsGenerated(member) && !(cases.Count > 0 && IsOfUnion(cases, member)));
    }

    /// <summary>The cases of a union; none for another type.</summary>
    public static UnionCaseInfo[] Cases(Type type) =>
        FSharpType.IsUnion(type, FSharpOption<BindingFlags>.None) ? FSharpType.GetUnionCases(type, FSharpOption<BindingFlags>.None) : [];

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

    private static bool IsUnionCase(Type type) =>
        type.DeclaringType is { } outer && FSharpType.IsUnion(outer, FSharpOption<BindingFlags>.None);

    private static bool IsOfUnion(HashSet<string> cases, MemberInfo member) =>
        member.Name is "Tag" or "Tags" || cases.Any(name => member.Name == name || member.Name == "New" + name || member.Name == "Is" + name);
}
