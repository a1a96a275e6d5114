#!/bin/sh
# Puts into .deploy/ what Azure runs and nothing else: the built app, which holds all packages but one, and that one,
# @azure/functions, both from the committed lock. The working tree keeps its development packages.
set -eu
cd "$(dirname "$0")/.."

npm ci
npm run build

rm -rf .deploy
mkdir .deploy
cp -R dist host.json package.json package-lock.json .funcignore .deploy/
# Neither @azure/functions nor what it needs has an install script or a binary, so the folder is the same whatever machine made it.
npm ci --prefix .deploy --omit=dev --ignore-scripts --no-audit --no-fund
