using System.Collections.Frozen;

namespace Analytics.Api.Sql;

/// <summary>What a statement may call, and the keywords that a parenthesis may follow.</summary>
internal static class SqlWords
{
    /// <summary>
    /// Functions of pg_catalog that compute from their arguments alone. Left out, though harmless to secrets, is what makes much of little
    /// (repeat, lpad, rpad, format, array_fill), what reads names of tables from text, and all that nobody missed.
    /// </summary>
    public static readonly FrozenSet<string> Functions = Split("""
        count sum avg min max bool_and bool_or every bit_and bit_or stddev stddev_pop stddev_samp variance var_pop var_samp
        corr covar_pop covar_samp regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy
        percentile_cont percentile_disc mode string_agg array_agg json_agg jsonb_agg json_object_agg jsonb_object_agg any_value
        row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
        abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log10 power mod div gcd lcm scale min_scale trim_scale
        degrees radians pi sin cos tan cot asin acos atan atan2 sinh cosh tanh random width_bucket
        lower upper initcap length char_length character_length octet_length bit_length left right substr strpos btrim ltrim rtrim
        replace translate reverse split_part concat concat_ws starts_with ascii chr md5 string_to_array array_to_string
        regexp_replace regexp_match regexp_matches regexp_count regexp_instr regexp_like regexp_substr regexp_split_to_array regexp_split_to_table
        to_char to_date to_number to_timestamp date date_trunc date_part date_bin age make_date make_time make_timestamp make_timestamptz make_interval
        justify_days justify_hours justify_interval isfinite now clock_timestamp statement_timestamp transaction_timestamp timezone
        cardinality array_length array_ndims array_lower array_upper array_position array_positions array_append array_prepend array_cat array_remove
        unnest generate_series generate_subscripts
        to_json to_jsonb row_to_json json_build_object jsonb_build_object json_build_array jsonb_build_array json_array_length jsonb_array_length
        json_array_elements jsonb_array_elements json_array_elements_text jsonb_array_elements_text json_each jsonb_each json_each_text jsonb_each_text
        json_object_keys jsonb_object_keys json_typeof jsonb_typeof jsonb_pretty num_nulls num_nonnulls pg_typeof
        """);

    /// <summary>Keywords of expressions and queries, special functions of the grammar, and types that take a size.</summary>
    public static readonly FrozenSet<string> BeforeParenthesis = Split("""
        select distinct all on from join lateral where and or not in any some exists case when then else between symmetric like ilike similar to
        escape is by having limit offset fetch first next union except intersect values as materialized with using over filter within group
        partition range rows groups sets grouping rollup cube array row interval zone table explain
        cast extract position substring overlay trim both leading trailing coalesce nullif greatest least normalize
        current_time current_timestamp localtime localtimestamp
        numeric decimal dec float varchar char character varying bit time timetz timestamp timestamptz
        """);

    /// <summary>Keywords of statements that write, lock or make things; none is a name in the views.</summary>
    public static readonly FrozenSet<string> Refused = Split("insert update delete merge into create alter drop truncate grant revoke copy lock call do execute prepare declare listen notify");

    private static FrozenSet<string> Split(string words) =>
        words.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
