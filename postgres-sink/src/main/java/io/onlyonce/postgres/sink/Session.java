package io.onlyonce.postgres.sink;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** One connection to the database. Not thread-safe. */
final class Session implements AutoCloseable {
    private final Connection connection;

    private Session(Connection connection) {
        this.connection = connection;
    }

    /** Opens a connection without auto-commit. Its time zone is UTC. */
    static Session open(PostgresSinkConfig config) throws SQLException {
        // DriverManager cannot find a driver that the class loader of a plugin has loaded.
        Connection connection = new Driver().connect(config.url(), config.connectionProperties());
        if (connection == null) {
            throw new SQLException(PostgresSinkConfig.URL + " is not a URL of PostgreSQL: " + config.url());
        }
        try {
            connection.setAutoCommit(false);
            // The conditions on the offset table must apply to rows that a concurrent claim has changed.
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET TIME ZONE 'UTC'");
                // A task that is frozen inside a transaction must not block the task that replaces it.
                statement.execute("SET idle_in_transaction_session_timeout = " + config.lockTimeoutMs());
                // A default of the role could interrupt every attempt to write a large batch.
                statement.execute("SET statement_timeout = 0");
                statement.execute("SET lock_timeout = " + config.lockTimeoutMs());
            }
            connection.commit();
            return new Session(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    Connection connection() {
        return connection;
    }

    CopyManager copy() throws SQLException {
        return connection.unwrap(PGConnection.class).getCopyAPI();
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    void commit() throws SQLException {
        connection.commit();
    }

    void rollback() throws SQLException {
        connection.rollback();
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The connection is already broken, so this error has no effect.
        }
    }
}
