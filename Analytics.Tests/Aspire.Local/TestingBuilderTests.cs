using Aspire.Hosting.Testing;

namespace Analytics.Tests.AspireLocal;

public sealed class TestingBuilderTests
{
    [Fact]
    public async Task An_AppHost_is_described_by_its_own_entry_point_in_its_own_folder()
    {
        var state = Directory.CreateTempSubdirectory("aspire-local-testing-");
        try
        {
            await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
                ["--infrastructure", "native", "--data", "none", "--state", state.FullName], TestApplication.Deadline());

            Assert.Equal(Projects.AppHost.ProjectPath, builder.AppHostDirectory);
            Assert.Contains(builder.Resources, resource => resource.Name == "api");
            Assert.Equal("true", builder.Configuration["DcpPublisher:RandomizePorts"]);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task An_entry_point_that_ends_early_is_an_error_with_its_exit_code()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(["--no-such-thing"], TestApplication.Deadline()));

        Assert.Contains("ended with exit code 2", error.Message, StringComparison.Ordinal);
    }
}
