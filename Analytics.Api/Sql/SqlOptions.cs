namespace Analytics.Api.Sql;

/// <summary>Configuration section <c>Sql</c>: how much one statement may take.</summary>
internal sealed class SqlOptions
{
    /// <summary>Characters of a statement.</summary>
    public const int LongestStatement = 20_000;

    /// <summary>How long PostgreSQL may take for a statement, in seconds; of an answer that is streamed, for its first rows.</summary>
    public int TimeoutSeconds { get; set; } = 10;

    /// <summary>How long an answer that is streamed may take in all, in seconds.</summary>
    public int StreamSeconds { get; set; } = 3600;

    /// <summary>Rows of an answer that is not streamed.</summary>
    public int MaxRows { get; set; } = 250_000;

    /// <summary>Bytes of an answer that is not streamed, those of its values and eight for each; of one that is, bytes of a value.</summary>
    public long MaxBytes { get; set; } = 64 << 20;

    /// <summary>Statements that PostgreSQL works on at once, until their first rows.</summary>
    public int MaxConcurrent { get; set; } = 4;

    /// <summary>Statements that may wait for that.</summary>
    public int MaxWaiting { get; set; } = 100;

    /// <summary>How long a statement may wait, in seconds.</summary>
    public int MaxWaitSeconds { get; set; } = 30;

    /// <summary>Answers that are streamed at once, beyond their first rows; as many may wait.</summary>
    public int MaxStreams { get; set; } = 4;

    /// <summary>Bytes of answers in memory that are being sent; as many may wait.</summary>
    public long MaxSendingBytes { get; set; } = 256 << 20;

    /// <summary>How many bytes a second a reader takes at least, and PostgreSQL gives, ten seconds aside.</summary>
    public int MinBytesPerSecond { get; set; } = 128 << 10;

    public static void Add(IServiceCollection services) => services.AddOptions<SqlOptions>()
        .BindConfiguration("Sql")
        .Validate(options => options.TimeoutSeconds is >= 1 and <= 3600, "Sql:TimeoutSeconds must be from 1 to 3600.")
        .Validate(options => options.StreamSeconds is >= 1 and <= 86_400, "Sql:StreamSeconds must be from 1 to 86400.")
        .Validate(options => options.MaxRows is >= 1 and <= 10_000_000, "Sql:MaxRows must be from 1 to 10000000.")
        .Validate(options => options.MaxBytes is >= 1024 and <= 1L << 30, "Sql:MaxBytes must be from 1024 to 1073741824.")
        .Validate(options => options.MaxConcurrent is >= 1 and <= 100, "Sql:MaxConcurrent must be from 1 to 100.")
        .Validate(options => options.MaxWaiting is >= 0 and <= 10_000, "Sql:MaxWaiting must be from 0 to 10000.")
        .Validate(options => options.MaxWaitSeconds is >= 1 and <= 600, "Sql:MaxWaitSeconds must be from 1 to 600.")
        .Validate(options => options.MaxStreams is >= 1 and <= 100, "Sql:MaxStreams must be from 1 to 100.")
        .Validate(options => options.MaxSendingBytes is >= 1 << 20 and <= 1L << 40, "Sql:MaxSendingBytes must be from 1048576 to 1099511627776.")
        .Validate(options => options.MinBytesPerSecond is >= 1 and <= 1 << 30, "Sql:MinBytesPerSecond must be from 1 to 1073741824.")
        .ValidateOnStart();
}
