#!/bin/sh
# Gets the models of compose.llm.yaml (7b, 18.4 GB) or compose.llm-small.yaml (small, 1.12 GB) into deploy/models; files
# that are there already are kept, a download that broke off goes on.
#
#   deploy/models.sh 7b|small
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v curl >/dev/null 2>&1 || die "curl is missing: install it (Debian: apt-get install curl)"

folder=${PLEXUS_MODELS:-$deploy/models}
mkdir -p "$folder"

get() { # REPOSITORY FILE [SHA256]
    if [ ! -f "$folder/$2" ]; then
        say "getting $2"
        curl --fail --location --continue-at - --output "$folder/$2.part" "https://huggingface.co/$1/resolve/main/$2"
        if [ -n "${3:-}" ]; then
            echo "$3  $folder/$2.part" | sha256sum --check --quiet || die "$2 is not what was expected: remove $folder/$2.part"
        fi
        mv "$folder/$2.part" "$folder/$2"
        chmod 0644 "$folder/$2"
    fi
    say "$folder/$2 is there"
}

case "${1:-}" in
    7b)
        get bartowski/Qwen2.5-Coder-7B-Instruct-GGUF Qwen2.5-Coder-7B-Instruct-Q4_K_M.gguf
        get bartowski/Qwen2.5-Math-7B-Instruct-GGUF Qwen2.5-Math-7B-Instruct-Q4_K_M.gguf
        get bartowski/Qwen2.5-7B-Instruct-GGUF Qwen2.5-7B-Instruct-Q4_K_M.gguf
        get bartowski/Mistral-7B-Instruct-v0.3-GGUF Mistral-7B-Instruct-v0.3-Q4_K_M.gguf
        ;;
    small)
        get Qwen/Qwen2.5-1.5B-Instruct-GGUF qwen2.5-1.5b-instruct-q4_k_m.gguf \
            6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e
        ;;
    *) die "which ones? deploy/models.sh 7b (18.4 GB) or small (1.12 GB)" ;;
esac
