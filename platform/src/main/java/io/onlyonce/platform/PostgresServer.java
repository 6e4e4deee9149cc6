package io.onlyonce.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * PostgreSQL with the contract's database and user.
 *
 * <p>It syncs every commit to disk, as it does by default: what it has answered outlives the machine, not the process
 * only. That is also what it costs in production, so no figure measured here flatters.
 */
public final class PostgresServer extends ProcessComponent {
    private static final String DATABASE = "exactly_once";
    private static final String USER = "lab";
    private static final String PASSWORD = "lab";

    private final ProjectHome home;
    private final int port;

    public PostgresServer(RunContext site, int port) {
        super("postgres", site);
        this.home = site.home();
        this.port = port;
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, DATABASE);
    }

    public String user() {
        return USER;
    }

    public String password() {
        return PASSWORD;
    }

    /** The environment variables with which clients of the product find this server. */
    public Map<String, String> clientEnvironment() {
        return Map.of("DATABASE_URL", jdbcUrl(), "DATABASE_USER", user(), "DATABASE_PASSWORD", password());
    }

    @Override
    void prepare() throws IOException {
        if (ImageProgram.areChosen()) {
            // The image does the rest. In a container every server's pid is 1: a killed one's file would pass for the
            // next one's.
            Files.deleteIfExists(Files.createDirectories(data()).resolve("postmaster.pid"));
            return;
        }
        PostgresAccount.grant(directory());
        Path initialised = directory().resolve("initialised");
        if (Files.exists(initialised)) {
            return;
        }
        // One that was cut short is begun again.
        Directories.delete(data());
        Path passwordFile = Files.writeString(directory().resolve("password"), PASSWORD);
        PostgresAccount.grant(passwordFile);
        run(
                "initdb",
                "",
                "--pgdata=" + data(),
                "--username=" + USER,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                // The same order of strings on every machine.
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                "--no-sync",
                "--no-instructions");
        run("postgres", "CREATE DATABASE " + DATABASE + "\n", "--single", "-j", "-D", data().toString(), "postgres");
        Files.delete(passwordFile);
        Files.createFile(initialised);
    }

    private void run(String program, String input, String... arguments) throws IOException {
        if (ChildProcess.run(command(program, arguments), directory(), log(), input) != 0) {
            throw new ComponentFailedException("postgres could not be set up by " + program, log());
        }
    }

    @Override
    List<String> command() throws IOException {
        return command(
                "postgres",
                Stream.concat(Stream.of("-D", data().toString()), settings()).toArray(String[]::new));
    }

    private Stream<String> settings() {
        return Stream.of(
                "-c",
                "port=" + port,
                "-c",
                "listen_addresses=127.0.0.1",
                // A socket's path may be 107 bytes long; a directory of ours may be longer.
                "-c",
                "unix_socket_directories=",
                "-c",
                "max_connections=60",
                "-c",
                "shared_buffers=128MB");
    }

    @Override
    ImageProgram image() {
        return new ImageProgram(
                "postgres",
                List.of(data()),
                List.of(),
                // Of root the image makes its own account.
                !PostgresAccount.isRoot(),
                Map.of(
                        "PGDATA", data().toString(),
                        "POSTGRES_DB", DATABASE,
                        "POSTGRES_USER", USER,
                        "POSTGRES_PASSWORD", PASSWORD),
                Optional.empty(),
                Stream.concat(Stream.of("postgres"), settings()).toList());
    }

    private List<String> command(String program, String... arguments) throws IOException {
        Path executable =
                PostgresBinaries.in(home.postgresArchive()).resolve("bin").resolve(program);
        return Stream.of(PostgresAccount.prefix(), List.of(executable.toString()), List.of(arguments))
                .flatMap(List::stream)
                .toList();
    }

    private Path data() {
        return directory().resolve("data");
    }

    /** "Fast shutdown"; TERM would wait until every client has gone by itself. */
    @Override
    Signal endSignal() {
        return Signal.INT;
    }

    /**
     * As pg_ctl does it: the eighth line of this file says `ready`. In a container the server's pid is the container's, and
     * the one that only initialises has no address, which is the sixth line.
     */
    @Override
    boolean isReady() throws IOException {
        List<String> lines = Files.readAllLines(data().resolve("postmaster.pid"), StandardCharsets.UTF_8);
        return lines.size() >= 8
                && (ImageProgram.areChosen()
                        ? !lines.get(5).isBlank()
                        : lines.get(0).strip().equals(Long.toString(pid())))
                && lines.get(7).strip().equals("ready");
    }
}
