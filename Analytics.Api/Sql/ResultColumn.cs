using System.Buffers;
using System.Globalization;
using System.Text;
using Analytics.Api.Shapes;
using Microsoft.Data.Analysis;
using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>A column of an answer as it fills up, value by value, each in the order of its row.</summary>
/// <param name="Name">The column's name, which no other has.</param>
/// <param name="Type">PostgreSQL's name of its type.</param>
internal abstract record ResultColumn(string Name, string Type)
{
    /// <summary>Whether PostgreSQL writes its values as text.</summary>
    public virtual bool IsText => false;

    /// <summary>The column of the table, once it is full.</summary>
    public abstract DataFrameColumn Column { get; }

    public abstract void AppendNull();

    /// <summary>Says that the answer goes on behind this part of it.</summary>
    public virtual void ExpectMore()
    {
    }

    /// <summary>The column for the next part of the answer.</summary>
    public abstract ResultColumn Next();

    /// <summary>Reads a value that is not null.</summary>
    /// <param name="reader">At the row, read in the order of its columns.</param>
    /// <param name="ordinal">The column's place.</param>
    /// <param name="most">The bytes that a value may have.</param>
    /// <param name="cancellationToken">Ends the wait for its bytes.</param>
    /// <returns>The bytes that it has.</returns>
    public abstract ValueTask<long> AppendAsync(NpgsqlDataReader reader, int ordinal, long most, CancellationToken cancellationToken);

    /// <summary>A column for a type: those that a table knows as they are, all others as the text that PostgreSQL writes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">PostgreSQL's name of the type.</param>
    /// <param name="oid">PostgreSQL's number of the type (pg_type.dat).</param>
    public static ResultColumn Of(string name, string type, uint oid) => oid switch
    {
        16 => new Fixed<bool>(() => new BooleanDataFrameColumn(name), name, type, 1, (reader, ordinal) => reader.GetBoolean(ordinal)),
        20 => new Fixed<long>(() => new Int64DataFrameColumn(name), name, type, 8, (reader, ordinal) => reader.GetInt64(ordinal)),
        21 => new Fixed<long>(() => new Int64DataFrameColumn(name), name, type, 2, (reader, ordinal) => reader.GetInt16(ordinal)),
        23 => new Fixed<long>(() => new Int64DataFrameColumn(name), name, type, 4, (reader, ordinal) => reader.GetInt32(ordinal)),
        700 => new Fixed<double>(() => new DoubleDataFrameColumn(name), name, type, 4, (reader, ordinal) => reader.GetFloat(ordinal)),
        701 => new Fixed<double>(() => new DoubleDataFrameColumn(name), name, type, 8, (reader, ordinal) => reader.GetDouble(ordinal)),
        1082 => new Fixed<DateOnly>(() => new PrimitiveDataFrameColumn<DateOnly>(name), name, type, 4, (reader, ordinal) =>
            Date(name, reader.GetFieldValue<int>(ordinal))),
        1114 => new Fixed<DateTime>(() => new LocalTimeDataFrameColumn(name), name, type, 8, (reader, ordinal) =>
            Time(name, reader.GetFieldValue<long>(ordinal))),
        1184 => new Fixed<DateTime>(() => new DateTimeDataFrameColumn(name), name, type, 8, (reader, ordinal) =>
            Time(name, reader.GetFieldValue<long>(ordinal))),
        1700 => new Number(name, type),
        _ => new Text(name, type),
    };

    // PostgreSQL counts from 2000 on, days or microseconds; the ends stand for infinity.
    private static DateOnly Date(string name, int days)
    {
        var number = days + (long)new DateOnly(2000, 1, 1).DayNumber;
        return number >= DateOnly.MinValue.DayNumber && number <= DateOnly.MaxValue.DayNumber ? DateOnly.FromDayNumber((int)number) : throw OutOfRange(name);
    }

    private static DateTime Time(string name, long microseconds)
    {
        var epoch = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        return microseconds >= (DateTime.MinValue.Ticks - epoch.Ticks) / TimeSpan.TicksPerMicrosecond
            && microseconds <= (DateTime.MaxValue.Ticks - epoch.Ticks) / TimeSpan.TicksPerMicrosecond
            ? epoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond)
            : throw OutOfRange(name);
    }

    private static SqlLimitException OutOfRange(string name) =>
        new($"The column {name} has a time that is infinite or not in the years 1 to 9999, which no table holds; make it text by ::text.");

    /// <summary>A type whose values all have one size.</summary>
    private sealed record Fixed<T>(Func<PrimitiveDataFrameColumn<T>> Make, string Name, string Type, int Bytes, Func<NpgsqlDataReader, int, T> Read)
        : ResultColumn(Name, Type)
        where T : unmanaged
    {
        private readonly PrimitiveDataFrameColumn<T> _values = Make();

        public override DataFrameColumn Column => _values;

        public override void AppendNull() => _values.Append(null);

        public override ResultColumn Next() => new Fixed<T>(Make, Name, Type, Bytes, Read);

        public override ValueTask<long> AppendAsync(NpgsqlDataReader reader, int ordinal, long most, CancellationToken cancellationToken)
        {
            _values.Append(Read(reader, ordinal));
            return ValueTask.FromResult<long>(Bytes);
        }
    }

    /// <summary>Text, and whatever PostgreSQL writes as text. Values that come again are one string.</summary>
    private record Text(string Name, string Type) : ResultColumn(Name, Type)
    {
        private const int MostShared = 4096;
        private const int LongestShared = 128;

        private readonly StringDataFrameColumn _values = new(Name, 0);
        private readonly HashSet<string> _shared = [];

        public override bool IsText => true;

        public override DataFrameColumn Column => _values;

        public override void AppendNull() => _values.Append(null);

        public override ResultColumn Next() => new Text(Name, Type);

        public override async ValueTask<long> AppendAsync(NpgsqlDataReader reader, int ordinal, long most, CancellationToken cancellationToken)
        {
            await using var stream = reader.GetStream(ordinal);
            if (stream.Length > most)
            {
                throw new SqlLimitException($"A value of the column {Name} has {stream.Length} bytes, and one may have {most} (Sql:MaxBytes).");
            }

            var length = (int)stream.Length;
            var bytes = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                await stream.ReadExactlyAsync(bytes.AsMemory(0, length), cancellationToken);
                Append(bytes.AsSpan(0, length));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }

            return length;
        }

        protected virtual void Append(ReadOnlySpan<byte> utf8) => Append(Share(utf8));

        protected void Append(string text) => _values.Append(text);

        protected string Share(ReadOnlySpan<byte> utf8)
        {
            if (utf8.Length > LongestShared)
            {
                return Encoding.UTF8.GetString(utf8);
            }

            Span<char> text = stackalloc char[LongestShared];
            text = text[..Encoding.UTF8.GetChars(utf8, text)];
            if (_shared.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var known))
            {
                return known;
            }

            var made = text.ToString();
            if (_shared.Count < MostShared)
            {
                _shared.Add(made);
            }

            return made;
        }
    }

    /// <summary>Decimal numbers for as long as a table can hold them digit by digit; a column with one that it can't hold is text.</summary>
    private sealed record Number(string Name, string Type) : Text(Name, Type)
    {
        private NumericDataFrameColumn? _numbers = new(Name);

        public override DataFrameColumn Column => _numbers is { } numbers && Decimals.Fit(numbers) ? numbers : AsText();

        public override void AppendNull()
        {
            if (_numbers is { } numbers)
            {
                numbers.Append(null);
            }
            else
            {
                base.AppendNull();
            }
        }

        public override void ExpectMore() => _numbers?.ExpectMore();

        // What became text stays it.
        public override ResultColumn Next() => Column is DecimalDataFrameColumn ? new Number(Name, Type) : base.Next();

        protected override void Append(ReadOnlySpan<byte> utf8)
        {
            if (_numbers is { } numbers && Decimals.TryParse(utf8, out var number))
            {
                numbers.Append(number);
            }
            else
            {
                AsText();
                Append(Share(utf8));
            }
        }

        private DataFrameColumn AsText()
        {
            if (_numbers is { } numbers)
            {
                _numbers = null;
                foreach (var number in numbers)
                {
                    if (number is { } known)
                    {
                        Append(known.ToString(CultureInfo.InvariantCulture));
                    }
                    else
                    {
                        base.AppendNull();
                    }
                }
            }

            return base.Column;
        }
    }
}
