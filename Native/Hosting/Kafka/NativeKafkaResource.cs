namespace Native.Hosting;

/// <summary>Kafka as a process of this machine.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="command">The program.</param>
/// <param name="folder">Where the data is; the program works there.</param>
public sealed class NativeKafkaResource(string name, string command, string folder) : LoopbackServerResource(name, command, folder);
