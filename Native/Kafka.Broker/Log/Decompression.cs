using System.Buffers.Binary;
using System.IO.Compression;
using K4os.Compression.LZ4.Streams;
using ZstdSharp;

namespace Kafka.Broker.Log;

/// <summary>Unpacks the records of a compressed batch, by the number that Kafka has for each compression.</summary>
internal static class Decompression
{
    public const int Gzip = 1;
    public const int Snappy = 2;
    public const int Lz4 = 3;
    public const int Zstd = 4;

    /// <summary>
    /// What is to follow on the packed bytes. The framework's GZipStream takes an early end for the end; followed by an empty member, the
    /// end is one only if the member before it is whole and matches its CRC.
    /// </summary>
    public static ReadOnlySpan<byte> Terminator(int compression) =>
        compression == Gzip ? [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0] : [];

    public static Stream Open(int compression, Stream packed) => compression switch
    {
        Gzip => new GZipStream(packed, CompressionMode.Decompress),
        Snappy => new SnappyRecords(packed),
        Lz4 => LZ4Stream.Decode(packed),
        Zstd => new DecompressionStream(packed),
        _ => throw new InvalidRecordException($"compression {compression} is not known"),
    };

    /// <summary>
    /// Snappy as Kafka's clients send it: one block without a frame (librdkafka), or the frame of the library snappy-java: a magic of 16
    /// bytes, then blocks after their length. One block at a time is in memory.
    /// </summary>
    private sealed class SnappyRecords : Stream
    {
        /// <summary>Snappy's densest element makes 64 bytes of 3, so a block that claims more is none.</summary>
        private const int MostGrowth = 22;

        private static readonly byte[] Magic = [0x82, .. "SNAPPY\0"u8];

        private readonly MemoryStream _packed = new();
        private readonly bool _isFramed;
        private byte[] _block = [];
        private int _at;

        public SnappyRecords(Stream packed)
        {
            packed.CopyTo(_packed);
            _isFramed = Rest.StartsWith(Magic);
            _packed.Position = _isFramed ? 16 : 0;
        }

        private ReadOnlySpan<byte> Rest => _packed.GetBuffer().AsSpan((int)_packed.Position, (int)(_packed.Length - _packed.Position));

        public override int Read(Span<byte> buffer)
        {
            while (_at == _block.Length && _packed.Position < _packed.Length)
            {
                NextBlock();
            }

            var count = Math.Min(buffer.Length, _block.Length - _at);
            _block.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        private void NextBlock()
        {
            var block = Rest;
            if (_isFramed)
            {
                var length = block.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32BigEndian(block);
                block = length >= 0 && length <= block.Length - sizeof(int)
                    ? block.Slice(sizeof(int), length)
                    : throw new InvalidDataException("a snappy block reaches over the end of the batch");
                _packed.Position += sizeof(int);
            }

            if (global::Snappier.Snappy.GetUncompressedLength(block) > (long)block.Length * MostGrowth)
            {
                throw new InvalidDataException("a snappy block claims more than it can hold");
            }

            _block = global::Snappier.Snappy.DecompressToArray(block);
            _at = 0;
            _packed.Position += block.Length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
