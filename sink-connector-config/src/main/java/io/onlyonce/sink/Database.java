package io.onlyonce.sink;

import java.util.Map;

/** The PostgreSQL database of the sink. The URL is a JDBC URL with its name; the user owns the tables. */
public record Database(String url, String user, String password) {
    /** Reads DATABASE_URL, DATABASE_USER and DATABASE_PASSWORD. The defaults are those of a local stack. */
    static Database of(Map<String, String> environment) {
        return new Database(
                environment.getOrDefault("DATABASE_URL", "jdbc:postgresql://localhost:5432/exactly_once"),
                environment.getOrDefault("DATABASE_USER", "lab"),
                environment.getOrDefault("DATABASE_PASSWORD", "lab"));
    }

    /** Omits the password, because this text is printed and logged. */
    @Override
    public String toString() {
        return user + "@" + url;
    }
}
