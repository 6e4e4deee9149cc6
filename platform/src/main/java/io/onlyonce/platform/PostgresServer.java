package io.onlyonce.platform;

import io.onlyonce.platform.process.ChildProcess;
import io.onlyonce.platform.process.ContainerProgram;
import io.onlyonce.platform.process.Directories;
import io.onlyonce.platform.process.ProcessIdentity;
import io.onlyonce.platform.process.Signal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A PostgreSQL server with the database and user of the contract.
 *
 * <p>It flushes every commit to disk, as by default, so that a commit survives a power failure. All measurements include
 * this cost.
 */
public final class PostgresServer extends Component {
    private static final String DATABASE = "exactly_once";
    private static final String USER = "lab";
    private static final String PASSWORD = "lab";

    public PostgresServer(RunContext context, int port) {
        super("postgres", context, port, Map.of());
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
        if (ContainerProgram.Image.isEnabled()) {
            // The image creates the database. Every server has pid 1 in its container, so a killed server's pid file
            // would be mistaken for that of the next server.
            Files.deleteIfExists(Files.createDirectories(data()).resolve("postmaster.pid"));
            return;
        }
        PostgresPrograms.grant(directory);
        PostgresPrograms.letPass(directory.getParent());
        PostgresPrograms.letPass(directory.getParent().getParent());
        if (!isInUse()) {
            Files.deleteIfExists(data().resolve("postmaster.pid"));
        }
        Path initialized = directory.resolve("initialised");
        if (Files.exists(initialized)) {
            return;
        }
        // Removes the result of an interrupted initialization.
        Directories.delete(data());
        Path passwordFile = directory.resolve("password");
        Directories.writePrivate(passwordFile, PASSWORD);
        PostgresPrograms.grant(passwordFile);
        run(
                "initdb",
                "",
                "--pgdata=" + data(),
                "--username=" + USER,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                // Strings sort in the same order on every machine.
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                "--no-sync",
                "--no-instructions");
        run("postgres", "CREATE DATABASE " + DATABASE + "\n", "--single", "-j", "-D", data().toString(), "postgres");
        Files.delete(passwordFile);
        Directories.writePrivate(initialized, "");
    }

    /**
     * Whether a server process runs in the data directory. After a kill, PostgreSQL refuses to start if the process id in
     * postmaster.pid exists, even if the process is a zombie or another program. The processes of connections can run longer
     * than the first process, and PostgreSQL finds them only through postmaster.pid.
     */
    private boolean isInUse() {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> ProcessIdentity.of(pid).isPresent())
                .anyMatch(this::runsInDataDirectory);
    }

    private boolean runsInDataDirectory(long pid) {
        Path process = Path.of("/proc", Long.toString(pid));
        try {
            if (!Files.readString(process.resolve("comm")).strip().equals("postgres")) {
                return false;
            }
        } catch (IOException e) {
            // The process has ended meanwhile, or the operating system has no /proc.
            return !Files.isDirectory(Path.of("/proc/self"));
        }
        try {
            return Files.isSameFile(process.resolve("cwd"), data());
        } catch (IOException e) {
            // The process has ended meanwhile, or belongs to another account.
            return ProcessIdentity.of(pid).isPresent();
        }
    }

    private void run(String program, String input, String... arguments) throws IOException {
        if (ChildProcess.run(PostgresPrograms.command(home, program, List.of(arguments)), directory, log(), input)
                != 0) {
            throw new ComponentFailedException("postgres could not be set up by " + program, log());
        }
    }

    @Override
    List<String> command() throws IOException {
        return PostgresPrograms.command(home, "postgres", concat(List.of("-D", data().toString()), options()));
    }

    private List<String> options() {
        return Stream.of(
                        "port=" + port,
                        "listen_addresses=127.0.0.1",
                        // No socket: its path is limited to 107 bytes, and the directory's path can be longer.
                        "unix_socket_directories=",
                        // In files of the data directory. A killed server would leave POSIX shared memory behind.
                        "dynamic_shared_memory_type=mmap",
                        "max_connections=60",
                        "shared_buffers=128MB")
                .flatMap(setting -> Stream.of("-c", setting))
                .toList();
    }

    @Override
    ContainerProgram.Image image() {
        Map<String, String> environment = Map.of(
                "PGDATA", data().toString(),
                "POSTGRES_DB", DATABASE,
                "POSTGRES_USER", USER,
                "POSTGRES_PASSWORD", PASSWORD);
        List<String> command = concat(List.of("postgres"), options());
        return new ContainerProgram.Image("postgres", List.of(data()), environment, Optional.empty(), command);
    }

    private Path data() {
        return directory.resolve("data");
    }

    /** SIGINT is PostgreSQL's fast shutdown. SIGTERM would wait until every client has disconnected. */
    @Override
    Signal terminationSignal() {
        return Signal.INT;
    }

    /**
     * Reads postmaster.pid as pg_ctl does: line 8 is {@code ready}. In a container, line 1 is the pid inside the container,
     * and line 6 (the listen address) is empty while the database is being initialized.
     */
    @Override
    boolean isReady() throws IOException {
        List<String> lines = Files.readAllLines(data().resolve("postmaster.pid"), StandardCharsets.UTF_8);
        boolean isReady = lines.size() >= 8
                && (ContainerProgram.Image.isEnabled()
                        ? !lines.get(5).isBlank()
                        : lines.get(0).strip().equals(Long.toString(pid())))
                && lines.get(7).strip().equals("ready");
        if (isReady && !ContainerProgram.Image.isEnabled()) {
            deleteSharedMemoryAtTheEnd(lines.get(6).strip().split("\\s+"));
        }
        return isReady;
    }

    /**
     * Makes the kernel delete the System V segment of the server when the last process of the server ends. A server that is
     * killed would leave it behind until the machine restarts, and the number of segments is limited.
     *
     * @param segment key and id
     */
    private void deleteSharedMemoryAtTheEnd(String[] segment) throws IOException {
        ChildProcess.run(List.of("ipcrm", "-m", segment[1]), directory, log(), "");
    }
}
