namespace Aspire.Hosting.ApplicationModel;

/// <summary>What one resource can be to another.</summary>
internal static class KnownRelationshipTypes
{
    public const string Parent = "Parent";
    public const string Reference = "Reference";
    public const string WaitFor = "WaitFor";
}
