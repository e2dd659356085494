using Analytics.Api.Database;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.OutputCaching;

namespace Analytics.Api.Caching;

/// <summary>
/// Keeps answers for as long as the data is what they were made of: the version of the data is a part of the key, and is asked of the database each time.
/// </summary>
internal sealed class AnswerCache(ActivityDatabase database) : IOutputCachePolicy
{
    private const long MaxAnswerBytes = 1 << 20;
    private const long MaxBytes = 64 << 20;

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<AnswerCache>();
        services.AddOutputCache(cache =>
        {
            cache.MaximumBodySize = MaxAnswerBytes;
            cache.SizeLimit = MaxBytes;
        });
    }

    public async ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        if (context.HttpContext.Request.GetTypedHeaders().CacheControl is { NoCache: true })
        {
            return; // The client wants it made anew.
        }

        var tag = await database.ReadTagAsync(context.HttpContext, cancellation);
        context.HttpContext.Features.Set(tag);
        context.CacheVaryByRules.VaryByValues["tag"] = tag.ToString();
        context.CacheVaryByRules.VaryByValues["target"] = context.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget; // %2F and %252F.
        context.CacheVaryByRules.QueryKeys = "*";
        context.CacheVaryByRules.HeaderNames = "Accept";
        context.EnableOutputCaching = true;
        context.AllowCacheLookup = true;
        context.AllowCacheStorage = true;
        context.AllowLocking = false; // Those who wait for the same answer would fail with the first asker, should that one leave.
        context.ResponseExpirationTimeSpan = TimeSpan.FromHours(1);
    }

    public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        context.AllowCacheStorage = context.HttpContext.Response.StatusCode == StatusCodes.Status200OK;
        return ValueTask.CompletedTask;
    }
}
