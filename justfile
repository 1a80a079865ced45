# Everything the project does to itself. `uv run just <recipe>` needs no activated environment.

# lint, types, the site and tests
default: lint types docs test

# formatting and lint rules, changing nothing
lint: lint-page
    ruff format --check
    ruff check

# lint rules of the page that shows a comparison, by Biome; needs npx
lint-page:
    #!/usr/bin/env bash
    set -euo pipefail
    if ! command -v npx >/dev/null && [ -z "${CI:-}" ]; then
        echo "the lint rules of the page are left out: npx, which brings Biome, is not installed" >&2
        exit 0
    fi
    npx --yes @biomejs/biome@2.6.8 lint --error-on-warnings

# format, and mend what ruff can mend
fmt:
    ruff format
    ruff check --fix

# static types
types:
    pyrefly check

# every test, three at a time: on dbt 2, and on dbt 1 what dbt 2 cannot do and a part of what both can
test *args: dbt2
    #!/usr/bin/env bash
    set -euo pipefail
    run() {
        pytest -n 3 --dist worksteal "$@" {{ args }} || [ $? -eq 5 ]  # 5: the words for pytest name no test of these
    }
    if [ -e .dbt2/complete ]; then
        failed=0
        run --dbt 2 -m "not dbt1 and not matrix" || failed=1
        run --dbt 1 -m "dbt1 or both" || failed=1
        exit "$failed"
    else
        run --dbt 1 -m "not dbt2"
    fi

# every test that starts dbt, on the dbt 1 that is installed
test-dbt1 *args:
    pytest -n 2 --dist worksteal --dbt 1 -m "e2e and not dbt2" {{ args }}

# the tests that start no real dbt
test-fast *args:
    pytest -n 2 --dist worksteal -m "not e2e" {{ args }}

# every test that starts dbt, on the oldest dbt 1 that dot is made for
oldest *args:
    #!/usr/bin/env bash
    set -euo pipefail
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
    uv venv --quiet --no-project "$folder"
    uv pip install --quiet --no-config --python "$folder/bin/python" --editable '.[duckdb,postgres]' --group dev \
        "dbt-core~=1.10.0"
    VIRTUAL_ENV="$folder" PATH="$folder/bin:$PATH" just test-dbt1 {{ args }}

# every test with the newest release of everything, as somebody gets it who installs today
newest *args:
    #!/usr/bin/env bash
    set -euo pipefail
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
    uv venv --quiet --no-project "$folder"
    uv pip install --quiet --no-config --python "$folder/bin/python" \
        --overrides <(echo "dbt-core-experimental-parser; python_version < '3'") \
        --editable '.[duckdb,postgres]' --group dev
    VIRTUAL_ENV="$folder" PATH="$folder/bin:$PATH" just test {{ args }}

# write the versions that `uv run` installs into pyproject.toml anew: the newest that go together
constrain:
    python scripts/constrain.py

# put dbt 2 into .dbt2, unless it is there, with the driver for DuckDB that it would download; needs npm
dbt2:
    #!/usr/bin/env bash
    set -euo pipefail
    [ ! -e .dbt2/complete ] || exit 0
    rm -rf .dbt2
    if ! command -v npm >/dev/null && [ -z "${CI:-}" ]; then
        echo "dbt 2 is left out: npm, which brings its driver for DuckDB, is not installed" >&2
        exit 0
    fi
    uv venv --quiet --no-project .dbt2
    uv pip install --quiet --no-config --no-deps --python .dbt2/bin/python dbt-core==2.0.0a4
    npm install --silent --no-save --prefix .dbt2 @duckdb/node-bindings-linux-x64@1.5.6-r.1
    cp .dbt2/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so .dbt2/lib
    rm -r .dbt2/node_modules
    .dbt2/bin/dbt --version >.dbt2/complete

# kill builds at 200 moments and see every one of them heal; the tests alone do it 20 times
torture kills="200" dbt="2": dbt2
    DOT_TORTURE={{ quote(kills) }} pytest -n 2 --dbt {{ quote(dbt) }} tests/e2e/test_crashes.py

# build and compare on Spark in local mode, which needs Java, and parse with dbt-databricks; both are installed for the while
spark:
    #!/usr/bin/env bash
    set -euo pipefail
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
    uv venv --quiet --no-project "$folder"
    uv pip install --quiet --no-config --python "$folder/bin/python" \
        "dbt-core~=1.11.0" "dbt-spark[session]>=1.9" "dbt-databricks>=1.11"
    SPARK_DBT="$folder/bin/dbt" pytest tests/spark

# branch coverage, by tests that start no dbt, of the modules that take values and give values; it must be whole
cov:
    pytest -n 2 -m "not e2e" tests/base tests/builds tests/bundle tests/config tests/dbt tests/diff tests/isolation tests/plan \
        tests/profile tests/relation tests/scope tests/setup tests/complete/test_shell.py tests/run/test_missing_files.py tests/run/test_parse_key.py \
        --cov=dot --cov-branch --cov-report=
    coverage report --include="$(python tests/house.py)" --fail-under=100

# how long dot takes, side by side with what it stands on, on both engines
bench *args: dbt2
    python benchmarks/bench.py {{ args }}

# write src/dot/dbt/option_table.py anew, from dbt 1.10, 1.11, 1.12 and 2
dbt-options: dbt2
    #!/usr/bin/env bash
    set -euo pipefail
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
    for version in 1.10 1.11 1.12; do
        uv venv --quiet --no-project "$folder/$version"
        uv pip install --quiet --no-config --python "$folder/$version/bin/python" \
            --overrides <(echo "dbt-core-experimental-parser; python_version < '3'") "dbt-core~=$version.0"
    done
    python scripts/generate_dbt_options.py .dbt2/bin/dbt "$folder"/*/bin/python

# write src/dot/schemas anew, from the models
schemas:
    for name in environments vars plan job pipeline; do dot schema "$name" >"src/dot/schemas/$name.json"; done

# make a site of docs/ in site/; a link or an anchor that leads nowhere fails. What makes it is installed apart
docs:
    uv run --quiet --isolated --only-group docs zensical build --strict

# write docs/resource-generation.md anew, from the models of specs
specs:
    python -c "from dot.bundle.describe_specs import *; print(end=render_page())" >docs/resource-generation.md

# write docs/commands.md anew, from the program
commands:
    python scripts/list_commands.py

# write docs/session.svg anew: a session in a terminal, recorded in the demo's project
record:
    python scripts/record.py

# make the demo's project in a folder and build two of its commits
demo folder="dot-demo":
    dot demo {{ quote(folder) }}

# remove what the recipes leave behind; the environment in .venv stays
clean:
    rm -rf .cache .coverage* .hypothesis .pytest_cache .ruff_cache demo dist dot-demo site
    find . -name __pycache__ -not -path './.venv/*' -type d -prune -exec rm -rf {} +
