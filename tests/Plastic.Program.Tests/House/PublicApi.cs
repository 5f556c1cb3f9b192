using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.FSharp.Core;
using Microsoft.FSharp.Reflection;

namespace Plastic.Program.Tests.House;

/// <summary>The public API of an assembly as text: a line for each type and, indented, one for each member, sorted by name.</summary>
internal static class PublicApi
{
    public static IEnumerable<string> Lines(Assembly assembly) =>
        PublicMembers.Types(assembly)
            .OrderBy(FullName, StringComparer.Ordinal)
            .SelectMany(type => Members(type).Select(line => "    " + line).Prepend(Declaration(type)));

    private static IEnumerable<string> Members(Type type)
    {
        var cases = PublicMembers.Cases(type)
            .Select(union => $"case {union.Name}({Listed(union.GetFields().Select(field => $"{field.Name}: {TypeNames.Of(field)}"))})".Replace("()", ""));
        // The compiler writes a record's constructor, from fields that people wrote.
        var constructors = PublicMembers.Of(type).OfType<ConstructorInfo>()
            .Union(IsRecord(type) ? type.GetConstructors() : [])
            .Select(constructor => $"{Modifiers(constructor)}new({Parameters(constructor)})");
        var others =
            from member in PublicMembers.Of(type)
            where member is not ConstructorInfo
            let line = Line(member)
            where line is not null
            select (member.Name, line);
        return
        [
            .. cases.Order(StringComparer.Ordinal),
            .. constructors.Order(StringComparer.Ordinal),
            .. others.OrderBy(other => other.Name, StringComparer.Ordinal).ThenBy(other => other.line, StringComparer.Ordinal).Select(other => other.line),
        ];
    }

    private static string Declaration(Type type)
    {
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var parents = type.GetInterfaces()
            .Except(inherited)
            .Except(type.GetInterfaces().SelectMany(parent => parent.GetInterfaces()))
            .Where(parent => (parent.IsPublic || parent.IsNestedPublic) && !type.IsEnum && !IsComparison(parent))
            .Select(TypeNames.Of)
            .Order(StringComparer.Ordinal);
        var ancestor = type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum) && b != typeof(MulticastDelegate)
            ? [TypeNames.Of(b)]
            : Array.Empty<string>();
        return $"type {FullName(type)} : {Listed([Kind(type), .. ancestor, .. parents])}";
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { BaseType: { } parent } when parent == typeof(MulticastDelegate) => "delegate",
        _ when FSharpType.IsModule(type) => "module",
        _ when PublicMembers.Cases(type) is not [] => type.IsValueType ? "struct union" : "union",
        _ when IsRecord(type) => type.IsValueType ? "struct record" : "record",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => type.GetMethod("<Clone>$") is null ? "abstract class" : "abstract record class",
        // Records of C# copy themselves.
        _ when type.GetMethod("<Clone>$") is not null => type.IsSealed ? "sealed record class" : "record class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string? Line(MemberInfo member) => member switch
    {
        FieldInfo { IsLiteral: true, DeclaringType.IsEnum: true } field => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}",
        FieldInfo { IsLiteral: true } field => $"const {field.Name}: {TypeNames.Of(field)} = {Value(field.GetRawConstantValue())}",
        FieldInfo field => $"{(field.IsFamily ? "protected " : "")}{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{field.Name}: {TypeNames.Of(field)}",
        PropertyInfo property => Property(property),
        EventInfo e => $"{Modifiers(e.AddMethod!)}event {e.Name}: {TypeNames.Of(e)}",
        // The methods of properties and events; operators are special too.
        MethodInfo { IsSpecialName: true } method when !method.Name.StartsWith("op_", StringComparison.Ordinal) => null,
        MethodInfo method => $"{Modifiers(method)}{method.Name}{Generic(method.GetGenericArguments())}({Parameters(method)}): {Result(method)}",
        _ => null,
    };

    private static string Property(PropertyInfo property)
    {
        var index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{Listed(parameters.Select(Parameter))}]" : "";
        var setter = property.SetMethod is { IsPublic: true } set
            ? set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init" : " set"
            : "";
        return $"{Modifiers(property.GetMethod ?? property.SetMethod!)}{property.Name}{index}: {TypeNames.Of(property)}{(setter == "" ? "" : $" {{ get{setter} }}")}";
    }

    private static string Modifiers(MethodBase method) =>
        (method.IsPublic ? "" : "protected ")
        + (method.IsStatic ? "static " : "")
        + (method.DeclaringType!.IsInterface || method.IsFinal ? ""
            : method.IsAbstract ? "abstract "
            : method is MethodInfo named && named.GetBaseDefinition() != named ? "override "
            : method.IsVirtual ? "virtual " : "");

    private static string Result(MethodInfo method) =>
        (method.ReturnType.IsByRef ? "ref " : "") + TypeNames.Of(method.ReturnParameter);

    private static string Parameters(MethodBase method) => Listed(method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var way = !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        var optional = parameter.IsDefined(typeof(OptionalArgumentAttribute)) ? "?" : "";
        return $"{way}{optional}{parameter.Name}: {TypeNames.Of(parameter)}{(parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue)}" : "")}";
    }

    private static string Value(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static bool IsRecord(Type type) => FSharpType.IsRecord(type, FSharpOption<BindingFlags>.None);

    /// <summary>What F# gives its records and unions to compare them.</summary>
    private static bool IsComparison(Type parent) =>
        parent.Name.StartsWith("IEquatable", StringComparison.Ordinal) || parent.Name.StartsWith("IComparable", StringComparison.Ordinal)
        || parent.Name.StartsWith("IStructural", StringComparison.Ordinal);

    private static string FullName(Type type) => $"{type.Namespace}.{TypeNames.Simple(type)}{Generic(type.GetGenericArguments())}";

    private static string Generic(Type[] arguments) => arguments is [] ? "" : $"<{Listed(arguments.Select(Constrained))}>";

    private static string Constrained(Type argument) =>
        string.Join(" & ", argument.GetGenericParameterConstraints().Select(TypeNames.Of)) is { Length: > 0 } all ? $"{argument.Name}: {all}" : argument.Name;

    private static string Listed(IEnumerable<string> parts) => string.Join(", ", parts);
}
