using Assessments;

namespace Analytics.Tests.Assessments;

public sealed class SlugTests
{
    [Theory]
    [InlineData("Learning Git", "learning-git")]
    [InlineData("TCP/IP", "tcp-ip")]
    [InlineData("Beginning C# Programming", "beginning-c-sharp-programming")]
    [InlineData("I'm a Software Architect, Now What?", "im-a-software-architect-now-what")]
    [InlineData("  Web & Native -- Working Together!  ", "web-native-working-together")]
    [InlineData("Größe", "größe")]
    [InlineData("数据", "数据")]
    [InlineData("?!", "unnamed")]
    [InlineData("", "unnamed")]
    public void A_name_becomes_lower_case_words_joined_by_hyphens(string name, string slug)
        => Assert.Equal(slug, Slug.From(name));

    [Theory]
    [InlineData("+")]
    [InlineData("数")]
    [InlineData("𐐷")]
    public void The_longest_name_has_an_address_that_can_be_asked_for(string letter)
    {
        var slug = Slug.From(string.Concat(Enumerable.Repeat(letter, EventLimits.TextLength / letter.Length)));

        Assert.InRange(slug.Length, 400, EventLimits.TextLength);
        Assert.DoesNotContain('\uFFFD', System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(slug)));
    }

    [Theory]
    [InlineData("Git", "GIT")]
    [InlineData("Git", "git")]
    [InlineData("Git", "Git!")]
    [InlineData("GIT", "git")]
    [InlineData("C#", "c#")]
    [InlineData("Git!", "Git?")]
    public void Of_two_names_that_share_a_slug_one_has_it_plain_whichever_is_asked_first(string preferred, string other)
    {
        Assert.True(Slug.IsPreferred(preferred, other));
        Assert.False(Slug.IsPreferred(other, preferred));
        Assert.Matches($"^{Slug.From(other)}~[0-9a-f]{{8}}$", Slug.WithHash(other));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("Learning Git", "Learning Git")]
    [InlineData(" Learning\t\u2003Git\u0085", "Learning Git")]
    [InlineData("\uFEFFLearning\u200B Git\u202C", "Learning Git")]
    [InlineData("Week\u00ADend", "Weekend")]
    [InlineData(" \u200B ", "")]
    [InlineData("a\u200Db", "a\u200Db")]
    public void A_name_is_what_a_reader_sees(string? name, string seen) => Assert.Equal(seen, CourseName.From(name));
}
