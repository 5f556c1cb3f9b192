# What the scripts beside this one share: the program, a folder of their own, and a short run that writes a checkpoint before each step.
program=$root/src/Plastic.Host/bin/Release/net10.0/plastic.dll
[ -f "$program" ] || { echo "$program is missing: ./plastic builds it"; exit 66; }
work=$(mktemp -d)

# train FOLDER [PROGRAM …]: the short run, under a program that watches it.
train() {
    local out=$1
    shift
    "$@" dotnet "$program" train cuereward hidden=4 batch=2 max_batch=5 validate_every=2 validation_batches=1 test_batches=1 \
        log_every=2 --checkpoint 0 --quiet --out "$out"
}

# files FOLDER: the hashes of what two runs must have in common.
files() {
    (cd "$1" && find . \( -name metrics.jsonl -o -name test.json -o -name best.safetensors -o -name config.json \) -exec sha256sum {} + | sort)
}
