# One file for every image. `--build-arg SERVICE=relay|scraper|earnings|monitor|scheduler` says which service is in it;
# `--target ops` makes the image of the operators' commands instead, and `--target apify-stand-in` that of the stand-in of Apify, which is
# no part of the product.
ARG NODE=node:24.21.0-bookworm-slim

# Only what decides about dependencies, so that a change of sources installs nothing anew.
FROM ${NODE} AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json -delete && find . -type d -empty -delete

FROM ${NODE} AS installed
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM installed AS build
COPY . .
# Of the sources only the SQL is read when services run.
RUN node_modules/.bin/tsc -b && node web/build.mjs \
 && find libs services tools dev -path '*/src/*' -type f ! -name '*.sql' -delete \
 && find libs services tools dev -type f \( -name '*.d.ts' -o -name '*.tsbuildinfo' \) -delete \
 && find libs services tools dev -type d -empty -delete

# What the services import, without the tools, the embedded servers and the programs of dev/, and
# the package that EVENT_STORE=kurrentdb needs. One layer, the same in all images, so that a machine
# stores and fetches it once. npm has all of it in its cache by now.
FROM installed AS dependencies
WORKDIR /production
COPY --from=manifests /app ./
RUN npm ci $(printf -- '--workspace %s ' services/* tools/ops libs/event-store-kurrentdb) --omit=dev --ignore-scripts --prefer-offline --no-audit --no-fund \
 && find node_modules -type f \( -name '*.map' -o -name '*.md' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete

FROM ${NODE} AS runtime
# No package manager where nothing is installed any more. A new volume for the log's archive takes its owner from here.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* \
 && mkdir /archive && chown 1000:1000 /archive
ENV NODE_ENV=production PORT=8080
WORKDIR /app
USER 1000:1000
EXPOSE 8080
# The process turns; whether it can do its work is /readyz, which a fault elsewhere may answer with no.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

FROM runtime AS apify-stand-in
USER 0
RUN mkdir /data && chown 1000:1000 /data
USER 1000:1000
COPY --from=dependencies /production/node_modules ./node_modules
COPY --from=build /app/libs ./libs
COPY --from=build /app/dev/package.json ./dev/
COPY --from=build /app/dev/dist/options.js ./dev/dist/
COPY --from=build /app/dev/dist/apify-stand-in ./dev/dist/apify-stand-in
WORKDIR /app/dev
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/v2/').then(() => process.exit(0), () => process.exit(1))"]
CMD ["node", "dist/apify-stand-in/main.js", "--host", "0.0.0.0", "--port", "8080", "--state", "/data/apify.json"]

# It ends when its command has ended. Nothing limits its heap: an audit or a rebuild reads the whole log.
FROM runtime AS ops
COPY --from=dependencies /production/node_modules ./node_modules
COPY --from=build /app/libs ./libs
COPY --from=build /app/services/earnings ./services/earnings
COPY --from=build /app/services/monitor ./services/monitor
COPY --from=build /app/services/scheduler ./services/scheduler
COPY --from=build /app/tools/ops ./tools/ops
WORKDIR /app/tools/ops
HEALTHCHECK NONE
ENTRYPOINT ["node", "--no-allocation-site-pretenuring", "--enable-source-maps", "dist/main.js"]

FROM runtime AS service
COPY --from=dependencies /production/node_modules ./node_modules
COPY --from=build /app/libs ./libs
ARG SERVICE
RUN test -n "${SERVICE}" || { echo 'Say which service: --build-arg SERVICE=relay|scraper|earnings|monitor|scheduler'; exit 1; }
COPY --from=build /app/services/${SERVICE} ./services/${SERVICE}
WORKDIR /app/services/${SERVICE}
# V8 then collects before it grows, and a service stays below 150 MB under load.
ENTRYPOINT ["node", "--max-semi-space-size=1", "--max-old-space-size=80", "--optimize-for-size", "--enable-source-maps", "dist/main.js"]
