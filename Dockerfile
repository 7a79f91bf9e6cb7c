# One image for all services; the command says which: node dist/apps/<service>/src/main.js
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /rollcall
COPY package.json package-lock.json ./
# With the optional packages: the bundler's machine code is one.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY apps apps
COPY libs libs
COPY tools/build tools/build
RUN node_modules/.bin/tsc -p tsconfig.json --incremental false && node tools/build/console.cli.ts --ship \
  && mkdir schema && find apps \( -path '*/migrations/*.sql' -o -name 'common-passwords.*' \) ! -name '*.ts' -exec cp --parents {} schema \;

FROM ${BASE} AS packages
WORKDIR /rollcall
COPY package.json package-lock.json ./
# Optional packages bring a Node and a PostgreSQL of their own, which run beside the image here.
RUN npm ci --ignore-scripts --omit=dev --omit=optional

FROM ${BASE}
# What was large goes back to the system when it is freed, and does not wait in the allocator for the next.
ENV NODE_ENV=production MALLOC_MMAP_THRESHOLD_=131072 MALLOC_ARENA_MAX=2
WORKDIR /rollcall
RUN groupadd --gid 10001 rollcall && useradd --uid 10001 --gid rollcall --no-create-home --shell /usr/sbin/nologin rollcall \
  && install -d -o rollcall -g rollcall /var/lib/rollcall
COPY --from=packages /rollcall/node_modules node_modules
COPY package.json LICENSE ./
COPY --from=build /rollcall/dist/apps dist/apps
COPY --from=build /rollcall/dist/libs dist/libs
COPY --from=build /rollcall/dist/console dist/console
COPY --from=build /rollcall/schema ./
COPY libs/contracts/proto libs/contracts/proto
COPY docs/problems docs/problems
COPY brand brand
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 CMD ["node", "dist/libs/platform/src/service/health-check.js"]
CMD ["node", "dist/apps/gateway/src/main.js"]
