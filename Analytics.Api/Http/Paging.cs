namespace Analytics.Api.Http;

/// <summary>Lists that are answered a page at a time.</summary>
internal static class Paging
{
    /// <summary>Names the next page in the header <c>Link</c> (RFC 8288): the way on for shapes that hold nothing but rows.</summary>
    /// <param name="context">The request for this page.</param>
    /// <param name="cursor">Where the next page starts; null after the last.</param>
    public static void LinkNext(this HttpContext context, string? cursor)
    {
        if (cursor is not null)
        {
            var query = QueryString.Create(context.Request.Query.Where(parameter => parameter.Key is not "cursor").Append(new("cursor", cursor)));
            context.Response.Headers.Link = $"<{context.Request.Path}{query}>; rel=\"next\"";
        }
    }
}
