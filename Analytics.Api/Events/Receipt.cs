using System.ComponentModel;

namespace Analytics.Api.Events;

/// <summary>What became of the events of one request.</summary>
internal sealed record Receipt(
    [property: Description("Events that Kafka has acknowledged.")] long Accepted,
    [property: Description("How many were refused.")] long RejectedCount,
    [property: Description("The refused ones; the last says so where the rest was not read.")] IReadOnlyList<Rejection> Rejected);

/// <summary>One refused event.</summary>
internal sealed record Rejection(
    [property: Description("Which of the body's values it is, from 0.")] long Index,
    [property: Description("The line of the body where it starts, from 1.")] long Line,
    [property: Description("What is wrong with it, in one sentence.")] string Reason);
