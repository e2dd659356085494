namespace Analytics.Api.Sql;

/// <summary>Configuration section <c>Sql</c>: how much one statement may take.</summary>
internal sealed class SqlOptions
{
    /// <summary>Characters of a statement.</summary>
    public const int LongestStatement = 20_000;

    /// <summary>How long a statement may run, in seconds.</summary>
    public int TimeoutSeconds { get; set; } = 10;

    /// <summary>Rows of an answer.</summary>
    public int MaxRows { get; set; } = 250_000;

    /// <summary>Bytes of an answer: those of its values, and eight for each.</summary>
    public long MaxBytes { get; set; } = 64 << 20;

    /// <summary>Statements at once, answers that are still being sent included.</summary>
    public int MaxConcurrent { get; set; } = 4;

    public static void Add(IServiceCollection services) => services.AddOptions<SqlOptions>()
        .BindConfiguration("Sql")
        .Validate(options => options.TimeoutSeconds is >= 1 and <= 3600, "Sql:TimeoutSeconds must be from 1 to 3600.")
        .Validate(options => options.MaxRows is >= 1 and <= 10_000_000, "Sql:MaxRows must be from 1 to 10000000.")
        .Validate(options => options.MaxBytes is >= 1024 and <= 1L << 30, "Sql:MaxBytes must be from 1024 to 1073741824.")
        .Validate(options => options.MaxConcurrent is >= 1 and <= 100, "Sql:MaxConcurrent must be from 1 to 100.")
        .ValidateOnStart();
}
