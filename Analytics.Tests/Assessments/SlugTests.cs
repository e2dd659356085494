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
}
