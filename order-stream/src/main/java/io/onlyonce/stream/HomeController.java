package io.onlyonce.stream;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.view.RedirectView;

/** A browser that comes without a path is shown what runs here. */
@RestController
final class HomeController {
    @GetMapping("/")
    RedirectView home() {
        return new RedirectView("/topology");
    }
}
