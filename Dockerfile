# One image for every process: Node, the libraries that it needs, the bundles. Nobody can log in, there is no shell, and
# nothing is written. `npm run image` lays the files out
# itself, in the place of the stage `laid-out`, and needs neither a registry nor a daemon.
#
#   docker build --build-arg PROCESS=intent --build-arg MODELS=true .

# What the files are laid out on, and whose Node runs; any Debian with Node 24.
ARG BUILDER=docker.io/library/node:24-bookworm-slim
# What the files are put on. Nothing is needed.
ARG BASE=scratch

FROM ${BUILDER} AS laid-out
# Which bundle is started where nobody says which, and whether the runtime of models comes along.
ARG PROCESS=turn
ARG MODELS=true
ARG SOURCE_DATE_EPOCH=0
WORKDIR /source
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN node images/lay-out.ts --out / --process "$PROCESS" --models "$MODELS"

FROM ${BASE}
# From what changes seldom to what changes with every version: a machine keeps what it has.
COPY --from=laid-out /image-base /
COPY --from=laid-out /image-models /
COPY --from=laid-out /image-app /
COPY --from=laid-out /image-command /
WORKDIR /app
USER 65532:65532
# The runtime of models would tell its maker about every start.
ENV ORT_DISABLE_TELEMETRY=1
# Compiled at build time. Nothing can be added at run time, which Node does not mind.
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/cache
ENTRYPOINT ["/usr/bin/node"]
CMD ["dist/default.js"]
