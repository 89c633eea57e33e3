#!/bin/sh
# Stands for what brings the version before back: `kubectl rollout undo`, `railway rollback`, the other colour.
echo "rolling back to the version before"
