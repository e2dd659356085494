namespace Assessments;

/// <summary>What a file is, as its first bytes say.</summary>
internal static class FileFormat
{
    public static ReadOnlySpan<byte> GzipMagic => [0x1F, 0x8B];

    public static ReadOnlySpan<byte> ZstdMagic => [0x28, 0xB5, 0x2F, 0xFD];
}
