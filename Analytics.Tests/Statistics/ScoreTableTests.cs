using Statistics;

namespace Analytics.Tests.Statistics;

/// <summary>The library's figures of tables that can be told by hand.</summary>
public sealed class ScoreTableTests
{
    // Two items: one taker has none, one the first, two both.
    private static readonly ScoreTable Table = new(2, [1, 1, 2], [new([1, 1, 2], [0, 1, 2]), new([1, 1, 2], [0, 0, 2])]);

    [Fact]
    public void Figures_of_a_small_table_are_what_a_hand_works_out()
    {
        var analysis = new ItemAnalysis(Table);

        Assert.Equal(1.25, analysis.Mean);
        Assert.Equal(Math.Sqrt(11 / 12.0), analysis.StandardDeviation!.Value, 1e-15);
        Assert.Equal(2 * (1 - (3 / 12.0 + 4 / 12.0) / (11 / 12.0)), analysis.Alpha!.Value, 1e-15);
        Assert.Equal(1 / Math.Sqrt(3), analysis.ItemRest(0)!.Value, 1e-15);
    }

    [Fact]
    public void Of_nobody_and_of_takers_who_were_shown_different_items_nothing_is_made_up()
    {
        var nobody = new ItemAnalysis(new ScoreTable(1, [0, 0], [new([0, 0], [0, 0])]));
        var pool = new ItemAnalysis(new ScoreTable(1, [1, 1], [new([1, 0], [0, 0]), new([0, 1], [0, 1])]));

        Assert.Null(nobody.Mean);
        Assert.Null(nobody.StandardDeviation);
        Assert.Null(nobody.ItemRest(0));
        Assert.Null(pool.Alpha);
        Assert.Null(pool.StandardError);
        Assert.Null(Rasch.Calibrate(new ScoreTable(1, [1, 1], [new([1, 0], [0, 0]), new([0, 1], [0, 1])]), CancellationToken.None).LogLikelihood);
    }

    [Fact]
    public void An_exam_is_as_long_as_most_takers_say_and_on_a_tie_the_longer()
    {
        Assert.Equal(3, ScoreTable.LengthOf([(3, 2), (4, 4), (3, 3)]));
        Assert.Equal(4, ScoreTable.LengthOf([(3, 5), (4, 5)]));
        Assert.Equal(0, ScoreTable.LengthOf([]));
    }

    [Theory]
    [InlineData(19, 0, 5.0, -1.0, 0, 9, "too few took it to judge")]
    [InlineData(20, 0, 5.0, -0.1, 0, 9, "the best do worse than the weakest: check the key")]
    [InlineData(20, 0, 19.9, 0.5, 0, 9, "nearly everybody fails")]
    [InlineData(20, 9, 50.0, 0.5, 3, 4, "a wrong option draws more than any right one")]
    [InlineData(20, 5, 50.0, 0.5, 4, 4, "many leave it out")]
    [InlineData(20, 4, 95.1, 0.0, 4, 4, "nearly everybody passes")]
    [InlineData(20, 4, 95.0, 0.09, 4, 4, "hardly tells the strong from the weak")]
    [InlineData(20, 4, 95.0, null, 4, 4, ItemVerdict.Sound)]
    public void The_first_rule_that_holds_is_the_verdict(long takers, long omitted, double facility, double? itemRest, long key, long distractor,
        string verdict)
    {
        Assert.Equal(verdict, ItemVerdict.Of(takers, omitted, facility, itemRest, key, distractor).Words);
    }
}
