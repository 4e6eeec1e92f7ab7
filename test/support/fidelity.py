"""The pages docs/fidelity/<source>.md, written from what tests see: each type of a source at its extremes, and what arrives in the lake."""
import os

REJECTED = object()
LAKE = {"INTEGER": "int", "BIGINT": "long", "FLOAT": "float", "DOUBLE": "double", "VARCHAR": "string", "BLOB": "binary",
        "TIMESTAMP WITH TIME ZONE": "timestamptz"}
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
HEAD = "| --- | --- | --- | --- |"


def lake_type(name):
    """The lake's name of a type as SQL shows it."""
    if name.endswith("[]"):
        return f"list<{lake_type(name[:-2])}>"
    return LAKE.get(name, name.lower())


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def shown(text):
    text = text if len(text) <= 80 else f"{text[:20]}… ({len(text)} characters)"
    return "`" + text.replace("|", "\\|").replace("\n", "\\n").replace("\t", "\\t").replace("\0", "\\0") + "`" if text else "(empty)"


def check_type(cases, project, table, name, expected_type, values, source=None):
    """Compares column v of `table` (id: position in `values`, -1: NULL) with `values`: (literal[, what the lake has or REJECTED]);
    without a second member it is what `source` says by id, else the literal. Returns the page's row."""
    got = {int(row[0]): row[1:] for row in project.rows(f"select id, coalesce(v::varchar, '<null>'), typeof(v) from {table}")}
    cases.check(f"{name}: type", lake_type(got[-1][1]), expected_type)
    cases.check(f"{name}: NULL", got[-1][0], "<null>")
    exact, other, rejected = [], [], []
    for i, value in enumerate(values):
        expected = value[1] if len(value) > 1 else (source or {}).get(str(i), value[0])
        arrived = got[i][0] if i in got else REJECTED
        cases.true(f"{name}: {value[0][:60]}", arrived == expected, f"expected {str(expected)[:200]!r}, got {str(arrived)[:200]!r}")
        if arrived is REJECTED:
            rejected.append(shown(value[0]))
        elif arrived == value[0]:
            exact.append(shown(value[0]))
        else:
            other.append(f"{shown(value[0])} → {shown(arrived)}")
    return f"| {name} | {expected_type} | {', '.join(exact + other)} | {', '.join(rejected)} |"


def count_rejected(types):
    return sum(1 for _, _, values in types for value in values if value[1:] == (REJECTED,))


def compare_types(cases, project, types, evidence, what=""):
    """Column v of each raw_shop.t<number> with the values of its type (check_type), and what rejected rows say (`evidence`); removes the
    project and returns the page's table."""
    lines = [check_type(cases, project, f"raw_shop.t{number}", name, lake, values) for number, (name, lake, values) in enumerate(types)]
    cases.check(f"{what}rejected rows are kept with their reason", project.one(
        f"select count(*) from leat.rejected where {evidence}"), [str(count_rejected(types))])
    project.remove()
    return f"\n| its type | in the lake | arrive | rejected |\n{HEAD}\n" + "\n".join(lines) + "\n"


def load_types(cases, project, server, run, types, connection, literals=lambda _, value: quoted(value),
               evidence="message like '%is not exactly a%' and payload like '%\"id\": %'"):
    """One table a type, made by `run`, loaded over `connection` (YAML) and compared, `evidence` being what all rejected rows say; returns the page's chapter on `server`."""
    tables = ""
    for number, (name, _, values) in enumerate(types):
        rows = ", ".join(f"({i}, {literals(name, value[0])})" for i, value in enumerate(values)) + ", (-1, null)"
        run(f"create table t{number} (id int primary key, v {'' if name.startswith('(') else name}); insert into t{number} values {rows};")
        tables += f"  - {{ name: t{number}, structured: false, primary_key: [id] }}\n"
    project.write({"leat.yml": "version: 1\nname: types\ndefaults: { max_reject: 100% }\n",
                   "connections.yml": f"connections:\n  shop: {connection}\n", "sources/shop.yml": f"connection: shop\ntables:\n{tables}"})
    project.run("run")
    return f"\n## {server}\n" + compare_types(cases, project, types, evidence, f"{server}: ")


def check_page(cases, source, text):
    """Compares docs/fidelity/<source>.md with `text`; LEAT_UPDATE=1 writes it."""
    path = os.path.join(ROOT, "docs/fidelity", f"{source}.md")
    if os.environ.get("LEAT_UPDATE"):
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
    with open(path, encoding="utf-8") as page:
        cases.true(f"docs/fidelity/{source}.md is what was seen", page.read() == text, "LEAT_UPDATE=1 writes it")
