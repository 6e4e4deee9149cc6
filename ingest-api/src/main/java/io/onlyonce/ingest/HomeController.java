package io.onlyonce.ingest;

import io.swagger.v3.oas.annotations.Hidden;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.view.RedirectView;

/** A browser that comes without a path is shown what there is. */
@RestController
@Hidden
final class HomeController {
    @GetMapping("/")
    RedirectView home() {
        return new RedirectView("/docs");
    }
}
