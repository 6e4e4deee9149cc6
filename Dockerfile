# Builds all images of this project from source. Also works with the classic builder (without BuildKit).
#
#   broker    the Kafka broker with an exporter of its metrics
#   postgres-exporter  exports the metrics of PostgreSQL
#   connect   the Kafka Connect worker with the sink connectors
#   program   the jars of a module (argument MODULE)
#   service   a program and its AOT cache

FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /onlyonce
ARG OPENTELEMETRY_AGENT_VERSION=2.33.1
ARG JMX_EXPORTER_VERSION=1.0.1
ARG COPY=org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy
RUN mvn -B -q $COPY -Dmdep.stripVersion -DoutputDirectory=/agents \
      -Dartifact=io.opentelemetry.javaagent:opentelemetry-javaagent:$OPENTELEMETRY_AGENT_VERSION \
 && mvn -B -q $COPY -Dmdep.stripVersion -DoutputDirectory=/agents \
      -Dartifact=io.prometheus.jmx:jmx_prometheus_javaagent:$JMX_EXPORTER_VERSION

# Downloads the libraries. This layer is rebuilt only if a POM or the model changes. Compiling the model makes Maven download
# the compiler plugins too.
COPY .mvn .mvn
COPY pom.xml ./
COPY model model
COPY web/pom.xml web/
COPY platform/broker/pom.xml platform/broker/
COPY platform/server/pom.xml platform/server/
COPY platform/pom.xml platform/
COPY platform/tests/pom.xml platform/tests/
COPY ingest-api/pom.xml ingest-api/
COPY order-stream/pom.xml order-stream/
COPY postgres-sink/pom.xml postgres-sink/
COPY sink-connector-config/pom.xml sink-connector-config/
COPY query-api/pom.xml query-api/
COPY verifier/pom.xml verifier/
COPY bench/pom.xml bench/
COPY launcher/pom.xml launcher/
# `./lab test` checks the format and runs the tests.
ARG PACKAGE="package -pl ingest-api,order-stream,postgres-sink,sink-connector-config,query-api,platform/server -am -Dmaven.test.skip=true -Dspotless.check.skip=true"
RUN mvn -B -q $PACKAGE -Dspring-boot.aot.skip=true && find . -name target -prune -exec rm -r {} +

COPY . .
RUN mvn -B -q $PACKAGE


FROM apache/kafka:4.2.1 AS broker
COPY --from=build /agents/jmx_prometheus_javaagent.jar /onlyonce/monitoring/broker-jmx.yml /agents/


# The package of Debian, so that the image can be built wherever the other images can.
FROM debian:bookworm-slim AS postgres-exporter
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends prometheus-postgres-exporter=0.11.1-3* \
 && rm -rf /var/lib/apt/lists/*
USER nobody
EXPOSE 9187
ENTRYPOINT ["/usr/bin/prometheus-postgres-exporter"]


FROM eclipse-temurin:25-jre AS runtime
# The health checks use curl, which the base image contains.
RUN command -v curl >/dev/null && useradd --system --uid 10001 --user-group --no-create-home onlyonce \
 && install -d -o onlyonce -g onlyonce /app /state
COPY --from=build /agents /agents
WORKDIR /app
USER onlyonce


# Contains the same files that ./lab runs. The Kafka image has an older Java version.
FROM runtime AS connect
COPY --from=build /onlyonce/platform/server/target/connect connect
COPY --from=build /onlyonce/platform/server/conf/log4j2.properties conf/
COPY --from=build /onlyonce/platform/server/target/jdbc-sink plugins
COPY --from=build /onlyonce/sink-connector-config/target/connect-plugins plugins
COPY --from=build /onlyonce/postgres-sink/target/plugins plugins
COPY --from=build --chown=onlyonce /onlyonce/sink-connector-config/worker.properties /onlyonce/monitoring/connect-jmx.yml ./
# The common settings, then those of the container.
RUN printf '%s\n' '' \
      'bootstrap.servers=${env:KAFKA_BOOTSTRAP_SERVERS}' \
      'listeners=http://0.0.0.0:8083' \
      'rest.advertised.host.name=connect' \
      'rest.advertised.port=8083' \
      'plugin.path=/app/plugins' >>worker.properties
EXPOSE 8083 9404
ENTRYPOINT ["java", "-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-javaagent:/agents/jmx_prometheus_javaagent.jar=9404:connect-jmx.yml", "-cp", "conf:connect/*", "org.apache.kafka.connect.cli.ConnectDistributed", "worker.properties"]


FROM runtime AS program
ARG MODULE
COPY --from=build /onlyonce/$MODULE/target/app/lib lib
COPY --from=build /onlyonce/$MODULE/target/app/*.jar program.jar


# AOT training run: starts the program with a broker and sends orders. The JVM writes the loaded, linked and profiled classes to
# its AOT cache, which makes every start and the first orders faster.
FROM program AS training
ARG MODULE
COPY --from=broker /opt/kafka /opt/kafka
COPY platform/server/conf /conf
RUN bash /conf/train-in-image-build.sh $MODULE


FROM program AS service
COPY --from=training --chown=onlyonce /app/program.aot ./
ENTRYPOINT ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-XX:AOTCache=program.aot", "-Xlog:aot*=off", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Dspring.aot.enabled=true", "-jar", "program.jar"]
