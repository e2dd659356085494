using System.Globalization;
using System.Threading.RateLimiting;
using Analytics.Api.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Analytics.Api.Access;

/// <summary>ASP.NET's rate limiter: so many requests a minute for each key, or address without one. Health probes are not counted.</summary>
internal static class RequestLimits
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static void Add(IServiceCollection services)
    {
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<AccessOptions>, Login>((limiter, access, login) =>
        {
            var limit = access.Value.RequestsPerMinute ?? (login.IsConfigured ? AccessOptions.UsualRequestsPerMinute : null);
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
                limit is null || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null
                    ? RateLimitPartition.GetNoLimiter("")
                    : RateLimitPartition.GetFixedWindowLimiter(
                        Caller.CountedAs(context), _ => new FixedWindowRateLimiterOptions { PermitLimit = limit.Value, Window = Window }));
            limiter.OnRejected = (rejected, _) =>
            {
                var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : Window;
                var seconds = (int)Math.Ceiling(wait.TotalSeconds);
                rejected.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
                return new ValueTask(Problem.WriteAsync(
                    rejected.HttpContext, StatusCodes.Status429TooManyRequests,
                    $"That was more than the {limit} requests a minute that are allowed: come back in {seconds} s."));
            };
        });
    }
}
