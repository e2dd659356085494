using System.Text;
using Assessments;

namespace Analytics.Tests.Assessments;

public sealed class EventFileTests
{
    [Theory]
    [InlineData("[{\"a\":1},{\"b\":[2]}]")]
    [InlineData("[\n  {\"a\":1},\n  {\"b\":[2]}\n]\n")]
    [InlineData("{\"a\":1}\n{\"b\":[2]}\n")]
    [InlineData("{\"a\":1}\r\n\r\n{\"b\":[2]}")]
    [InlineData("{\"a\":1}{\"b\":[2]}")]
    [InlineData("{\"a\":1},\n{\"b\":[2]},\n")]
    [InlineData("\u001e{\"a\":1}\n\u001e{\"b\":[2]}\n")]
    [InlineData("\uFEFF{\"a\":1}\n\uFEFF{\"b\":[2]}")]
    [InlineData("\uFEFF[{\"a\":1}]\n[{\"b\":[2]}]")]
    [InlineData(" \t{\"a\":1} \t [{\"b\":[2]}] ")]
    public async Task Every_form_of_file_gives_the_same_events(string file)
    {
        var slices = await Split(file);

        Assert.Equal(["{\"a\":1}", "{\"b\":[2]}"], slices.Select(slice => slice.Text));
        Assert.All(slices, slice => Assert.Null(slice.Fault));
    }

    [Fact]
    public async Task A_pretty_printed_event_is_one_event()
    {
        const string Pretty = "{\n  \"a\": [\n    {\n      \"b\": \"}{\\\"][\\\\\"\n    },\n    []\n  ]\n}";

        Assert.Equal([new Slice(Pretty, 0, 1, 2, Pretty.Length, null)], await Split("\n" + Pretty + "\n"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\n")]
    [InlineData("[]")]
    [InlineData("\uFEFF")]
    [InlineData("[ ]\n[\n]")]
    public async Task A_file_without_events_has_no_slices(string file) => Assert.Empty(await Split(file));

    [Fact]
    public async Task A_slice_knows_its_place()
    {
        var slices = await Split("[\n{\"ä\":1},\n\n {\"b\":\n2}, 3]");

        Assert.Equal(
            [
                new Slice("{\"ä\":1}", 0, 2, 2, 8, null),
                new Slice("{\"b\":\n2}", 1, 14, 4, 8, null),
                new Slice("3", 2, 24, 5, 1, null),
            ],
            slices);
    }

    [Theory]
    [InlineData("{\"a\":{\"b\":1}\n", "{\"a\":{\"b\":1}", "Broken JSON at byte 13 of the event: a closing bracket, a comma or a name is missing.")]
    [InlineData("{\"a\":\"x}\n", "{\"a\":\"x}", "Broken JSON at byte 8 of the event: a string is not closed at the end of its line.")]
    [InlineData("{\"a\":@}\n", "{\"a\":@}", "Broken JSON at byte 5 of the event: something is out of place.")]
    [InlineData("{\"a\" 1}\n", "{\"a\" 1}", "Broken JSON at byte 5 of the event: something is out of place.")]
    [InlineData("{\"a\":1 \"b\":2}\n", "{\"a\":1 \"b\":2}", "Broken JSON at byte 7 of the event: a comma or a colon is missing.")]
    [InlineData("{\"a\":[1,2}\n", "{\"a\":[1,2}", "Broken JSON at byte 9 of the event: a bracket closes where none should.")]
    [InlineData("{\"a\":1,}\n", "{\"a\":1,}", "Broken JSON at byte 7 of the event: a bracket closes where none should.")]
    [InlineData("{\"a\"::1}\n", "{\"a\"::1}", "Broken JSON at byte 5 of the event: a colon is out of place.")]
    [InlineData("{\"a\":1,,\"b\":2}\n", "{\"a\":1,,\"b\":2}", "Broken JSON at byte 7 of the event: a comma is out of place.")]
    [InlineData("{\"a\":\"\\\n", "{\"a\":\"\\", "Broken JSON at byte 7 of the event: a string is not closed at the end of its line.")]
    [InlineData("hello world\n", "hello world", "What stands here is not a JSON value.")]
    [InlineData("nonsense, and more\n", "nonsense, and more", "What stands here is not a JSON value.")]
    [InlineData("-\n", "-", "What stands here is not a JSON value.")]
    [InlineData("}]\n", "}]", "What stands here is not a JSON value.")]
    [InlineData("<xml>", "<xml>", "What stands here is not a JSON value.")]
    public async Task A_broken_line_costs_only_itself(string broken, string text, string fault)
    {
        var slices = await Split("{\"n\":1}\n" + broken + "{\"n\":2}\n{\"n\":3}\n");

        Assert.Equal(["{\"n\":1}", text, "{\"n\":2}", "{\"n\":3}"], slices.Select(slice => slice.Text));
        Assert.Equal([null, fault, null, null], slices.Select(slice => slice.Fault));
    }

    [Theory]
    [InlineData("{\"a\":@}")]
    [InlineData("{\"a\":[1,2}")]
    [InlineData("{\"a\":[{\"b\":1],\"c\":2}")]
    [InlineData("{\"a\":\"x,\"b\":2}")]
    [InlineData("{\"a\":\"he said \"hi\" to me\"}")]
    [InlineData("{\"a\":1 \"b\":[2]}")]
    [InlineData("@@")]
    public async Task A_broken_element_of_an_array_in_one_line_costs_only_itself(string broken)
    {
        var slices = await Split("[{\"n\":1}," + broken + ",{\"n\":2},{\"n\":3}]");

        Assert.Equal(["{\"n\":1}", broken, "{\"n\":2}", "{\"n\":3}"], slices.Select(slice => slice.Text));
        Assert.Equal([true, false, true, true], slices.Select(slice => slice.Fault is null));
    }

    [Theory]
    [InlineData("{\"a\":1,\"b\":")]
    [InlineData("{\"a\":[")]
    [InlineData("{\"a\":[{\"b\":1},")]
    public async Task A_line_that_was_cut_off_where_a_value_could_follow_does_not_take_the_next_one_with_it(string broken)
    {
        foreach (var rest in (string[])["{\"n\":2}\n{\"n\":3}\n", "{\"n\":2}\n{\"n\":3", "{\"n\":2}"])
        {
            var slices = await Split("{\"n\":1}\n" + broken + "\n" + rest);

            Assert.Equal(["{\"n\":1}", broken, .. rest.Split('\n', StringSplitOptions.RemoveEmptyEntries)], slices.Select(slice => slice.Text));
            Assert.Equal($"Broken JSON at byte {broken.Length + 1} of the event: the line ends in the middle of it.", slices[1].Fault);
            Assert.Null(slices[2].Fault);
        }
    }

    [Theory]
    [InlineData("{\"a\":\"x}", "{\"a\":\"x},")]
    [InlineData("{\"a\":{\"b\":1}", "{\"a\":{\"b\":1},")]
    public async Task An_event_that_is_not_closed_ends_where_the_next_one_begins(string broken, string text)
    {
        var slices = await Split("[{\"n\":1}," + broken + ",{\"n\":2},{\"n\":3}]");

        Assert.Equal(["{\"n\":1}", text, "{\"n\":2}", "{\"n\":3}"], slices.Select(slice => slice.Text));
    }

    [Fact]
    public async Task What_ends_early_is_told()
    {
        Assert.Equal([new Slice("{\"a\":", 0, 0, 1, 5, "The file ends in the middle of the event.")], await Split("{\"a\":"));
        Assert.Equal([new Slice("{\"a\":\"b", 0, 1, 1, 7, "The file ends in the middle of the event.")], await Split("[{\"a\":\"b"));
        Assert.Equal([new Slice("1", 0, 1, 1, 1, null), new Slice("", 1, 3, 1, 0, "The file ends before its array is closed.")], await Split("[1,"));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(700_000)]
    [InlineData(5_000_000)]
    public async Task An_event_that_is_too_large_is_passed_by_with_its_first_bytes(int length)
    {
        var options = new EventFileOptions { MaxEventBytes = 9, KeptBytes = 5 };
        var large = $"{{\"a\":\"{new string('x', length)}\\\"\"}}";

        var slices = await Split($"{{\"n\":1}}\n{large}\n{{\"n\":2}}", options);

        Assert.Equal(
            [
                new Slice("{\"n\":1}", 0, 0, 1, 7, null),
                new Slice("{\"a\":", 1, 8, 2, large.Length, $"The event is {large.Length} bytes long; at most 9 are allowed."),
                new Slice("{\"n\":2}", 2, 9 + large.Length, 3, 7, null),
            ],
            slices);
    }

    [Fact]
    public async Task Garbage_without_end_takes_no_memory()
    {
        var file = new EndlessFile(200_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var slices = 0;
        await foreach (var slice in EventFile.ReadAsync(file, cancellationToken: TestContext.Current.CancellationToken))
        {
            slices++;
            Assert.Equal(200_000_000, slice.TotalBytes);
            Assert.Equal(1024, slice.Bytes.Length);
        }

        Assert.Equal(1, slices);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);
    }

    [Fact]
    public async Task A_depth_bomb_is_only_a_large_event()
    {
        var slices = await Split("{\"n\":1}\n{\"a\":" + new string('[', 3_000_000) + "\n{\"n\":2}\n{\"n\":3}");

        Assert.Equal(["{\"n\":1}", "{\"n\":2}", "{\"n\":3}"], slices.Where(slice => slice.Fault is null).Select(slice => slice.Text));
    }

    private static async Task<Slice[]> Split(string file, EventFileOptions? options = null)
    {
        var slices = new List<Slice>();
        var stream = new MemoryStream(Encoding.UTF8.GetBytes(file));
        await foreach (var slice in EventFile.ReadAsync(stream, options, TestContext.Current.CancellationToken))
        {
            slices.Add(new Slice(Encoding.UTF8.GetString(slice.Bytes.Span), slice.Index, slice.Offset, slice.Line, slice.TotalBytes, slice.Fault));
        }

        return [.. slices];
    }

    private sealed record Slice(string Text, long Index, long Offset, long Line, long TotalBytes, string? Fault);

    /// <summary>A file of one character, without a line's end.</summary>
    private sealed class EndlessFile(long length) : MemoryStream
    {
        private long _left = length;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(_left, buffer.Length);
            buffer.Span[..count].Fill((byte)'x');
            _left -= count;
            return ValueTask.FromResult(count);
        }
    }
}
