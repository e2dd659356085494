using System.Collections.Frozen;

namespace Analytics.Api.Sql;

/// <summary>
/// What a statement uses, by oid: at first what PostgreSQL recorded as the view's dependencies, which leaves out what comes with PostgreSQL; then all that its
/// nodes name.
/// </summary>
internal sealed record Uses(List<NodeTree> Nodes, HashSet<uint> Functions, HashSet<uint> Operators, HashSet<uint> Relations, HashSet<uint> Types)
{
    private const uint RegType = 2206;

    // Nodes of queries that only read (primnodes.h, parsenodes.h), under the names that versions from 13 on give them. What is not here is refused: XML,
    // sequences, parameters, cursors, samples, and what a later version may bring.
    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        "QUERY", "RANGETBLENTRY", "RTE", "RTEPERMISSIONINFO", "ALIAS", "FROMEXPR", "JOINEXPR", "RANGETBLREF", "RANGETBLFUNCTION", "TARGETENTRY",
        "COMMONTABLEEXPR", "ROWMARKCLAUSE", "CTESEARCHCLAUSE", "CTECYCLECLAUSE", "SETOPERATIONSTMT", "SORTGROUPCLAUSE", "GROUPINGSET", "WINDOWCLAUSE", "VAR",
        "CONST", "PARAM", "AGGREF", "GROUPINGFUNC", "WINDOWFUNC", "SUBSCRIPTINGREF", "SUBLINK", "FUNCEXPR", "NAMEDARGEXPR", "OPEXPR", "DISTINCTEXPR",
        "NULLIFEXPR", "SCALARARRAYOPEXPR", "BOOLEXPR", "FIELDSELECT", "RELABELTYPE", "COERCEVIAIO", "ARRAYCOERCEEXPR", "COLLATE", "COLLATEEXPR", "CASE",
        "CASEEXPR", "WHEN", "CASEWHEN", "CASETESTEXPR", "ARRAY", "ARRAYEXPR", "ROW", "ROWEXPR", "ROWCOMPARE", "ROWCOMPAREEXPR", "COALESCE", "COALESCEEXPR",
        "MINMAX", "MINMAXEXPR", "SQLVALUEFUNCTION", "NULLTEST", "BOOLEANTEST", "TABLEFUNC", "JSONFORMAT", "JSONRETURNING", "JSONVALUEEXPR",
        "JSONCONSTRUCTOREXPR", "JSONISPREDICATE", "JSONBEHAVIOR", "JSONEXPR", "JSONTABLEPATH", "JSONTABLEPATHSCAN", "JSONTABLESIBLINGJOIN");

    private static readonly FrozenSet<string> FunctionFields =
        FrozenSet.Create("funcid", "opfuncid", "hashfuncid", "negfuncid", "aggfnoid", "winfnoid", "startInRangeFunc", "endInRangeFunc", "tsmhandler",
            "elemfuncid");

    private static readonly FrozenSet<string> OperatorFields = FrozenSet.Create("opno", "opnos", "eqop", "sortop", "cycle_mark_neop");

    // All other fields whose names end as those of types do are types.
    private static readonly FrozenSet<string> EnumFields =
        FrozenSet.Create("commandType", "jointype", "subLinkType", "nulltesttype", "booltesttype", "functype", "format_type", "item_type", "btype");

    // What only hands on a value that something allowed made: the type of pg_typeof's result.
    private static readonly FrozenSet<string> PassiveFields = FrozenSet.Create("vartype", "funcresulttype", "ctecoltypes", "aggargtypes", "colTypes");

    /// <summary>Nodes that are refused for what they are.</summary>
    public HashSet<string> RefusedNodes { get; } = [];

    /// <summary>Adds what the nodes name.</summary>
    public void Collect()
    {
        foreach (var node in Nodes)
        {
            if (Refusal(node) is { } refused)
            {
                RefusedNodes.Add(refused);
            }

            foreach (var (name, value) in node.Fields)
            {
                if (SetOf(node.Type, name) is { } oids)
                {
                    oids.UnionWith(NodeTree.Numbers(value).Where(oid => oid != 0 && !(oid == RegType && PassiveFields.Contains(name))));
                }
            }
        }
    }

    private HashSet<uint>? SetOf(string node, string field) => field switch
    {
        _ when FunctionFields.Contains(field) => Functions,
        _ when OperatorFields.Contains(field) => Operators,
        "relid" => Relations,
        "type" when node == "JSONCONSTRUCTOREXPR" => null,
        _ when EnumFields.Contains(field) => null,
        _ when EndsAsType(field) => Types,
        _ => null,
    };

    private static bool EndsAsType(string field) =>
        field.EndsWith("type", StringComparison.OrdinalIgnoreCase) || field.EndsWith("types", StringComparison.OrdinalIgnoreCase)
        || field.EndsWith("typeid", StringComparison.OrdinalIgnoreCase) || field.EndsWith("typid", StringComparison.OrdinalIgnoreCase);

    private static string? Refusal(NodeTree node) => node switch
    {
        { Type: "QUERY" } when node["commandType"] is not "1" || node["utilityStmt"] is not "<>" => "a statement that writes",
        { Type: "QUERY" } when node["hasForUpdate"] is not "false" => "FOR UPDATE or FOR SHARE",
        { Type: "PARAM" } when node["paramkind"] is not "2" => "a parameter", // 2 are the columns of a subquery that is compared with.
        { Type: "XMLEXPR" } => "XML",
        _ => Known.Contains(node.Type) ? null : node.Type,
    };
}
