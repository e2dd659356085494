namespace Analytics.Api.Filters;

/// <summary>Which of a student's attempts at each exam count. An attempt that names no user is its student's only one.</summary>
internal enum Take
{
    /// <summary>Every attempt.</summary>
    All,

    /// <summary>The one that started first.</summary>
    First,

    /// <summary>The one with the highest score, of as many the earlier.</summary>
    Best,

    /// <summary>The one that started last.</summary>
    Last,
}
