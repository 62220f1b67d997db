package example;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The KYC mock server for JUnit 5: {@code @ExtendWith(MockServerExtension.class)}, and a parameter {@link Account}.
 *
 * <p>Uses the server that MOCK_SERVER_URL names; without it, starts {@code mock-server} once for the whole run. Each
 * test has an account named after it, empty at its start, so tests may run at once. A failed test prints what the
 * server refused and why. Runs that share a server need a prefix: {@code -Dmock.account.prefix=job-17}.
 */
public final class MockServerExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(MockServerExtension.class);
    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public void beforeEach(ExtensionContext context) throws IOException, InterruptedException {
        Store run = context.getRoot().getStore(NAMESPACE);
        Server server = run.getOrComputeIfAbsent(Server.class, key -> Server.find(), Server.class);
        String id = UUID.nameUUIDFromBytes(context.getUniqueId().getBytes(UTF_8)).toString().substring(0, 8);
        String prefix = context.getConfigurationParameter("mock.account.prefix").map(value -> value + "-").orElse("");
        String test = context.getRequiredTestMethod().getName();
        Account account = new Account(server.url(), "test-" + prefix + test + "-" + id);
        account.control("POST", "reset", null);
        context.getStore(NAMESPACE).put(Account.class, account);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isEmpty()) {
            return;
        }
        Account account = context.getStore(NAMESPACE).get(Account.class, Account.class);
        if (account == null) {
            return;
        }
        System.err.println("mock server, account " + account.name() + ", refused in " + context.getDisplayName() + ":");
        try {
            List<String> refusals = account.refusals();
            (refusals.isEmpty() ? List.of("nothing") : refusals).forEach(reason -> System.err.println("  " + reason));
        } catch (IOException | InterruptedException | RuntimeException unreachable) {
            System.err.println("  unknown: " + account.url() + " does not answer (" + unreachable + ")");
        }
        String name = URLEncoder.encode(account.name(), UTF_8);
        System.err.println("  dashboard: " + account.url() + "/__admin/ui/?account=" + name);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Account.class && context.getTestMethod().isPresent();
    }

    @Override
    public Account resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(NAMESPACE).get(Account.class, Account.class);
    }

    /** An account of a test's own: the credentials to give the application, and the control API. */
    public record Account(String url, String name) {
        /** Cloudcheck's key and Shufti Pro's client ID. */
        public String key() {
            return name;
        }

        /** Cloudcheck's secret and Shufti Pro's secret key. */
        public String secret() {
            return name + "-secret";
        }

        /** What the server refused of this account, oldest first: request, error, cause and fix. */
        public List<String> refusals() throws IOException, InterruptedException {
            List<String> reasons = new ArrayList<>();
            for (JsonNode request : control("GET", "requests/unmatched", null).path("requests")) {
                String id = request.path("id").asText();
                reasons.add(0, control("GET", "requests/%s/explain".formatted(id), null).path("reason").asText());
            }
            return reasons;
        }

        /** Calls the control API for this account; null: without a body. */
        public JsonNode control(String method, String path, Object body) throws IOException, InterruptedException {
            String separator = path.contains("?") ? "&" : "?";
            URI target = URI.create(url + "/__admin/" + path + separator + "account=" + URLEncoder.encode(name, UTF_8));
            HttpRequest.Builder request = HttpRequest.newBuilder(target).timeout(REQUEST_TIMEOUT);
            String token = System.getenv("MOCK_SERVER_ADMIN_TOKEN");
            if (token != null) {
                request.header("Authorization", "Bearer " + token);
            }
            if (body == null) {
                request.method(method, BodyPublishers.noBody());
            } else {
                request.header("Content-Type", "application/json");
                request.method(method, BodyPublishers.ofString(JSON.writeValueAsString(body)));
            }
            HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
            if (response.statusCode() >= 400) {
                String answer = response.statusCode() + " " + response.body();
                throw new IllegalArgumentException(method + " " + target + ": " + answer);
            }
            return JSON.readTree(response.body());
        }
    }

    /** The server of the run. Without a process it is somebody else's, and stays. */
    private record Server(String url, Process process) implements Store.CloseableResource {
        static Server find() {
            String url = System.getenv("MOCK_SERVER_URL");
            return url == null || url.isBlank() ? start() : new Server(url.replaceAll("/+$", ""), null);
        }

        @Override
        public void close() throws InterruptedException {
            if (process != null) {
                process.destroy();
                process.waitFor();
            }
        }

        private static Server start() {
            try {
                Path folder = Files.createTempDirectory("mock-server");
                Path portFile = folder.resolve("port");
                Path log = folder.resolve("log");
                List.of(folder, portFile, log).forEach(path -> path.toFile().deleteOnExit());
                Process process = new ProcessBuilder(
                        "mock-server", "serve", "--port", "0", "--port-file", portFile.toString(), "--no-watch")
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
                Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
                return new Server("http://127.0.0.1:" + port(process, portFile, log), process);
            } catch (IOException missing) {
                throw new IllegalStateException(
                        "cannot run mock-server (" + missing.getMessage() + "); install it with "
                                + "pip install kyc-mock-server, or name a running server in MOCK_SERVER_URL", missing);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while mock-server starts", interrupted);
            }
        }

        private static int port(Process process, Path portFile, Path log) throws IOException, InterruptedException {
            long end = System.nanoTime() + START_TIMEOUT.toNanos();
            while (process.isAlive() && System.nanoTime() < end) {
                String text = Files.exists(portFile) ? Files.readString(portFile).strip() : "";
                if (!text.isEmpty()) {
                    return Integer.parseInt(text);
                }
                Thread.sleep(20);
            }
            process.destroy();
            throw new IllegalStateException("mock-server did not start:\n" + Files.readString(log));
        }
    }
}
