# All images of ours, from source, with Docker alone. No BuildKit feature is used: the classic builder does as well.
#
#   connect   the Kafka Connect worker with the JDBC sink
#   program   any program of a module (arg MODULE): its jars
#   service   the program, ready to start fast

FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /onlyonce
ARG OPENTELEMETRY_AGENT_VERSION=2.33.1
ARG JMX_EXPORTER_VERSION=1.0.1
ARG COPY=org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy
RUN mvn -B -q $COPY -Dmdep.stripVersion -DoutputDirectory=/agents \
      -Dartifact=io.opentelemetry.javaagent:opentelemetry-javaagent:$OPENTELEMETRY_AGENT_VERSION \
 && mvn -B -q $COPY -Dmdep.stripVersion -DoutputDirectory=/agents \
      -Dartifact=io.prometheus.jmx:jmx_prometheus_javaagent:$JMX_EXPORTER_VERSION

# The libraries: this layer is built again only where a pom has changed, or the model, whose sources stand for all in
# making Maven fetch what compiling takes.
COPY .mvn .mvn
COPY pom.xml ./
COPY model model
COPY web/pom.xml web/
COPY platform/broker/pom.xml platform/broker/
COPY platform/server/pom.xml platform/server/
COPY platform/pom.xml platform/
COPY ingest-api/pom.xml ingest-api/
COPY order-stream/pom.xml order-stream/
COPY sink-connector-config/pom.xml sink-connector-config/
COPY query-api/pom.xml query-api/
COPY verifier/pom.xml verifier/
COPY bench/pom.xml bench/
COPY launcher/pom.xml launcher/
# Formatting is the repository's matter, tests want servers: both run in `./lab test`, not here.
ARG PACKAGE="package -pl ingest-api,order-stream,sink-connector-config,query-api,platform/server -am -Dmaven.test.skip=true -Dspotless.check.skip=true"
RUN mvn -B -q $PACKAGE -Dspring-boot.aot.skip=true && find . -name target -prune -exec rm -r {} +

COPY . .
RUN mvn -B -q $PACKAGE


FROM eclipse-temurin:25-jre AS runtime
# curl is how Docker asks for a service's health; the image brings it.
RUN command -v curl >/dev/null && useradd --system --uid 10001 --user-group --no-create-home onlyonce \
 && install -d -o onlyonce -g onlyonce /app /state
COPY --from=build /agents /agents
WORKDIR /app
USER onlyonce


# Not from Kafka's own image, whose Java is older than ours: the same files that ./lab runs.
FROM runtime AS connect
COPY --from=build /onlyonce/platform/server/target/connect connect
COPY --from=build /onlyonce/platform/server/conf/log4j2.properties conf/
COPY --from=build /onlyonce/platform/server/target/connect-plugins plugins
COPY --from=build /onlyonce/sink-connector-config/target/connect-plugins plugins
COPY --from=build --chown=onlyonce /onlyonce/sink-connector-config/worker.properties /onlyonce/monitoring/connect-jmx.yml ./
# The settings that hold everywhere, then those of this place.
RUN printf '%s\n' '' \
      'config.providers.env.param.allowlist.pattern=(DATABASE|KAFKA)_.*' \
      'bootstrap.servers=${env:KAFKA_BOOTSTRAP_SERVERS}' \
      'listeners=http://0.0.0.0:8083' \
      'rest.advertised.host.name=connect' \
      'rest.advertised.port=8083' \
      'plugin.path=/app/plugins' >>worker.properties
EXPOSE 8083 9404
ENTRYPOINT ["java", "-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-javaagent:/agents/jmx_prometheus_javaagent.jar=9404:connect-jmx.yml", "-cp", "conf:connect/*", "org.apache.kafka.connect.cli.ConnectDistributed", "worker.properties"]


FROM runtime AS program
ARG MODULE
COPY --from=build /onlyonce/$MODULE/target/app/lib lib
COPY --from=build /onlyonce/$MODULE/target/app/*.jar program.jar


FROM apache/kafka:4.2.1 AS broker


# Started once with a broker, and given something to do: its classes, loaded, linked and profiled, go into the JVM's AOT
# cache, which spares every later start that work, and the first orders too.
FROM program AS rehearsal
ARG MODULE
COPY --from=broker /opt/kafka /opt/kafka
COPY platform/server/conf /conf
RUN bash /conf/rehearse-in-image-build.sh $MODULE


FROM program AS service
COPY --from=rehearsal --chown=onlyonce /app/program.aot ./
ENTRYPOINT ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:AOTCache=program.aot", "-Xlog:aot*=off", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Dspring.aot.enabled=true", "-jar", "program.jar"]
