using System.Reflection;

namespace Plastic.Program.Tests.House;

/// <summary>Types as C# writes them, without namespaces. F#'s own types keep their names, so that one sees where C# meets them.</summary>
internal static class TypeNames
{
    private static readonly NullabilityInfoContext nullability = new();

    private static readonly Dictionary<Type, string> keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
    };

    public static string Of(ParameterInfo parameter) => Write(parameter.ParameterType, nullability.Create(parameter));

    public static string Of(PropertyInfo property) => Write(property.PropertyType, nullability.Create(property));

    public static string Of(FieldInfo field) => Write(field.FieldType, nullability.Create(field));

    public static string Of(EventInfo e) => Write(e.EventHandlerType!, nullability.Create(e));

    public static string Of(Type type) => Write(type, null);

    /// <summary>The name with that of the types around it: Outer.Inner.</summary>
    public static string Simple(Type type)
    {
        var name = type.Name.Split('`')[0];
        return type is { IsNested: true, IsGenericParameter: false } ? $"{Simple(type.DeclaringType!)}.{name}" : name;
    }

    private static string Write(Type type, NullabilityInfo? info)
    {
        if (type.IsByRef)
        {
            return Write(type.GetElementType()!, info?.ElementType);
        }
        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Write(value, null) + "?";
        }
        // What is not said to be null is not: F# says nothing, and has options.
        var mark = !type.IsValueType && info is { ReadState: NullabilityState.Nullable } or { WriteState: NullabilityState.Nullable } ? "?" : "";
        return Plain(type, info) + mark;
    }

    private static string Plain(Type type, NullabilityInfo? info)
    {
        if (keywords.TryGetValue(type, out var keyword))
        {
            return keyword;
        }
        if (type.IsArray)
        {
            return Write(type.GetElementType()!, info?.ElementType) + $"[{new string(',', type.GetArrayRank() - 1)}]";
        }
        if (type.IsPointer)
        {
            return Write(type.GetElementType()!, null) + "*";
        }
        if (!type.IsGenericType)
        {
            return Simple(type);
        }
        var arguments = string.Join(", ", type.GetGenericArguments().Select((argument, i) =>
            Write(argument, info is { GenericTypeArguments: var inner } && i < inner.Length ? inner[i] : null)));
        return type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal) ? $"({arguments})" : $"{Simple(type)}<{arguments}>";
    }
}
