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
}
