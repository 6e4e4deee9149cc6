package io.onlyonce.sink;

import java.util.Map;

/**
 * Where the tables are.
 *
 * @param url JDBC, with the database's name
 * @param user who owns the tables
 * @param password the user's
 * @param connectPassword what the connectors are told: the password itself, or where the Connect worker finds it, such
 *     as <code>${env:DATABASE_PASSWORD}</code>
 */
public record Database(String url, String user, String password, String connectPassword) {
    public Database(String url, String user, String password) {
        this(url, user, password, password);
    }

    /** Reads DATABASE_URL, DATABASE_USER, DATABASE_PASSWORD and CONNECT_DATABASE_PASSWORD; the lab's defaults. */
    static Database of(Map<String, String> environment) {
        String password = environment.getOrDefault("DATABASE_PASSWORD", "lab");
        return new Database(
                environment.getOrDefault("DATABASE_URL", "jdbc:postgresql://localhost:5432/exactly_once"),
                environment.getOrDefault("DATABASE_USER", "lab"),
                password,
                environment.getOrDefault("CONNECT_DATABASE_PASSWORD", password));
    }

    /** Without the password: what is printed or logged. */
    @Override
    public String toString() {
        return user + "@" + url;
    }
}
