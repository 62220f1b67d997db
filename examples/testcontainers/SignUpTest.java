package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

/** The mock server in a container that lives as long as this class. Needs Docker, and the image that "docker build ." makes. */
@Testcontainers
class SignUpTest {
    @Container
    private static final GenericContainer<?> MOCK = new GenericContainer<>("kyc-mock-server:latest")
            .withExposedPorts(8484)
            // Callbacks to localhost are meant for this machine.
            .withEnv("MOCK_SERVER_CALLBACK_REWRITE", "localhost=host.docker.internal")
            .withExtraHost("host.docker.internal", "host-gateway")
            .waitingFor(Wait.forHttp("/__admin/ready").forPort(8484));

    private static String url(String path) {
        return "http://" + MOCK.getHost() + ":" + MOCK.getMappedPort(8484) + path;
    }

    @Test
    void theServerIsThere() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url("/__admin/health"))).build();
        assertEquals(200, HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode());
    }
}
