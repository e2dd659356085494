using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Statistics;

namespace Analytics.Api.Questions;

/// <summary>
/// Calibrations, each computed once for all who ask at the same time, given up when the last of them leaves, and kept until others need the room.
/// A calibration is known by a digest of its score table, which is all of the data that it rests on: so it holds while other exams are ingested.
/// </summary>
internal sealed class Calibrations : IDisposable
{
    // Some hundred bytes each: a few megabytes in all.
    private const int MostItemsKept = 20_000;

    private static readonly ActivitySource Activities = new("Analytics.Api");

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Computation> _computations = [];
    private readonly SemaphoreSlim _processors = new(Math.Max(1, Environment.ProcessorCount / 2)); // The rest is for quick requests.
    private long _asked;

    /// <exception cref="OperationCanceledException">The asker left.</exception>
    public async Task<RaschCalibration> CalibrateAsync(ScoreTable table, CancellationToken cancellationToken)
    {
        var computation = Join(Digest(table), table);
        try
        {
            return await computation.Result.WaitAsync(cancellationToken);
        }
        finally
        {
            Leave(computation);
        }
    }

    public void Dispose() => _processors.Dispose();

    private Computation Join(string digest, ScoreTable table)
    {
        lock (_lock)
        {
            if (!_computations.TryGetValue(digest, out var computation))
            {
                _computations[digest] = computation = new Computation(digest, table.Items.Count);
                computation.Result = ComputeAsync(table, computation.Wanted.Token);
            }

            computation.Askers++;
            computation.LastAsked = ++_asked;
            return computation;
        }
    }

    private void Leave(Computation computation)
    {
        lock (_lock)
        {
            computation.Askers--;
            if (computation.Askers == 0 && !computation.Result.IsCompletedSuccessfully)
            {
                computation.Wanted.Cancel();
                _computations.Remove(computation.Digest);
            }

            var surplus = _computations.Values.Sum(kept => kept.Items) - MostItemsKept;
            foreach (var idle in _computations.Values.Where(kept => kept.Askers == 0).OrderBy(kept => kept.LastAsked).ToArray())
            {
                if (surplus <= 0)
                {
                    break;
                }

                _computations.Remove(idle.Digest);
                surplus -= idle.Items;
            }
        }
    }

    private Task<RaschCalibration> ComputeAsync(ScoreTable table, CancellationToken wanted) => Task.Run(
        async () =>
        {
            await _processors.WaitAsync(wanted);
            using var activity = Activities.StartActivity(ActivityKind.Internal, tags: [new("activity.items", table.Items.Count)], name: "calibrate");
            try
            {
                return Rasch.Calibrate(table, wanted);
            }
            catch (OperationCanceledException)
            {
                activity?.SetStatus(ActivityStatusCode.Error, "Nobody waits for it any more.");
                throw;
            }
            finally
            {
                _processors.Release();
            }
        },
        wanted);

    private static string Digest(ScoreTable table)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IReadOnlyList<long>[] rows =
            [[table.Length, table.Items.Count], table.Takers, .. table.Items.SelectMany(item => (IReadOnlyList<long>[])[item.Takers, item.Correct])];
        foreach (var row in rows)
        {
            hash.AppendData(MemoryMarshal.AsBytes<long>(row.ToArray()));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private sealed class Computation(string digest, int items)
    {
        public string Digest { get; } = digest;

        public int Items { get; } = items;

        public CancellationTokenSource Wanted { get; } = new();

        public Task<RaschCalibration> Result { get; set; } = null!;

        public int Askers { get; set; }

        public long LastAsked { get; set; }
    }
}
