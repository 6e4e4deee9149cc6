package io.onlyonce.stream;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;

@SpringBootApplication
public class OrderStreamApplication {
    public static void main(String[] args) {
        new SpringApplicationBuilder(OrderStreamApplication.class)
                .initializers(new EarlyStart())
                .run(args);
    }
}
