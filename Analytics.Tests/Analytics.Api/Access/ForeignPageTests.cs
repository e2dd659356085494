using System.Net;
using Analytics.Tests.Analytics.Api.Report;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace Analytics.Tests.Analytics.Api.Access;

/// <summary>What pages of other sites can do to an API on this machine, in a browser that visits them.</summary>
public sealed class ForeignPageTests(SmallWorldApi world, KafkaServer kafka, Browser browser) : IClassFixture<SmallWorldApi>
{
    private const string Write = """
        async address => {
          const event = '{"keen_id":"k1","user_exam_id":"a1"}';
          const outcomes = [];
          for (const init of [
            { mode: 'no-cors', headers: { 'Content-Type': 'text/plain' } },
            { mode: 'cors', headers: { 'Content-Type': 'text/plain' } },
            { mode: 'cors', headers: { 'Content-Type': 'application/json' } },
          ]) {
            try { outcomes.push((await fetch(address, { method: 'POST', body: event, ...init })).status); } catch (refused) { outcomes.push(-1); }
          }
          return outcomes;
        }
        """;

    private const string Read = "async address => { try { return await (await fetch(address)).text(); } catch (refused) { return 'refused'; } }";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_of_another_site_can_neither_write_nor_read()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(topic);
        await using var site = await ForeignSiteAsync();
        var page = await browser.OpenAsync();
        await using var context = page.Context;
        await page.GotoAsync(site.Urls.Single());

        var statuses = await page.EvaluateAsync<int[]>(Write, Address(api, "/api/events"));
        Assert.Equal([-1, -1, -1], statuses);
        Assert.Equal("refused", await page.EvaluateAsync<string>(Read, Address(api, "/api/summary")));
        Assert.Empty(await kafka.ReadAllAsync(topic));
    }

    [Fact]
    public async Task A_form_of_another_site_writes_nothing()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(topic);
        await using var site = await ForeignSiteAsync();
        var page = await browser.OpenAsync();
        await using var context = page.Context;
        await page.GotoAsync(site.Urls.Single());

        var answer = await page.RunAndWaitForResponseAsync(
            () => page.EvaluateAsync(
                """
                address => {
                  const form = Object.assign(document.createElement('form'), { method: 'post', action: address, enctype: 'text/plain' });
                  form.append(Object.assign(document.createElement('input'), { name: '{"keen_id":"k1","user_exam_id":"a1","x":"', value: '"}' }));
                  document.body.append(form);
                  form.submit();
                }
                """, Address(api, "/api/events")),
            response => response.Request.Method == "POST");

        Assert.Equal((int)HttpStatusCode.Forbidden, answer.Status);
        Assert.Empty(await kafka.ReadAllAsync(topic));
    }

    [Fact]
    public async Task A_page_of_an_origin_that_the_configuration_names_can_do_both()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var site = await ForeignSiteAsync();
        await using var api = await ApiAsync(topic, ("Access:Origins:0", site.Urls.Single()));
        var page = await browser.OpenAsync();
        await using var context = page.Context;
        await page.GotoAsync(site.Urls.Single());

        var statuses = await page.EvaluateAsync<int[]>(Write, Address(api, "/api/events"));
        Assert.Equal([-1, 415, 200], statuses);
        Assert.Contains("\"attempts\"", await page.EvaluateAsync<string>(Read, Address(api, "/api/summary")), StringComparison.Ordinal);
        Assert.Single(await kafka.ReadAllAsync(topic));
    }

    [Fact]
    public async Task A_name_that_was_pointed_at_this_machine_is_shown_nothing()
    {
        await using var api = await ApiAsync("none");
        var page = await browser.OpenAsync();
        await using var context = page.Context;

        var answer = await page.GotoAsync(new UriBuilder(api.Client.BaseAddress!) { Host = Browser.ReboundHost, Path = "/api/summary" }.ToString());

        Assert.Equal((int)HttpStatusCode.BadRequest, answer!.Status);
        Assert.DoesNotContain("attempts", await answer.TextAsync(), StringComparison.Ordinal);
        answer = await page.GotoAsync(Address(api, "/api/summary"));
        Assert.Equal((int)HttpStatusCode.OK, answer!.Status);
    }

    [Fact]
    public async Task With_a_login_the_report_opens_with_the_key_as_the_password()
    {
        await using var api = await ApiAsync("none", ("Access:ApiKeys", "true"));
        await GuardedApi.AddKeyAsync(api, "reader", "read");
        var page = await browser.OpenAsync(new BrowserNewContextOptions { HttpCredentials = new() { Username = "any", Password = GuardedApi.Key("reader") } });
        await using var context = page.Context;

        var opened = await page.GotoAsync(Address(api, "/report"));

        Assert.Equal((int)HttpStatusCode.OK, opened!.Status);
        await page.Locator("#live:visible").WaitForAsync();
    }

    // To a browser, localhost is another site than 127.0.0.1.
    private static string Address(ApiServer api, string path) => new UriBuilder(api.Client.BaseAddress!) { Host = "localhost", Path = path }.ToString();

    private async Task<ApiServer> ApiAsync(string topic, params (string, string)[] settings)
    {
        var api = new ApiServer(await world.CreateDatabaseAsync(), await kafka.AddressAsync(), [("Ingest:Topic", topic), .. settings]);
        await api.ExecuteAsync(SmallWorld.Sql);
        return api;
    }

    private static async Task<WebApplication> ForeignSiteAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var site = builder.Build();
        site.MapGet("/", () => TypedResults.Content("<!DOCTYPE html><title>Foreign</title>", "text/html"));
        await site.StartAsync(Cancel);
        return site;
    }
}
