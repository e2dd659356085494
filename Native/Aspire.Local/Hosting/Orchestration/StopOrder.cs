using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Who uses whom, from which the order of stopping follows: users first.</summary>
internal sealed class StopOrder
{
    private readonly Dictionary<IResource, HashSet<IResource>> _uses = [];

    public StopOrder(IEnumerable<IResource> resources)
    {
        foreach (var resource in resources)
        {
            _uses[resource] = [.. Used(resource).Where(used => used != resource)];
        }
    }

    /// <summary>Groups that can be stopped one after another; those in a group at once. What is used in a circle is in one group.</summary>
    public List<List<IResource>> Groups()
    {
        var left = new List<IResource>(_uses.Keys);
        var groups = new List<List<IResource>>();
        while (left.Count > 0)
        {
            var unused = left.FindAll(resource => !left.Any(other => other != resource && Reaches(other, resource)));
            var group = unused.Count > 0 ? unused : left;
            groups.Add([.. group]);
            left = left.Except(group).ToList();
        }

        return groups;
    }

    private static IEnumerable<IResource> Used(IResource resource)
    {
        var waited = resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource);
        var related = resource.Annotations.OfType<ResourceRelationshipAnnotation>().Where(tie => tie.Type == KnownRelationshipTypes.Reference).Select(tie => tie.Resource);
        var parent = resource is IResourceWithParent child ? [child.Parent] : Enumerable.Empty<IResource>();
        return waited.Concat(related).Concat(parent);
    }

    private bool Reaches(IResource from, IResource to)
    {
        var seen = new HashSet<IResource>();
        var next = new Stack<IResource>([from]);
        while (next.TryPop(out var at))
        {
            if (!_uses.TryGetValue(at, out var used))
            {
                continue;
            }

            foreach (var resource in used)
            {
                if (resource == to)
                {
                    return true;
                }

                if (seen.Add(resource))
                {
                    next.Push(resource);
                }
            }
        }

        return false;
    }
}
