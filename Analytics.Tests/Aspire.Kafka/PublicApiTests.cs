using System.Reflection;
using System.Runtime.CompilerServices;
using Aspire.Confluent.Kafka;
using Aspire.Hosting;

namespace Analytics.Tests.Aspire.Kafka;

/// <summary>What compiles against a stand-in compiles against the package: the same types, members, parameter names, defaults and nullability.</summary>
public sealed class PublicApiTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    [Fact]
    public void The_public_API_is_that_of_the_released_packages()
    {
        var released = File.ReadLines(Path.Combine(Repository.Root, "Analytics.Tests", "Aspire.Kafka", "public-api.txt"))
            .Where(line => line.Length > 0 && line[0] != '#');

        var here = new[] { typeof(KafkaServerResource).Assembly, typeof(KafkaProducerSettings).Assembly }
            .SelectMany(assembly => assembly.GetExportedTypes())
            .SelectMany(type => Members(type).Prepend(Declaration(type)))
            .Order(StringComparer.Ordinal);

        Assert.Equal(string.Join('\n', released), string.Join('\n', here));
    }

    private static string Declaration(Type type)
    {
        var kind = type switch { { IsAbstract: true, IsSealed: true } => "static class", { IsSealed: true } => "sealed class", _ => "class" };
        var bases = type.GetInterfaces().Except(type.BaseType!.GetInterfaces()).Select(NameOf).Order(StringComparer.Ordinal);
        var all = type.BaseType == typeof(object) ? bases : bases.Prepend(NameOf(type.BaseType));
        return $"{type.Assembly.GetName().Name}: {kind} {type.FullName}{string.Concat(all.Select((name, at) => (at == 0 ? " : " : ", ") + name))}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var member in type.GetMembers(Declared))
        {
            switch (member)
            {
                case ConstructorInfo constructor:
                    yield return $"{type.Name}.new({Parameters(constructor)})";
                    break;
                case PropertyInfo property:
                    var accessors = property.SetMethod is { IsPublic: true } ? "get; set;" : "get;";
                    yield return $"{type.Name}.{property.Name}: {NameOf(Nullability.Create(property))} {{ {accessors} }}";
                    break;
                case MethodInfo { IsSpecialName: false } method:
                    var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(NameOf))}>" : "";
                    yield return $"{type.Name}.{method.Name}{generic}({Parameters(method)}): {NameOf(Nullability.Create(method.ReturnParameter))}";
                    break;
                case MethodInfo:
                    break; // A property's.
                default:
                    yield return $"{type.Name}.{member}";
                    break;
            }
        }
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        (parameter.Position == 0 && method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "")
        + NameOf(Nullability.Create(parameter)) + " " + parameter.Name
        + (parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "null"}" : "")));

    /// <summary>A type's name, with the nullability of itself and of its arguments where the compiler has written it down.</summary>
    private static string NameOf(NullabilityInfo info)
    {
        if (Nullable.GetUnderlyingType(info.Type) is { } value)
        {
            return NameOf(value) + "?";
        }

        var name = info.Type.IsGenericType ? $"{Bare(info.Type)}<{string.Join(", ", info.GenericTypeArguments.Select(NameOf))}>" : info.Type.Name;
        return info is { ReadState: NullabilityState.Nullable, Type.IsGenericParameter: false } ? name + "?" : name;
    }

    private static string NameOf(Type type) =>
        type.IsGenericType ? $"{Bare(type)}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>" : type.Name;

    private static string Bare(Type type) => type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];
}
