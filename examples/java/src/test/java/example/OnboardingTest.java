package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import example.MockServerExtension.Account;
import example.Onboarding.Decision;
import example.Onboarding.VendorException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(MockServerExtension.class)
@Execution(ExecutionMode.CONCURRENT)
class OnboardingTest {
    private static final String NOBODY = "http://127.0.0.1:9/callbacks";

    @ParameterizedTest
    @ValueSource(strings = {"Okafor", "O'Brien + Söhne", "Ngāta 🌱"})
    void anOrdinaryCustomerIsApproved(String family, Account account) throws Exception {
        assertEquals(Decision.APPROVED, verify(account, account.secret(), family));
        assertEquals(List.of(), account.refusals());
    }

    @Test
    void aPoliticallyExposedPersonGoesToAReviewer(Account account) throws Exception {
        Map<String, Object> scenario = Map.of(
                "name", "exposed", "match", Map.of("operation", "verify"), "respond", Map.of("outcome", "pep-match"));
        account.control(
                "POST", "scenarios", Map.of("version", 1, "provider", "cloudcheck", "scenarios", List.of(scenario)));
        assertEquals(Decision.REVIEW, verify(account, account.secret(), "Okafor"));
    }

    @Test
    void aWrongSecretIsRefusedAndTheServerSaysWhy(Account account) throws Exception {
        VendorException refused =
                assertThrows(VendorException.class, () -> verify(account, account.secret() + "\n", "Okafor"));
        assertTrue(refused.getMessage().startsWith("106: "), refused.getMessage());
        List<String> reasons = account.refusals();
        assertEquals(1, reasons.size());
        assertTrue(reasons.get(0).contains("line break"), reasons.get(0));
    }

    @Test
    void aReferenceThatIsTooShortIsRefused(Account account) throws Exception {
        VendorException refused = assertThrows(VendorException.class, () -> screen(account, "c-1", NOBODY));
        assertEquals("request.invalid: The reference must be at least 6 characters.", refused.getMessage());
    }

    @Test
    void theCallbackArrivesSigned(Account account) throws Exception {
        BlockingQueue<Boolean> genuine = new LinkedBlockingQueue<>();
        HttpServer receiver = receiver(account.secret(), genuine);
        try {
            String callbackUrl = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/callbacks/shufti";
            assertEquals("verification.accepted", screen(account, "customer-4", callbackUrl));
            JsonNode callbacks = account.control(
                    "GET", "callbacks/wait?reference=customer-4&outcome=delivered&timeout=10s", null);
            assertEquals(200, callbacks.at("/callbacks/0/attempts/0/status").asInt());
            assertEquals(true, genuine.poll(10, TimeUnit.SECONDS));
        } finally {
            receiver.stop(0);
        }
    }

    private static Decision verify(Account account, String secret, String family) throws Exception {
        Map<String, Object> person = Map.of(
                "name", Map.of("given", "Tamsin", "family", family), "dateofbirth", "1987-03-14");
        return Onboarding.verifyPerson(account.url(), account.key(), secret, person, "customer-1");
    }

    private static String screen(Account account, String reference, String callbackUrl) throws Exception {
        Map<String, Object> checks = Map.of(
                "dob", "1979-11-04", "name", Map.of("first_name", "Ingrid", "last_name", "Solvang"));
        return Onboarding.screenPerson(account.url(), account.key(), account.secret(), checks, reference, callbackUrl);
    }

    /** Takes callbacks on a free port; the mock server also looks with a HEAD request whether it is there. */
    private static HttpServer receiver(String secret, BlockingQueue<Boolean> genuine) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (exchange.getRequestMethod().equals("POST")) {
                genuine.add(Onboarding.isGenuine(body, exchange.getRequestHeaders().getFirst("Signature"), secret));
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        return server;
    }
}
