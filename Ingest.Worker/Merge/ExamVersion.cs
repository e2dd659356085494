using System.Security.Cryptography;
using System.Text;
using Assessments;

namespace Ingest.Worker.Merge;

/// <summary>A version of an exam: the set of questions that attempts were shown, in whatever order.</summary>
/// <param name="Id">Its key in the database.</param>
internal sealed record ExamVersion(int Id)
{
    /// <summary>
    /// What a version is called in every database: 32 hexadecimal digits of the SHA-256 of its question ids in the order of their code points, with a NUL
    /// between two. The script <c>0013_exam_versions.sql</c> has the same for what came before.
    /// </summary>
    /// <returns>Null of an attempt that was shown no question.</returns>
    public static string? NameOf(AttemptEvent attempt)
    {
        if (attempt.Questions.Count == 0)
        {
            return null;
        }

        string[] ids = [.. attempt.Questions.Select(question => question.Id ?? "").Distinct(StringComparer.Ordinal)];
        Array.Sort(ids, CodePointOrder.Compare);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', ids))).AsSpan(0, 16));
    }
}
