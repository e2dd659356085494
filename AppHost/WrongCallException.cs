/// <summary>The person who started the application asked for what can't be; the message is one sentence, the exit code 2.</summary>
internal sealed class WrongCallException(string message) : Exception(message);
