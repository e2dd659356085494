namespace Analytics.Api.Sql;

/// <summary>
/// What statements may use of PostgreSQL's own functions and types. Both are names in <c>pg_catalog</c>; nothing outside of it is taken but the views.
/// </summary>
internal static class Vocabulary
{
    /// <summary>
    /// Functions by subject. All compute from their arguments, the clock, or chance alone. A name stands for all functions of that name whose arguments
    /// and results are of <see cref="Types"/>; what operators and casts between those types call may be called too.
    /// </summary>
    public static readonly IReadOnlyList<(string Subject, string[] Names)> Functions =
    [
        ("Aggregates", Split("""
            count sum avg min max any_value bool_and bool_or every bit_and bit_or bit_xor stddev stddev_pop stddev_samp variance var_pop var_samp
            corr covar_pop covar_samp regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy
            percentile_cont percentile_disc mode string_agg array_agg json_agg jsonb_agg json_object_agg jsonb_object_agg range_agg range_intersect_agg
            json_agg_strict jsonb_agg_strict json_object_agg_strict jsonb_object_agg_strict json_object_agg_unique jsonb_object_agg_unique
            json_object_agg_unique_strict jsonb_object_agg_unique_strict
            """)),
        ("Windows", Split("row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value in_range")),
        ("Mathematics", Split("""
            abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log10 power mod div gcd lcm scale min_scale trim_scale factorial
            degrees radians pi sin cos tan cot asin acos atan atan2 sinh cosh tanh asinh acosh atanh sind cosd tand cotd asind acosd atand atan2d
            erf erfc gamma lgamma random random_normal width_bucket bit_count
            """)),
        ("Text", Split("""
            lower upper initcap casefold length char_length character_length octet_length bit_length left right substr substring strpos position overlay
            btrim ltrim rtrim replace translate reverse split_part concat concat_ws format lpad rpad repeat starts_with ascii chr to_hex to_bin to_oct
            normalize is_normalized string_to_array string_to_table array_to_string quote_ident quote_literal quote_nullable like_escape similar_to_escape
            """)),
        ("Regular expressions", Split("""
            regexp_replace regexp_match regexp_matches regexp_count regexp_instr regexp_like regexp_substr regexp_split_to_array regexp_split_to_table
            """)),
        ("Bytes and digests", Split("""
            encode decode convert_from convert_to get_bit get_byte md5 sha224 sha256 sha384 sha512 crc32 crc32c hashtext hashtextextended gen_random_uuid
            """)),
        ("Time", Split("""
            to_char to_date to_number to_timestamp date date_trunc date_part date_bin date_add date_subtract extract age overlaps timezone isfinite
            make_date make_time make_timestamp make_timestamptz make_interval justify_days justify_hours justify_interval
            now clock_timestamp statement_timestamp transaction_timestamp
            """)),
        ("Arrays", Split("""
            cardinality array_length array_ndims array_dims array_lower array_upper array_position array_positions array_append array_prepend array_cat
            array_remove array_replace array_sample array_shuffle array_sort array_reverse trim_array array_to_json unnest
            """)),
        ("Ranges", Split("""
            int4range int8range numrange tsrange tstzrange daterange int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange
            isempty lower_inc upper_inc lower_inf upper_inf range_merge multirange
            """)),
        ("JSON", Split("""
            to_json to_jsonb row_to_json json_build_object jsonb_build_object json_build_array jsonb_build_array json_object jsonb_object
            json_array_length jsonb_array_length json_array_elements jsonb_array_elements json_array_elements_text jsonb_array_elements_text
            json_each jsonb_each json_each_text jsonb_each_text json_object_keys jsonb_object_keys json_typeof jsonb_typeof jsonb_pretty
            json_extract_path jsonb_extract_path json_extract_path_text jsonb_extract_path_text json_strip_nulls jsonb_strip_nulls jsonb_set jsonb_insert
            json_to_record jsonb_to_record json_to_recordset jsonb_to_recordset
            jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array jsonb_path_query_first
            jsonb_path_exists_tz jsonb_path_match_tz jsonb_path_query_tz jsonb_path_query_array_tz jsonb_path_query_first_tz
            """)),
        ("Rows", Split("generate_series generate_subscripts num_nulls num_nonnulls pg_typeof")),
    ];

    /// <summary>Types, by PostgreSQL's internal names; their arrays, and rows of the views, come with them.</summary>
    public static readonly string[] Types = Split("""
        bool int2 int4 int8 float4 float8 numeric money text varchar bpchar char name bytea bit varbit uuid
        date time timetz timestamp timestamptz interval json jsonb jsonpath record unknown
        int4range int8range numrange tsrange tstzrange daterange int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange
        """);

    /// <summary>Types that turn numbers and texts into the names of what others own, and back, as soon as PostgreSQL reads them.</summary>
    public static readonly string[] CatalogTypes = Split("""
        regclass regcollation regconfig regdatabase regdictionary regnamespace regoper regoperator regproc regprocedure regrole regtype aclitem
        """);

    /// <summary>All of it, for those who ask.</summary>
    public static readonly SqlVocabulary List =
        new([.. Functions.SelectMany(subject => subject.Names.Select(name => new SqlFunction(subject.Subject, name)))], Types);

    public static IEnumerable<string> FunctionNames => Functions.SelectMany(subject => subject.Names);

    private static string[] Split(string words) => words.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
}
