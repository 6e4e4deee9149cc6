package io.onlyonce.bench.sink;

import io.onlyonce.platform.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The table {@code orders}. */
final class OrdersTable implements AutoCloseable {
    private final Connection connection;

    OrdersTable(PostgresServer postgres) throws SQLException {
        connection = connect(postgres);
        // Parallel workers would take processor time from the candidates.
        execute("SET max_parallel_workers_per_gather = 0");
    }

    static Connection connect(PostgresServer postgres) throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
    }

    long rows() throws SQLException {
        return number("SELECT count(*) FROM orders");
    }

    /** Returns a checksum of the rows that does not depend on their order. */
    long checksum() throws SQLException {
        return number("SELECT sum(hashtext(orders::text)) FROM orders");
    }

    void truncate() throws SQLException {
        execute("TRUNCATE orders");
    }

    private long number(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private void execute(String command) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(command);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
