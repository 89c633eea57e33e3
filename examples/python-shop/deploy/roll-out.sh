#!/bin/sh
# Stands for what rolls your service out: `kubectl set image`, `aws ecs update-service`, `docker compose up --detach`.
echo "rolling out version $1"
