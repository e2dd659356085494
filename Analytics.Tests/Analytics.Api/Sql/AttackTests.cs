using System.Net;
using System.Text;
using Npgsql;

namespace Analytics.Tests.Analytics.Api.Sql;

/// <summary>
/// What a person with bad intent, or a bad statement, would try. Each case says what it is after; docs/explanation/sql-is-safe.md tells why it fails.
/// </summary>
public sealed class AttackTests(SqlApi sql) : IClassFixture<SqlApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("holds a connection for an hour", "select pg_sleep(3600)")]
    [InlineData("the same with the schema's name", "select pg_catalog.pg_sleep(3600)")]
    [InlineData("the same in quotes", "select \"pg_sleep\"(3600)")]
    [InlineData("the same with both in quotes", "select \"pg_catalog\" . \"pg_sleep\" (3600)")]
    [InlineData("the same in capitals", "select PG_SLEEP(3600)")]
    [InlineData("the same by Unicode escapes", "select U&\"pg\\005fsleep\"(3600)")]
    [InlineData("the same by Unicode escapes of another escape character", "select U&\"pg!005fsleep\" uescape '!' (3600)")]
    [InlineData("the same with a comment before the parenthesis", "select pg_sleep/**/(3600)")]
    [InlineData("the same with a comment in a comment before the parenthesis", "select pg_sleep/* /* */ */(3600)")]
    [InlineData("the same behind a comment that ends with a carriage return", "select 1 --\r, pg_sleep(3600)")]
    [InlineData("the same behind a comment that only seems to go on", "select 1 /* /*/ */ */, pg_sleep(3600) --*/")]
    [InlineData("the same behind a text that seems to go on by a backslash", "select 'a\\', pg_sleep(3600), 'b'")]
    [InlineData("the same behind an escaped text that goes on in the next line", "select E'a'\n'b\\'', pg_sleep(3600), '")]
    [InlineData("the same behind a text in dollar quotes", "select $a$ $b$ $a$, pg_sleep(3600), $a$ $a$")]
    [InlineData("the same behind what is no dollar quote but a name", "select a$b$, pg_sleep(3600), $b$ $b$")]
    [InlineData("the same glued to a number", "select 1pg_sleep(3600)")]
    [InlineData("the same after DISTINCT ON", "select distinct on (1) pg_sleep(3600)")]
    [InlineData("the same as an alias's list of columns", "select 1 \"as\" pg_sleep(3600)")]
    [InlineData("the same after a name that is a keyword", "select totals.as pg_sleep(3600) from totals")]
    [InlineData("the same in FROM with a list of columns", "select * from totals, pg_sleep(3600) as (a int)")]
    [InlineData("the same as an operator's function", "select 1 operator(pg_catalog.+) pg_sleep(1)::text::int")]
    [InlineData("the same as a method of a row", "select totals.pg_sleep from totals")]
    [InlineData("the same in a plan", "explain analyze select pg_sleep(3600)")]
    [InlineData("the same in a plan with options", "explain (analyze) select pg_sleep(3600)")]
    [InlineData("the server's settings in a plan", "explain (settings) select 1")]
    [InlineData("a plan of what writes", "explain (analyze) with gone as (delete from public.attempts returning *) select * from gone")]
    [InlineData("a plan's option that is none", "explain (analyze, wal (select 1)) select 1")]
    [InlineData("runs a text, called as an attribute", "select ('select rolname from pg_roles'::text).ts_stat")]
    [InlineData("the same as an attribute of a row", "select v.ts_stat from (select 'select 1'::text) v (ts_stat_argument), lateral (select ('select "
        + "1'::text).ts_stat) w")]
    [InlineData("reads settings, called as an attribute", "select ('data_directory'::text).current_setting")]
    [InlineData("reads settings in a default of lag", "select lag('a'::text, 1, current_setting('data_directory')) over ()")]
    [InlineData("names roles by an array", "select '{postgres}'::_regrole")]
    [InlineData("names tables by an array", "select '{pg_authid}'::_regclass")]
    [InlineData("names tables by an array in quotes", "select '{pg_authid}'::pg_catalog.\"_regclass\"")]
    [InlineData("names tables by numbers", "select array[1260]::oid[]::regclass[]")]
    [InlineData("names roles by a record's columns", "select * from jsonb_to_record('{\"a\": \"postgres\"}') as t (a regrole)")]
    [InlineData("names rights", "select '{postgres=r/postgres}'::aclitem[]")]
    [InlineData("names columns of a table", "select (null::public.dead_letters).*")]
    [InlineData("names a table's row", "select null::public.dead_letters")]
    [InlineData("a domain of the catalogue", "select null::information_schema.cardinal_number")]
    [InlineData("reads what others ask, as a set", "select * from pg_stat_get_activity(null)")]
    [InlineData("reads what others ask, in a plan", "explain analyze select query from pg_stat_activity")]
    [InlineData("reads what others ask, in a subquery of a CTE", "with a (q) as (select (select max(query) from pg_stat_activity)) select q from a")]
    [InlineData("reads a table in ORDER BY", "select 1 order by (select count(*) from public.dead_letters)")]
    [InlineData("reads a table in LIMIT", "select 1 limit (select count(*) from public.dead_letters)")]
    [InlineData("reads a table in a window", "select sum(1) over (order by (select count(*) from public.dead_letters))")]
    [InlineData("leaves the parentheses that we put around", "select 1), (select pg_read_file('PG_VERSION')")]
    [InlineData("leaves them behind a comment", "select 1) and exists (select 1 --")]
    [InlineData("a gigabyte by repeating, called by schema", "select pg_catalog.repeat('x', 1000000000)")]
    [InlineData("a gigabyte by a number that is none yet", "select repeat('x', n) from (values (1000000000)) v (n)")]
    [InlineData("a gigabyte by a least that bounds nothing", "select repeat('x', least(1000000000, n)) from (values (1000000000)) v (n)")]
    [InlineData("a gigabyte by a least of nothing", "select repeat('x', least(null, n)) from (values (1000000000)) v (n)")]
    [InlineData("a gigabyte by a width from elsewhere", "select format('%*s', 1000000000, '')")]
    [InlineData("a gigabyte by a format from elsewhere", "select format(f, '') from (values ('%1000000000s')) v (f)")]
    [InlineData("reads XML by a table", "select * from xmltable('/a' passing '<a/>' columns b int)")]
    [InlineData("the server's version", "select version()")]
    [InlineData("the server's address", "select inet_server_addr()")]
    [InlineData("takes a transaction's number", "select pg_current_xact_id()")]
    [InlineData("a letter that becomes an ASCII one when made small", "select pg_\u212Aill()")]
    [InlineData("reads a file of the server", "select pg_read_file('/etc/passwd')")]
    [InlineData("reads a file as bytes", "select pg_read_binary_file('PG_VERSION')")]
    [InlineData("lists files", "select * from pg_ls_dir('.')")]
    [InlineData("reads a file into a large object", "select lo_import('/etc/passwd')")]
    [InlineData("fills the disk with large objects", "select lo_from_bytea(0, 'x')")]
    [InlineData("writes a file", "copy (select 1) to '/tmp/x'")]
    [InlineData("runs a program", "copy (select 1) to program 'id'")]
    [InlineData("reaches the network", "select * from dblink('host=127.0.0.1', 'select 1') as t (a int)")]
    [InlineData("turns off read-only", "select set_config('transaction_read_only', 'off', false)")]
    [InlineData("turns off the timeout", "set statement_timeout = 0")]
    [InlineData("becomes the owner", "set role postgres")]
    [InlineData("becomes who logged in", "reset session authorization")]
    [InlineData("reads settings", "select current_setting('data_directory')")]
    [InlineData("reads settings as a table", "select * from pg_settings")]
    [InlineData("two statements", "select 1; drop table attempts")]
    [InlineData("ends the transaction", "commit; delete from attempts")]
    [InlineData("ends the transaction alone", "commit")]
    [InlineData("an empty statement before", "; select 1")]
    [InlineData("a code block", "do $$ begin perform pg_sleep(3600); end $$")]
    [InlineData("writes in WITH", "with gone as (delete from public.attempts returning *) select * from gone")]
    [InlineData("writes to a view", "insert into events values ('k', 'a', 1, 0)")]
    [InlineData("makes a table", "select * into taken from attempts")]
    [InlineData("makes a temporary table", "create temp table t as select 1")]
    [InlineData("locks rows", "select * from attempts for update")]
    [InlineData("locks a table", "lock table attempts")]
    [InlineData("takes a lock that ingest's migration waits for", "select pg_advisory_lock(18354788206094708)")]
    [InlineData("stops other sessions", "select pg_terminate_backend(1)")]
    [InlineData("cancels other statements", "select pg_cancel_backend(1)")]
    [InlineData("reads what others ask", "select query from pg_stat_activity")]
    [InlineData("reads passwords", "select rolpassword from pg_authid")]
    [InlineData("reads passwords with the name in quotes", "table \"pg_authid\"")]
    [InlineData("reads names of roles by a cast", "select 10::regrole")]
    [InlineData("reads the catalogue by its standard name", "select * from information_schema.tables")]
    [InlineData("reads a table by a text", "select query_to_xml('select * from public.dead_letters', true, true, '')")]
    [InlineData("reads a whole schema by a text", "select schema_to_xml('public', true, true, '')")]
    [InlineData("reads a table below the views", "select * from public.attempts")]
    [InlineData("reads raw records", "select value from public.dead_letters")]
    [InlineData("tells the API's listeners lies", "select pg_notify('activity', '{}')")]
    [InlineData("tells them by a statement", "notify activity, '{}'")]
    [InlineData("listens", "listen activity")]
    [InlineData("moves a sequence", "select nextval('public.events_event_id_seq')")]
    [InlineData("reads a sequence", "select last_value from public.events_event_id_seq")]
    [InlineData("a gigabyte from nothing", "select repeat('x', 1000000000)")]
    [InlineData("a gigabyte by padding", "select lpad('', 1000000000)")]
    [InlineData("a gigabyte by a format", "select format('%1000000000s', '')")]
    [InlineData("an array of a gigabyte", "select array_fill(1, array[100000000])")]
    [InlineData("keeps a snapshot", "select pg_export_snapshot()")]
    [InlineData("a cursor that stays", "declare c cursor with hold for select 1")]
    [InlineData("a prepared statement that stays", "prepare p as select 1")]
    [InlineData("calls a function of another schema", "select public.digest('a', 'b')")]
    [InlineData("a parameter", "select $1")]
    [InlineData("a sample of a table", "select * from attempts tablesample system (1)")]
    [InlineData("XML that names a file", "select xmlparse(document '<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>')")]
    [InlineData("a text that is not closed", "select 'a")]
    [InlineData("a comment that is not closed", "select 1 /* /* */")]
    [InlineData("nothing", " /* nothing */ ")]
    public async Task Over_HTTP_it_is_refused(string after, string statement)
    {
        var problem = await sql.RefusedAsync(statement);

        Assert.False(string.IsNullOrWhiteSpace((string?)problem["detail"]), after);
    }

    [Theory]
    [InlineData("a character that is none", """{"query": "select 1\u0000"}""")]
    [InlineData("half a character", """{"query": "select '\ud800'"}""")]
    public async Task In_JSON_it_is_refused(string after, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await sql.Api.Client.PostAsync("/api/sql", content, Cancel);

        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, after);
    }

    [Theory]
    [InlineData("many rows", "select generate_series(1, 1000000000000)")]
    [InlineData("many rows on the server's disk", "select * from generate_series(1, 1000000000000)")]
    [InlineData("a product of everything", "select count(*) from generate_series(1, 1000000) a, generate_series(1, 1000000) b")]
    [InlineData("no end", "with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n")]
    [InlineData("a plan that takes longer than an answer", "select count(*) from attempts a, attempts b, attempts c, attempts d, generate_series(1, "
        + "10000000) e, generate_series(1, 100000) f")]
    [InlineData("numbers of a hundred thousand digits", "select count(*) from generate_series(1, 100000) i where 9.9 ^ (100000 + i) > 1")]
    [InlineData("one large value", "with a (t) as (select string_agg(i::text, ',') from generate_series(1, 200000) i) select t || t from a")]
    [InlineData("many small values", "select i, i, i, i, i, i, i, i from generate_series(1, 200000) i")]
    [InlineData("a stack of parentheses", "(((((((((((((((((((((((((((((select 1")]
    public async Task What_costs_too_much_is_stopped(string after, string statement)
    {
        await using var api = new ApiServer(
            sql.Database, settings: [("Sql:TimeoutSeconds", "1"), ("Sql:MaxBytes", "1048576"), ("Sql:MaxRows", "150000")]);

        var (status, problem) = await SqlApi.SendAsync(api.Client, statement);

        Assert.True(status is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest, $"{after}: {status} {problem}");
        Assert.NotEmpty((string)problem["detail"]!);
        Assert.Equal(HttpStatusCode.OK, (await SqlApi.SendAsync(api.Client, "select 1")).Status);
    }

    /// <summary>Past all rules of ours, in the role's own session and with its settings changed as it likes.</summary>
    [Theory]
    [InlineData("reads a table", "select * from public.attempts")]
    [InlineData("reads raw records", "select * from public.dead_letters")]
    [InlineData("writes a table", "delete from public.attempts")]
    [InlineData("writes a view that PostgreSQL could write through", "delete from activity.events")]
    [InlineData("locks through a view", "select * from activity.events for update")]
    [InlineData("makes a table", "create table public.t (a int)")]
    [InlineData("makes a table among the views", "create table activity.t (a int)")]
    [InlineData("makes a temporary table", "create temp table t (a int)")]
    [InlineData("makes a function", "create function public.f() returns int language sql as 'select 1'")]
    [InlineData("makes a schema", "create schema s")]
    [InlineData("makes a role", "create role r")]
    [InlineData("becomes the owner", "set role postgres")]
    [InlineData("becomes the owner by session", "set session authorization postgres")]
    [InlineData("sleeps", "select pg_sleep(3600)")]
    [InlineData("takes a lock", "select pg_advisory_lock(1)")]
    [InlineData("tries a lock", "select pg_try_advisory_xact_lock(1)")]
    [InlineData("stops another session", "select pg_terminate_backend(1)")]
    [InlineData("makes a large object", "select lo_create(0)")]
    [InlineData("makes a large object of bytes", "select lo_from_bytea(0, 'x')")]
    [InlineData("reads a file", "select pg_read_file('PG_VERSION')")]
    [InlineData("lists files", "select pg_ls_dir('.')")]
    [InlineData("reads a file by COPY", "copy activity.events from '/etc/passwd'")]
    [InlineData("runs a program by COPY", "copy (select 1) to program 'id'")]
    [InlineData("reads passwords", "select * from pg_authid")]
    [InlineData("tells listeners", "select pg_notify('activity', '{}')")]
    [InlineData("reads tables by a text", "select query_to_xml('select 1', true, true, '')")]
    [InlineData("writes to the log of changes", "select pg_logical_emit_message(false, 'a', 'b')")]
    [InlineData("raises a limit that is the administrator's", "set temp_file_limit = -1")]
    [InlineData("installs an extension", "create extension dblink")]
    [InlineData("moves a sequence", "select nextval('public.events_event_id_seq')")]
    [InlineData("writes a setting of the role", "alter role postgres set work_mem = '1GB'")]
    [InlineData("reloads the server", "select pg_reload_conf()")]
    [InlineData("reads what others ask", "select query from pg_stat_activity")]
    [InlineData("reads what others ask by the function below", "select * from pg_stat_get_activity(null)")]
    [InlineData("reads how busy tables are", "select * from pg_stat_user_tables")]
    [InlineData("reads settings", "select * from pg_settings")]
    [InlineData("reads a setting", "select current_setting('data_directory')")]
    [InlineData("reads names of roles", "select rolname from pg_roles")]
    [InlineData("reads names of databases", "select datname from pg_database")]
    [InlineData("reads names of tables", "select * from information_schema.tables")]
    [InlineData("reads how the views are made", "select * from pg_rewrite")]
    [InlineData("runs a text", "select * from ts_stat('select 1')")]
    [InlineData("locks a table of ingest", "begin; lock table public.attempts in access share mode")]
    public async Task As_the_role_itself_it_has_no_right_to(string after, string statement)
    {
        await using var connection = await sql.OpenAsReaderAsync();
        await using var command = new NpgsqlCommand(
            $"set session characteristics as transaction read write; set default_transaction_read_only = off; set statement_timeout = 0", connection);
        await command.ExecuteNonQueryAsync(Cancel);
        command.CommandText = statement;

        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancel));
        Assert.True(refused.SqlState is PostgresErrorCodes.InsufficientPrivilege, $"{after}: {refused.SqlState} {refused.MessageText}");
    }

    [Fact]
    public async Task The_role_cannot_enter_with_no_password_or_the_owners()
    {
        await using var connection = await sql.OpenAsReaderAsync();
        var settings = new NpgsqlConnectionStringBuilder(sql.Database) { Username = connection.UserName, Pooling = false };

        await using var owners = new NpgsqlConnection(settings.ConnectionString);
        Assert.Equal("28P01", (await Assert.ThrowsAsync<PostgresException>(() => owners.OpenAsync(Cancel))).SqlState);
    }

    [Fact]
    public async Task No_session_is_used_twice()
    {
        const string Process = "select count(*) over () as n, clock_timestamp() as at from totals";
        await sql.AskAsync(Process);
        await using var owner = NpgsqlDataSource.Create(sql.Database);
        await using var command = owner.CreateCommand(
            "select count(*) from pg_stat_activity where application_name = 'analytics-api sql' and datname = current_database() and state <> 'active'");
        while ((long)(await command.ExecuteScalarAsync(Cancel))! > 0)
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task When_the_reader_leaves_the_statement_ends()
    {
        const string Forever = "select count(*) as forever from generate_series(1, 100000000000)";
        await using var api = new ApiServer(sql.Database, settings: ("Sql:TimeoutSeconds", "600"));
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var content = new StringContent(Forever, Encoding.UTF8, "application/sql");
        var request = api.Client.PostAsync("/api/sql", content, leaving.Token);
        await UntilRunningAsync(Forever, 1);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await UntilRunningAsync(Forever, 0);
    }

    [Fact]
    public async Task Beyond_so_many_that_wait_one_is_told_to_come_again()
    {
        const string Forever = "select count(*) as long from generate_series(1, 100000000000)";
        await using var api = new ApiServer(sql.Database, settings: [("Sql:MaxConcurrent", "1"), ("Sql:MaxWaiting", "0"), ("Sql:TimeoutSeconds", "600")]);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var content = new StringContent(Forever, Encoding.UTF8, "application/sql");
        var first = api.Client.PostAsync("/api/sql", content, leaving.Token);
        await UntilRunningAsync(Forever, 1);

        using var second = await api.Client.GetAsync("/api/sql?query=select%201", Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
        Assert.NotNull(second.Headers.RetryAfter);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        while ((await SqlApi.SendAsync(api.Client, "select 1")).Status != HttpStatusCode.OK)
        {
            await Task.Delay(10, Cancel);
        }
    }

    private async Task UntilRunningAsync(string statement, long expected)
    {
        await using var owner = NpgsqlDataSource.Create(sql.Database);
        await using var command = owner.CreateCommand($"select count(*) from pg_stat_activity where query = '{statement}' and state = 'active'");
        while ((long)(await command.ExecuteScalarAsync(Cancel))! != expected)
        {
            await Task.Delay(10, Cancel);
        }
    }
}
