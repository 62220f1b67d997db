// Signs each job of a JSON file with Java's own means, as the job says, and prints signature and form.
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParser;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.*;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Sign {
    static final ObjectMapper MAPPER = new ObjectMapper();
    static final ObjectMapper ORDERED = JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();
    static final ObjectMapper ASCII = JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    static final Gson GSON = new Gson();

    static String altered(String text, String op) throws Exception {
        return switch (op) {
            case "Jackson" -> MAPPER.writeValueAsString(MAPPER.readTree(text));
            case "Jackson sorted" -> ORDERED.writeValueAsString(MAPPER.readValue(text, Map.class));
            case "Jackson pretty" -> MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(MAPPER.readTree(text));
            case "Jackson with ESCAPE_NON_ASCII" -> ASCII.writeValueAsString(MAPPER.readTree(text));
            case "Gson of a JsonElement" -> GSON.toJson(JsonParser.parseString(text));
            case "Gson of a Map" -> GSON.toJson(GSON.fromJson(text, Map.class));
            case "Gson with disableHtmlEscaping" -> new GsonBuilder().disableHtmlEscaping().create().toJson(JsonParser.parseString(text));
            case "Gson pretty" -> new GsonBuilder().setPrettyPrinting().create().toJson(JsonParser.parseString(text));
            case "org.json" -> new org.json.JSONObject(text).toString();
            case "Map.toString" -> MAPPER.readValue(text, LinkedHashMap.class).toString();
            case "writeValueAsString twice" -> MAPPER.writeValueAsString(text);
            case "URLEncoder" -> URLEncoder.encode(text, StandardCharsets.UTF_8);
            case "trim" -> text.trim();
            case "println" -> text + "\n";
            case "Normalizer" -> Normalizer.normalize(text, Normalizer.Form.NFD);
            case "Base64" -> Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
            case "null" -> String.valueOf((Object) null);
            case "toLowerCase" -> text.toLowerCase(Locale.ROOT);
            default -> throw new IllegalArgumentException(op);
        };
    }

    static byte[] mac(String name, byte[] text, byte[] key) throws Exception {
        if (name.startsWith("hmac") || name.equals("swapped")) {
            String algorithm = Map.of("hmac", "HmacSHA256", "hmac-sha1", "HmacSHA1", "hmac-sha512", "HmacSHA512", "hmac-md5", "HmacMD5", "swapped", "HmacSHA256").get(name);
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(name.equals("swapped") ? text : key, algorithm));
            return mac.doFinal(name.equals("swapped") ? key : text);
        }
        MessageDigest digest = MessageDigest.getInstance(name.endsWith("sha512") ? "SHA-512" : name.endsWith("sha1") ? "SHA-1" : "SHA-256");
        if (name.startsWith("prepend")) digest.update(key);
        digest.update(text);
        if (name.startsWith("append")) digest.update(key);
        return digest.digest();
    }

    static String written(String name, byte[] digest) {
        return switch (name) {
            case "hex" -> HexFormat.of().formatHex(digest);
            case "upper" -> HexFormat.of().withUpperCase().formatHex(digest);
            case "base64" -> Base64.getEncoder().encodeToString(digest);
            case "BigInteger" -> new BigInteger(1, digest).toString(16);
            case "toHexString" -> { StringBuilder text = new StringBuilder(); for (byte each : digest) text.append(Integer.toHexString(0xff & each)); yield text.toString(); }
            case "signed" -> { StringBuilder text = new StringBuilder(); for (byte each : digest) text.append(Integer.toHexString(each)); yield text.toString(); }
            case "Arrays.toString" -> Arrays.toString(digest);
            case "toString" -> "[B@" + Integer.toHexString(digest.length * 7919);
            default -> throw new IllegalArgumentException(name);
        };
    }

    public static void main(String[] arguments) throws Exception {
        for (JsonNode job : MAPPER.readTree(Files.readString(Path.of(arguments[0])))) {
            String text = job.get("text").asText();
            for (JsonNode op : job.get("texts")) text = altered(text, op.asText());
            JsonNode form = job.get("form");
            List<String[]> sent = new ArrayList<>();
            if (form.isObject()) {
                List<String[]> fields = new ArrayList<>();
                for (JsonNode field : form.get("fields")) {
                    String name = field.get(0).asText(), value = field.get(1).asText();
                    sent.add(new String[] {name, value});
                    String signed = name.equals("data") ? text : value;
                    fields.add(new String[] {name, form.get("values").asText().equals("encoded") ? URLEncoder.encode(signed, StandardCharsets.UTF_8) : signed});
                }
                if (form.has("file")) {
                    byte[] content = Base64.getDecoder().decode(job.get("upload").get("base64").asText());
                    Path path = Path.of("uploads", job.get("upload").get("filename").asText());
                    fields.add(new String[] {"file", form.get("file").asText().equals("content") ? new String(content, StandardCharsets.UTF_8) : path.getFileName().toString()});
                }
                if (form.get("sorted").asBoolean()) fields.sort(Comparator.comparing(field -> field[0]));
                text = form.get("path").asText() + form.get("lead").asText()
                    + fields.stream().map(field -> field[0] + form.get("equals").asText() + field[1]).collect(Collectors.joining(form.get("between").asText()))
                    + form.get("last").asText();
            }
            Charset charset = Map.of("utf-8", StandardCharsets.UTF_8, "latin-1", StandardCharsets.ISO_8859_1, "ascii", StandardCharsets.US_ASCII, "utf-16", StandardCharsets.UTF_16).get(job.get("charset").asText());
            byte[] key = job.get("secret").asText().getBytes(StandardCharsets.UTF_8);
            if (job.get("key").asText().equals("sha256")) key = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key)).getBytes(StandardCharsets.UTF_8);
            if (job.get("key").asText().equals("bytes")) key = MessageDigest.getInstance("SHA-256").digest(key);
            String signature = written(job.get("digest").asText(), mac(job.get("mac").asText(), text.getBytes(charset), key));
            sent.add(new String[] {"signature", signature});
            String wire = sent.stream().map(field -> URLEncoder.encode(field[0], StandardCharsets.UTF_8) + "=" + URLEncoder.encode(field[1], StandardCharsets.UTF_8)).collect(Collectors.joining("&"));
            System.out.println(MAPPER.writeValueAsString(Map.of("id", job.get("id").asInt(), "signature", signature, "wire", form.isObject() ? wire : "")));
        }
    }
}
