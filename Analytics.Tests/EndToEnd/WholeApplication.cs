namespace Analytics.Tests.EndToEnd;

/// <summary>Tests that run the whole application take turns: each is a dozen processes.</summary>
[CollectionDefinition(Name)]
public sealed class WholeApplication
{
    public const string Name = "The whole application";
}
