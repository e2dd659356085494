using Analytics.Tests.Native.Hosting;
using Assessments;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>Names that look the same are one course, and the order of arrival decides no address.</summary>
public sealed class CourseNameTests(PostgresProcess postgres, IngestBroker broker)
{
    [Fact]
    public async Task Names_that_look_the_same_are_one_course()
    {
        string[] names =
        [
            "Learning Git ", " Learning\t Git", "Learning\u00A0Git", "Learning\u200B Git\uFEFF", "Learning Git",
            "Re\u0301sume\u0301", "R\u00E9sum\u00E9", "R\u00E9\u00ADsume\u0301\n", "  ", "\u200B", "",
        ];

        Assert.Equal(["|unnamed|3", "Learning Git|learning-git|5", "R\u00E9sum\u00E9|r\u00E9sum\u00E9|3"], await CoursesAsync(names, batchMessages: 1));
        Assert.Equal(["|unnamed|3", "Learning Git|learning-git|5", "R\u00E9sum\u00E9|r\u00E9sum\u00E9|3"], await CoursesAsync(names, batchMessages: 100));
    }

    [Fact]
    public async Task Names_that_share_a_slug_have_the_same_slugs_in_any_order_of_arrival()
    {
        string[] names = ["GIT", "Git!", "Git?", "Git", "git"];
        string[] expected = [$"GIT|{Slug.WithHash("GIT")}|1", "Git|git|1", $"Git!|{Slug.WithHash("Git!")}|1", $"Git?|{Slug.WithHash("Git?")}|1",
            $"git|{Slug.WithHash("git")}|1"];

        Assert.Equal(expected, await CoursesAsync(names, batchMessages: 1));
        Assert.Equal(expected, await CoursesAsync([.. names.Reverse()], batchMessages: 1));
        Assert.Equal(expected, await CoursesAsync([names[3], names[0], names[4], names[2], names[1]], batchMessages: 100));
    }

    [Fact]
    public async Task A_database_of_before_gets_clean_names_and_the_same_slugs()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        await database.ExecuteAsync("""
            insert into courses (name, slug) values
              ('Learning Git ', 'learning-git'), (U&'Re\0301sume\0301', U&'re\0301sume\0301'), ('GIT', 'git'), ('Git', 'git-2'), ('Git 2', 'git-2-2'),
              ('Angular 2', 'angular-2'), ('Angular', 'angular'), ('Two ', 'two'), ('Two', 'two-2');
            delete from schema_versions where scriptname like '%0010_course_names%'
            """);
        await database.MigratedAsync();

        Assert.Equal(
            [
                "Angular|angular", "Angular 2|angular-2", $"GIT|{Slug.WithHash("GIT")}", "Git|git", "Git 2|git-2-2", "Learning Git|learning-git",
                "R\u00E9sum\u00E9|r\u00E9sum\u00E9", "Two|two", $"Two |{Slug.WithHash("Two ")}",
            ],
            await database.RowsAsync("""select name, slug from courses order by name collate "C" """));
    }

    /// <summary>The courses after an event of each name, with their slugs and how many events each has.</summary>
    private async Task<List<string>> CoursesAsync(string[] names, int batchMessages)
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        await topic.WriteAsync(names.Select((name, i) => new TestEvent { KeenId = $"k{i}", Attempt = $"a{i}", Course = name }));
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", $"{batchMessages}"));
        await database.ReachesAsync(topic.Name, names.Length);
        await RollupOracle.CheckAsync(database);
        return await database.RowsAsync("""
            select name, slug, sum(messages) from courses join exams using (course_id) join exam_totals using (exam_id) group by name, slug order by name collate "C"
            """);
    }
}
