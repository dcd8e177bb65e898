# AutonomOS in a container. Not tested where this was written: there is no container engine there.

FROM rust:1.95-bookworm AS build
COPY --from=node:22-bookworm-slim /usr/local/bin/node /usr/local/bin/node
COPY --from=node:22-bookworm-slim /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
WORKDIR /source
COPY . .
RUN scripts/fetch-duckdb && scripts/fetch-redoc && scripts/build-ui && cargo build --locked --release --package autonomos

FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home autonomos && mkdir /data && chown autonomos /data
# The library lies beside the program, where the program looks first.
COPY --from=build /source/target/release/autonomos /source/third_party/duckdb/lib/libduckdb.so /opt/autonomos/
RUN ln -s /opt/autonomos/autonomos /usr/local/bin/autonomos
USER autonomos
ENV AUTONOMOS_DATA=/data
VOLUME /data
EXPOSE 5000
ENTRYPOINT ["autonomos"]
CMD ["serve"]
