using Microsoft.Data.Analysis;

namespace Analytics.Api.Shapes;

/// <summary>Times on a clock somewhere: what PostgreSQL calls a timestamp without time zone.</summary>
internal sealed class LocalTimeDataFrameColumn(string name) : DateTimeDataFrameColumn(name);
