using System.Buffers;
using System.IO.Pipelines;

namespace Analytics.Api.Http;

/// <summary>Small bodies, whole.</summary>
internal static class BodyReaderExtensions
{
    /// <summary>Reads to the end; the server's limit on the body's size bounds it.</summary>
    public static async Task<byte[]> ReadAllAsync(this PipeReader body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                body.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
