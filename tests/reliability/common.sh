# Shared by the scripts in this folder: the program, a temporary folder, and a short run that writes a checkpoint before each step.
program=$root/src/Plastic.Host/bin/Release/net10.0/plastic.dll
[ -f "$program" ] || { echo "$program is missing: ./plastic builds it"; exit 66; }
work=$(mktemp -d)

# train FOLDER [WRAPPER …]: the short run, under a wrapper such as strace.
train() {
    local out=$1
    shift
    "$@" dotnet "$program" train cuereward hidden=4 batch=2 max_batch=5 validate_every=2 validation_batches=1 test_batches=1 \
        log_every=2 --checkpoint 0 --quiet --out "$out"
}

# files FOLDER: hashes of the files that must be equal in two runs.
files() {
    (cd "$1" && find . \( -name metrics.jsonl -o -name test.json -o -name best.safetensors -o -name config.json \) -exec sha256sum {} + | sort)
}
