#!/usr/bin/env bash
# Writes the locked, hashed list of each process. dev.txt is resolved first and holds the others to its versions.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
    local out=$1
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --output-file "requirements/$out.txt" "$@" pyproject.toml
}
# The benchmark's peers run in an environment of their own, with our versions of what both have; BentoML alone names
# the one OpenTelemetry that it works with.
peers() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --constraint <(awk '/^[a-z]/ { ours = !/^opentelemetry/ } ours' requirements/dev.txt) --output-file benchmarks/peers/requirements.txt \
        "$@" benchmarks/peers/requirements.in
}
# Beside Loupe's own packages, which have NumPy already.
augmentation() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-package numpy --constraint requirements/dev.txt \
        --output-file benchmarks/peers/augmentation.txt "$@" benchmarks/peers/augmentation.in
}
compile dev --extra api --extra worker --extra trainer --extra run --group dev "${@}"
compile run --constraint requirements/dev.txt --extra api --extra worker --extra trainer --extra run
compile api --constraint requirements/dev.txt --extra api
compile worker --constraint requirements/dev.txt --extra worker
compile trainer --constraint requirements/dev.txt --extra worker --extra trainer
compile flower --constraint requirements/dev.txt --extra flower
compile notebook --constraint requirements/dev.txt --extra worker --extra trainer --extra notebook
peers "${@}"
augmentation "${@}"
