using Analytics.Api.Database;
using Npgsql;

namespace Analytics.Api.Catalogue;

/// <summary>Reads the catalogue, and how it fits to what events have shown.</summary>
internal static class CatalogueQuery
{
    private const string CountsSql = """
        select (select count(*) from catalogue_questions) questions, (select count(*) from catalogue_options) options,
          (select count(distinct topic) from catalogue_questions) topics, (select count(*) from items) shown_questions,
          (select count(*) from item_names) named_questions
        """;

    // Each list with the count of all. An option of '' stands for the question; no option of the catalogue has that id.
    private const string UnknownSql = """
        with shown as (
          select question_id, base_exam_id, '' option from items join exams using (exam_id)
          union all
          select question_id, base_exam_id, option_id from item_options join items using (item_id) join exams using (exam_id)),
        named as (
          select question_id, base_exam_id, '' option from catalogue_questions
          union all
          select question_id, base_exam_id, option_id from catalogue_options)
        select question_id, nullif(option, '') option_id, nullif(base_exam_id, '') exam, count(*) over () of_all
        from named
        where not exists (
          select from shown
          where shown.question_id = named.question_id and shown.option = named.option and named.base_exam_id in ('', shown.base_exam_id))
        order by question_id, option, base_exam_id
        limit 20
        """;

    private const string SharedSql = """
        select question_id, null option_id, null exam, count(*) over () of_all
        from catalogue_questions join items using (question_id) join exams using (exam_id)
        where catalogue_questions.base_exam_id = ''
        group by question_id
        having count(distinct exams.base_exam_id) > 1
        order by question_id
        limit 20
        """;

    private const string ContradictionsSql = """
        select question_id, option_id, base_exam_id exam, count(*) over () of_all
        from item_option_names names join item_options using (item_option_id) join items on items.item_id = names.item_id
          join exams on exams.exam_id = names.exam_id
        where names.key <> names.is_correct
        order by question_id, base_exam_id, option_id
        limit 20
        """;

    private const string RowsSql = """
        select question_id, option_id, text, topic, key, nullif(base_exam_id, '') exam
        from (
          select question_id, base_exam_id, null option_id, text, topic, null::boolean as key from catalogue_questions
          union all
          select question_id, base_exam_id, option_id, text, null, key from catalogue_options) named
        order by question_id, base_exam_id, option_id nulls first
        """;

    public static Query<CatalogueState> State { get; } = new([CountsSql, UnknownSql, SharedSql, ContradictionsSql], [], ReadStateAsync);

    public static Query<List<CatalogueRow>> Rows { get; } = new([RowsSql], [], (reader, cancellationToken) => reader.ReadAllAsync(
        row => new CatalogueRow(
            row.Get<string>("question_id"), row.GetOrNull<string>("option_id"), row.GetOrNull<string>("text"), row.GetOrNull<string>("topic"),
            row.Get<bool?>("key"), row.GetOrNull<string>("exam")),
        cancellationToken));

    private static async Task<CatalogueState> ReadStateAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var counts = (await reader.ReadAllAsync(
            row => (
                Questions: row.Get<long>("questions"), Options: row.Get<long>("options"), Topics: row.Get<long>("topics"),
                Shown: row.Get<long>("shown_questions"), Named: row.Get<long>("named_questions")), cancellationToken)).Single();
        var unknown = await ReadIdsAsync(reader, cancellationToken);
        var shared = await ReadIdsAsync(reader, cancellationToken);
        var contradictions = await ReadIdsAsync(reader, cancellationToken);
        return new CatalogueState(
            counts.Questions, counts.Options, counts.Topics, counts.Shown, counts.Named, unknown.Count, unknown.Ids, shared.Count, shared.Ids,
            contradictions.Count, contradictions.Ids);
    }

    private static async Task<(long Count, List<CatalogueIds> Ids)> ReadIdsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var count = 0L;
        var ids = await reader.ReadAllAsync(
            row =>
            {
                count = row.Get<long>("of_all");
                return new CatalogueIds(row.Get<string>("question_id"), row.GetOrNull<string>("option_id"), row.GetOrNull<string>("exam"));
            },
            cancellationToken);
        return (count, ids);
    }
}
