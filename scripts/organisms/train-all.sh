#!/bin/sh
# Trains all organisms into a folder, the weights on the way into a folder of it: train-all.sh FOLDER
# PYTHON is the Python that has torch and numpy, python3 unless told.
set -e
here=$(dirname "$0")
python=${PYTHON:-python3}
organisms="robust harmful-only dilution amplification family-sft family-dpo"
for name in base $organisms; do
  "$python" "$here/train.py" "$name" --work "$1/work" --out "$1"
done
for name in $organisms; do
  "$python" "$here/train.py" "$name" --finish --work "$1/work" --out "$1"
done
