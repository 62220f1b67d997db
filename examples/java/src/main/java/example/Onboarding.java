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
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs customers up. It knows nothing of any mock: only base URLs and credentials differ from test to production. */
public final class Onboarding {
    public enum Decision { APPROVED, REVIEW, REJECTED }

    /** The vendor refused the request, or its response was not the vendor's. */
    public static final class VendorException extends RuntimeException {
        VendorException(String message) {
            super(message);
        }
    }

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    private Onboarding() {}

    /** Asks Cloudcheck to verify a person. */
    public static Decision verifyPerson(
            String baseUrl, String key, String secret, Map<String, Object> details, String reference)
            throws IOException, InterruptedException {
        String path = "/verify/";
        SortedMap<String, String> parameters = new TreeMap<>();
        parameters.put("data",
                JSON.writeValueAsString(Map.of("details", details, "reference", reference, "consent", "Yes")));
        parameters.put("key", key);
        parameters.put("nonce", UUID.randomUUID().toString().replace("-", ""));
        parameters.put("timestamp", String.valueOf(System.currentTimeMillis()));
        parameters.put("signature", sign(path, parameters, secret));
        HttpRequest request = HttpRequest.newBuilder(URI.create(baseUrl + path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form(parameters)))
                .build();
        JsonNode answer = JSON.readTree(HTTP.send(request, BodyHandlers.ofByteArray()).body());
        JsonNode verification = answer.path("verification");
        if (verification.has("error")) {
            String message = verification.path("message").asText();
            throw new VendorException(verification.get("error").asText() + ": " + message);
        }
        if (!verification.path("pepMatches").isEmpty()) {
            return Decision.REVIEW;
        }
        return verification.path("verificationSuccess").asBoolean() ? Decision.APPROVED : Decision.REJECTED;
    }

    /** Has Shufti Pro screen a person and returns the event; the decision comes to the callback URL, too. */
    public static String screenPerson(
            String baseUrl, String clientId, String secretKey, Map<String, Object> backgroundChecks, String reference,
            String callbackUrl) throws IOException, InterruptedException {
        byte[] body = JSON.writeValueAsBytes(Map.of(
                "reference", reference, "callback_url", callbackUrl, "background_checks", backgroundChecks));
        String credentials = Base64.getEncoder().encodeToString((clientId + ":" + secretKey).getBytes(UTF_8));
        HttpRequest request = HttpRequest.newBuilder(URI.create(baseUrl + "/"))
                .header("Content-Type", "application/json")
                .header("Authorization", "Basic " + credentials)
                .POST(BodyPublishers.ofByteArray(body))
                .build();
        HttpResponse<byte[]> response = HTTP.send(request, BodyHandlers.ofByteArray());
        JsonNode answer = JSON.readTree(response.body());
        if (answer.hasNonNull("error")) {
            throw new VendorException(answer.path("event").asText() + ": " + answer.at("/error/message").asText());
        }
        if (!isGenuine(response.body(), response.headers().firstValue("Signature").orElse(""), secretKey)) {
            throw new VendorException("the signature of the response is wrong");
        }
        return answer.path("event").asText();
    }

    /** Whether Shufti Pro sent these bytes: SHA-256 over the body and the hashed secret key. */
    public static boolean isGenuine(byte[] body, String signature, String secretKey) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            String hashedKey = HexFormat.of().formatHex(sha256.digest(secretKey.getBytes(UTF_8)));
            sha256.update(body);
            String expected = HexFormat.of().formatHex(sha256.digest(hashedKey.getBytes(UTF_8)));
            return MessageDigest.isEqual(expected.getBytes(UTF_8), signature.getBytes(UTF_8));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException(missing);
        }
    }

    private static String sign(String path, SortedMap<String, String> parameters, String secret) {
        String canonical = path + parameters.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue() + ";")
                .collect(Collectors.joining());
        try {
            Mac hmac = Mac.getInstance("HmacSHA256");
            hmac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(hmac.doFinal(canonical.getBytes(UTF_8)));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException(missing);
        }
    }

    private static String form(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
    }
}
