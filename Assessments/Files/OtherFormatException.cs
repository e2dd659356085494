namespace Assessments;

/// <summary>A file that holds no events from its beginning on, as it is of another format.</summary>
/// <param name="message">What it is and what to do, in one sentence that begins with "This is".</param>
public sealed class OtherFormatException(string message) : Exception(message);
