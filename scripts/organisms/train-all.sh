#!/bin/sh
# Trains all organisms into a folder, the base beside them: train-all.sh FOLDER
set -e
here=$(dirname "$0")
for name in base robust harmful-only dilution amplification family-sft family-dpo; do
  python3 "$here/train.py" "$name" --work "$1/base" --out "$1"
done
